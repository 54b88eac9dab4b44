"""Write the lock file of an edition: every package with its version and the hash of its file.

    python lock.py cpu|cuda > locks/SYSTEM-MACHINE-EDITION.txt

Asks pip what it would install here; the file names no host, so it serves behind any mirror.
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


def resolved(edition: str) -> list[dict]:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    own = [name for name in wanted if not name.startswith(("torch", "timm"))]
    timm = [name for name in wanted if name.startswith("timm")]
    found = _asked([*own, *TORCH[edition], *TOOLS, "pyyaml"])
    known = {entry["metadata"]["name"] for entry in found}
    return found + [entry for entry in _asked(["--no-deps", *timm]) if entry["metadata"]["name"] not in known]


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
    for entry in resolved(sys.argv[1]):
        name, version = entry["metadata"]["name"].lower().replace("_", "-"), entry["metadata"]["version"]
        if name not in NEVER_NEEDED:
            digest = entry["download_info"]["archive_info"]["hashes"]["sha256"]
            lines.append(f"{name}=={version.split('+')[0]} --hash=sha256:{digest}")
    print(f"# The {sys.argv[1]} edition's packages; made by packaging/bundle/lock.py")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
