"""Put on this machine what the tests need beyond Python: `python -m tests.install`, Debian and Ubuntu, as root.

Elsewhere it says in one line what is missing and how to run the part that needs none of it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") for name in names)


def _file(pattern: str) -> Callable[[], bool]:
    return lambda: any(Path("/").glob(pattern.lstrip("/")))


NEEDS: dict[str, Callable[[], bool]] = {
    "postgresql": _file("/usr/lib/postgresql/*/bin/postgres"),
    "rabbitmq-server": _file("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    "nginx-light": _program("nginx"),
    "chromium": _program("chromium", "chromium-browser", "google-chrome"),
    "ffmpeg": _program("ffmpeg"),
    "zbar-tools": _program("zbarimg"),
    "poppler-utils": _program("pdftoppm"),
    "libical3": lambda: find_library("ical") is not None or _file("/usr/lib/*/libical.so.3")(),
    "fonts-noto-core": _file("/usr/share/fonts/truetype/noto/NotoSansArabic*"),
}


def main() -> int:
    """Install what is missing, or say so."""
    missing = [package for package, is_there in NEEDS.items() if not is_there()]
    if missing and os.getuid() == 0 and shutil.which("apt-get"):
        print("Installing " + ", ".join(missing), flush=True)
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *missing)
        missing = [package for package in missing if not NEEDS[package]()]
    if missing:
        print(
            f"The tests need {', '.join(missing)} (Debian: apt-get install {' '.join(missing)}); "
            "`make test-embedded` runs the part without them.",
            file=sys.stderr,
        )
        return 1
    return 0


def _apt(*arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "-q", *arguments], env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip()[-600:], file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
