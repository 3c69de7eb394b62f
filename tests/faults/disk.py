"""A small disk for the embedded run, which can be filled to the last byte."""

import os
import subprocess
from pathlib import Path

MEBIBYTES = 192
CHUNK = bytes(1 << 16)


class DiskMissing(Exception):
    """Only root may mount one."""


class SmallDisk:
    """A tmpfs of its own. Without the right to mount it is a plain folder, and `is_real` is False."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_real = False

    def __enter__(self) -> "SmallDisk":
        self.folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m", "werktor-faults", str(self.folder)]
        self.is_real = os.getuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_real:
            subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)

    def fill(self) -> None:
        """Until nothing more fits, not even one byte."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            for chunk in (CHUNK, b"x"):
                try:
                    while filler.write(chunk):
                        pass
                except OSError:
                    continue

    def empty(self) -> None:
        """There is space again."""
        (self.folder / "filler").unlink(missing_ok=True)
