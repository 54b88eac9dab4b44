"""Results published to an object store or any other place that fsspec reaches: s3://, gs://, memory://, file:// …

The work is done in a folder here. Finished pieces go up while it runs, tables at the end; what the store
holds already is not sent again, and another computer that goes on takes the pieces down first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import platformdirs

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.whole_file import replaced

PIECES = "cache"
MANIFEST = "manifest.json"
EVERY_SECONDS = 60.0


def is_address(out: str) -> bool:
    """Whether results go to a store, not to a folder: an address has a protocol, C:\\results none."""
    protocol, mark, _ = out.partition("://")
    return bool(mark) and protocol.replace("+", "").isalnum()


def working_folder(address: str) -> Path:
    """Where the work for an address is done unless somebody says: the same for every run on this computer."""
    digest = hashlib.sha256(address.rstrip("/").encode()).hexdigest()
    return platformdirs.user_cache_path("cxr-desktop") / "evaluations" / digest[:16]


@dataclass
class ObjectStore:
    """address: as fsspec has it. folder: where the work is done. Foreign errors are raised as ExportError."""

    address: str
    folder: Path
    _files: Any = field(init=False, repr=False)
    _root: str = field(init=False, repr=False)
    _there: set[str] = field(init=False, repr=False)
    _last: float = field(init=False, repr=False, default_factory=monotonic)

    def __post_init__(self) -> None:
        """Looks into the store, so that one that cannot be reached is told before the work."""
        self._files, self._root = _reached(self.address)
        with _Told(self.address):
            self._there = {self._within(name) for name in self._files.find(self._root)}

    def fetch_pieces(self) -> int:
        """Take down the finished pieces that are not here; returns how many."""
        wanted = [name for name in sorted(self._there) if name.startswith(f"{PIECES}/")]
        missing = [name for name in wanted if not (self.folder / name).exists()]
        for name in missing:
            target = self.folder / name
            with _Told(self.address):
                target.parent.mkdir(parents=True, exist_ok=True)
                with replaced(target) as partial:
                    partial.write_bytes(self._files.cat_file(self._at(name)))
        return len(missing)

    def publish_pieces(self) -> int:
        """Send up the pieces that the store has not; a piece's name tells its content. Returns how many."""
        here = (self.folder / PIECES).glob("*.json")
        return self._send(
            name for path in sorted(here) if (name := f"{PIECES}/{path.name}") not in self._there
        )

    def publish_now_and_then(self) -> None:
        """`publish_pieces`, once a minute at most."""
        if monotonic() - self._last >= EVERY_SECONDS:
            self.publish_pieces()
            self._last = monotonic()

    def publish(self) -> int:
        """Send up pieces and results that are new or other than the store's, the list of both last.

        Returns how many results were sent.
        """
        self.publish_pieces()
        sums = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.iterdir())
            if path.is_file() and path.name != MANIFEST and not path.name.startswith(".")
        }
        known = self._manifest()
        sent = self._send(
            name for name, digest in sums.items() if name not in self._there or known.get(name) != digest
        )
        listed = json.dumps({"sha256": sums}, indent=1, sort_keys=True) + "\n"
        (self.folder / MANIFEST).write_text(listed, encoding="utf-8", newline="\n")
        if known != sums:
            self._send([MANIFEST])
        return sent

    def _manifest(self) -> Mapping[str, str]:
        """What the store says of its results; nothing where it says nothing, so that all are sent."""
        if MANIFEST not in self._there:
            return {}
        with _Told(self.address):
            content = self._files.cat_file(self._at(MANIFEST))
        try:
            return dict(json.loads(content)["sha256"])
        except (ValueError, KeyError, TypeError):
            return {}

    def _send(self, names: Iterable[str]) -> int:
        count = 0
        for name in names:
            with _Told(self.address):
                self._files.makedirs(self._at(name).rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(self._at(name), (self.folder / name).read_bytes())
            self._there.add(name)
            count += 1
        return count

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _within(self, name: str) -> str:
        return name[len(self._root) :].lstrip("/")


class _Told:
    """Whatever a store's library raises on a call becomes an ExportError with the address."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        # every store has its own errors, of no common kind
        if isinstance(error, Exception) and not isinstance(error, ExportError):
            raise ExportError(
                f"{self._address} cannot be read or written ({type(error).__name__}: {error}); check the address and "
                "the right to it. What is finished is kept here; the same command with --resume goes on"
            ) from error


def _reached(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ExportError("--out with an address needs fsspec: pip install fsspec") from error
    try:
        files, root = url_to_fs(address)
    except ImportError as error:
        raise ExportError(
            f"{address}: {error}; for s3:// that is pip install 'cxr-desktop[s3]', or choose a folder as --out"
        ) from error
    except ValueError as error:
        raise ExportError(f"{address} is no address that fsspec knows ({error})") from error
    return files, root.rstrip("/")
