"""Two model packages of a model's folder:  python model_package.py MODEL TARGET

TARGET/again.zip: the same under the name 'again'. TARGET/altered.zip: that with one byte of its weights changed.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path


def main() -> None:
    model, target = Path(sys.argv[1]), Path(sys.argv[2])
    for name in ("again", "altered"):
        with zipfile.ZipFile(target / f"{name}.zip", "w") as archive:
            for path in sorted(model.iterdir()):
                content = path.read_bytes()
                if path.name == "model.toml":
                    text = content.decode("utf-8")
                    content = re.sub(r'(?m)^name = ".*"', f'name = "{name}"', text, count=1).encode()
                if name == "altered" and path.suffix == ".safetensors":
                    content = content[:-1] + bytes([content[-1] ^ 1])
                archive.writestr(f"{name}/{path.name}", content)


if __name__ == "__main__":
    main()
