"""Bring the few third-party browser files into the repository, and prove that they are unchanged.

    python -m deploy.vendor           fetch with `npm pack`, compare sha512, copy, write vendor.lock.json
    python -m deploy.vendor --check   compare the copied files with vendor.lock.json; needs no network

A new version is one edited line in PACKAGES: its `integrity` is what `npm view <name>@<version> dist.integrity` says.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
LOCK = Path(__file__).with_name("vendor.lock.json")
LAYOUT = "shared/http/layout/static"
SCANNER = "services/registration/web/static/vendor"
POSTER = "services/events/web/fonts"


@dataclass(frozen=True)
class Package:
    """One npm package: what it must hash to, and where which of its files go."""

    name: str
    version: str
    integrity: str
    files: dict[str, str]


PACKAGES = (
    Package(
        name="@fontsource-variable/figtree",
        version="5.3.0",
        integrity="sha512-VRVodD7OiG7apQwE8/2fMjaqpY/a0qRJqL5HtYj8CKIVps+9amaFcdfKmDIf7iqYQx6iPLlArVXAfKeIZmVcNQ==",
        files={
            "package/files/figtree-latin-wght-normal.woff2": f"{LAYOUT}/figtree-latin.woff2",
            "package/files/figtree-latin-ext-wght-normal.woff2": f"{LAYOUT}/figtree-latin-ext.woff2",
            "package/LICENSE": f"{LAYOUT}/figtree.LICENSE.txt",
        },
    ),
    Package(
        name="zxing-wasm",
        version="3.1.4",
        integrity="sha512-1+v8p7sauddySVNG+ye7GD/0TS95BG2ycdkrC+EnBrFBFkHeIghzUt2yVjtx3NucJeNrQnhT8yGAIz60Vx9o0w==",
        files={
            "package/dist/iife/reader/index.js": f"{SCANNER}/zxing_reader.js",
            "package/dist/reader/zxing_reader.wasm": f"{SCANNER}/zxing_reader.wasm",
            "package/LICENSE": f"{SCANNER}/zxing-wasm.LICENSE.txt",
        },
    ),
    Package(
        name="@expo-google-fonts/noto-sans",
        version="0.4.2",
        integrity="sha512-zYD8G2ijWLxqmquoQgghNh/x9p0yxWwArD0oxO1oXY1qx5vOd4t0Kbhnu/Cx8RTy08OgA8RtxuULZFaXwVPnPw==",
        files={
            "package/400Regular/NotoSans_400Regular.ttf": f"{POSTER}/NotoSans-Regular.ttf",
            "package/700Bold/NotoSans_700Bold.ttf": f"{POSTER}/NotoSans-Bold.ttf",
            "package/LICENSE_FONT": f"{POSTER}/NotoSans.LICENSE.txt",
        },
    ),
    Package(
        name="@expo-google-fonts/noto-sans-arabic",
        version="0.4.3",
        integrity="sha512-YvtxyuegxPegu2g5urXJ+gQxRp8i798nQswTmEjwXOWR/fqy0Gvey6h5IoNRBrc43SxRxPezqCiR9ivpfPAXSg==",
        files={
            "package/400Regular/NotoSansArabic_400Regular.ttf": f"{POSTER}/NotoSansArabic-Regular.ttf",
            "package/700Bold/NotoSansArabic_700Bold.ttf": f"{POSTER}/NotoSansArabic-Bold.ttf",
            "package/LICENSE_FONT": f"{POSTER}/NotoSansArabic.LICENSE.txt",
        },
    ),
)


class Entry(TypedDict):
    """One package in the lock file; files are path -> sha256."""

    name: str
    version: str
    integrity: str
    files: dict[str, str]


class VendorFault(Exception):
    """A file or an archive is not the one that was reviewed."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every file is what it must be."""
    parser = argparse.ArgumentParser(description="Vendored browser files")
    parser.add_argument("--check", action="store_true", help="only compare with the lock file, without network")
    wish = parser.parse_args(arguments)
    try:
        if not wish.check:
            LOCK.write_text(json.dumps([fetch(package) for package in PACKAGES], indent=2) + "\n", encoding="utf-8")
        check(json.loads(LOCK.read_text(encoding="utf-8")), root=ROOT)
    except VendorFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


def check(lock: list[Entry], *, root: Path) -> None:
    """Raise VendorFault naming every file that is missing or differs, and every package that was not fetched."""
    locked = [(entry["name"], entry["version"], entry["integrity"]) for entry in lock]
    if locked != [(package.name, package.version, package.integrity) for package in PACKAGES]:
        raise VendorFault("vendor.lock.json is older than PACKAGES: run python -m deploy.vendor")
    wanted = {path: digest for entry in lock for path, digest in entry["files"].items()}
    faults = [path for path, digest in wanted.items() if _sha256(root / path) != digest]
    if faults:
        raise VendorFault("changed or missing: " + ", ".join(faults))


def fetch(package: Package) -> Entry:
    """Copy the package's files into the tree; answers its entry of the lock file."""
    with tempfile.TemporaryDirectory() as folder:
        archive = _packed(package, Path(folder))
        with tarfile.open(archive) as tar:
            contents = {target: _member(tar, source) for source, target in package.files.items()}
    for target, content in contents.items():
        (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / target).write_bytes(content)
    files = {target: _sha256(ROOT / target) for target in contents}
    return {"name": package.name, "version": package.version, "integrity": package.integrity, "files": files}


def _packed(package: Package, folder: Path) -> Path:
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if package.integrity != f"sha512-{digest}":
        raise VendorFault(f"{package.name}@{package.version}: the archive's sha512 is {digest}, which nobody reviewed")
    return archive


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise VendorFault(f"{name} is not a file")
    return member.read()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


if __name__ == "__main__":
    sys.exit(main())
