"""Write the lock file of an edition: every package with its version and the hash of its file.

    python lock.py cpu|cuda > locks/linux-x86_64-EDITION.txt
    python lock.py cpu windows-amd64|darwin-arm64 > locks/SYSTEM-cpu.txt

Asks pip what it would install here; the file names no host, so it serves behind any mirror. The other systems
get the versions of the Linux lock, by the hashes of their own files.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("pyinstaller==6.22.3", "pyinstaller-hooks-contrib==2026.9")
TORCH = {
    "cpu": ("torch==2.13.0", "torchvision==0.28.0"),
    "cuda": ("torch==2.14.1", "torchvision==0.29.1"),
}
NEVER_NEEDED = ("huggingface-hub", "pyjpegls")
"""timm asks for the first to fetch weights, highdicom for the second to write JPEG-LS; the program does neither."""

OTHERS = {
    "windows-amd64": (("win_amd64",), ("pefile", "pywin32-ctypes", "colorama")),
    "darwin-arm64": (
        (
            *(
                f"macosx_{version}_0_{kind}"
                for version in (11, 12, 13, 14)
                for kind in ("arm64", "universal2")
            ),
            *(f"macosx_10_{version}_universal2" for version in range(9, 16)),
        ),
        ("macholib",),
    ),
}
"""Of each other system the tags of its wheels, and what PyInstaller needs there besides."""


def resolved(edition: str) -> list[dict]:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    own = [name for name in wanted if not name.startswith(("torch", "timm"))]
    timm = [name for name in wanted if name.startswith("timm")]
    found = _asked([*own, *TORCH[edition], *TOOLS, "pyyaml"])
    known = {entry["metadata"]["name"] for entry in found}
    return found + [entry for entry in _asked(["--no-deps", *timm]) if entry["metadata"]["name"] not in known]


def elsewhere(system: str) -> list[dict]:
    """The packages of the Linux lock as they are on another system."""
    lock = Path(__file__).with_name("locks") / "linux-x86_64-cpu.txt"
    locked = [line.split(" ")[0] for line in lock.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    tags, more = OTHERS[system]
    wheels = [part for tag in tags for part in ("--platform", tag)]
    chosen = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp"]
    return _asked([*chosen, *wheels, "--target", "never-written", *locked, *more])


def _asked(arguments: list[str]) -> list[dict]:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--quiet",
        "--report",
        "-",
    ]
    answer = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)["install"]


def main() -> None:
    lines = []
    found = elsewhere(sys.argv[2]) if len(sys.argv) > 2 else resolved(sys.argv[1])
    for entry in found:
        name, version = entry["metadata"]["name"].lower().replace("_", "-"), entry["metadata"]["version"]
        if name not in NEVER_NEEDED:
            digest = entry["download_info"]["archive_info"]["hashes"]["sha256"]
            lines.append(f"{name}=={version.split('+')[0]} --hash=sha256:{digest}")
    print(f"# The {sys.argv[1]} edition's packages; made by packaging/bundle/lock.py")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
