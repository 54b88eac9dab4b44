"""`doctor`: whether this installation has all it needs, with the cure for what it lacks."""

from __future__ import annotations

import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cxr_desktop import __version__
from cxr_desktop.app import data_folder, display_problem
from cxr_desktop.classifiers import available_models, broken_models
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.intact import altered, frozen_folder
from cxr_desktop.dicom import missing_decoders
from cxr_desktop.domain.errors import CxrError, PolicyError
from cxr_desktop.policy import policy_path, read_policy

PACKAGES = (
    "torch", "torchvision", "timm", "pydicom", "PySide6-Essentials", "reportlab",
    "numpy", "scipy", "pillow", "safetensors", "highdicom", "dicom-anonymizer", "imagecodecs",
    "pynetdicom", "dicomweb-client", "cryptography", "pypdfium2",
)  # fmt: skip
_AGAIN = "install CXR Desktop again; readings and settings stay"
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Check:
    """cure: what to do, empty where nothing is wrong. vital: the program cannot do its job without it."""

    name: str
    found: str
    cure: str = ""
    vital: bool = True


def run(console: Console) -> int:
    checks: list[Check] = []
    for examine in _EXAMINATIONS:
        with suppress(PolicyError):  # `_policy` tells
            checks.extend(examine())
    for check in checks:
        mark = "ok  " if not check.cure else "FAIL" if check.vital else "note"
        console.say(f"{mark} {check.name:18} {check.found}")
        if check.cure:
            console.note(f"{check.name}: {check.cure}")
    console.document([asdict(check) for check in checks])
    return 1 if any(check.cure and check.vital for check in checks) else 0


def _versions() -> Iterator[Check]:
    yield Check("cxr-desktop", f"{__version__} on Python {platform.python_version()}, {platform.platform()}")
    for name in PACKAGES:
        try:
            yield Check(name, version(name))
        except PackageNotFoundError:
            yield Check(name, "missing", _install(name))


def _install(name: str) -> str:
    return _AGAIN if frozen_folder() else f"install it: pip install {name}"


def _files() -> Iterator[Check]:
    folder = frozen_folder()
    if folder is None or sys.platform == "darwin":  # macOS compares with the signature itself
        return
    try:
        count, found = altered(folder)
    except OSError as error:
        yield Check("files", f"the list of files cannot be read ({error})", _AGAIN)
        return
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    if found:
        yield Check("files", f"{len(found)} of {count} differ: {', '.join(found[:_NAMED])}{more}", _AGAIN)
    else:
        yield Check("files", f"all {count} as built")


def _policy() -> Iterator[Check]:
    try:
        policy = read_policy()
    except PolicyError as error:
        yield Check("policy", "damaged", str(error))
    else:
        yield Check("policy", str(policy.path) if policy.path else f"none ({policy_path()} is not there)")


def _devices() -> Iterator[Check]:
    try:
        from cxr_desktop.classifiers import devices

        for device in devices():
            yield Check("device", f"{device.name}: {device.description}")
        yield from _driver()
    except (ImportError, OSError) as error:
        yield Check("device", "none", f"torch cannot be loaded ({error}); {_install('torch')}")


def _driver() -> Iterator[Check]:
    """A torch for GPUs on a machine that shows none."""
    import torch

    if torch.version.cuda and not torch.cuda.is_available():
        cure = (
            f"the CPU is used; for a GPU install NVIDIA's driver for CUDA {torch.version.cuda} or newer "
            "(Debian: apt install nvidia-driver) and start the computer anew"
        )
        yield Check("GPU driver", "none", cure, vital=False)


def _decoders() -> Iterator[Check]:
    missing = missing_decoders()
    if not missing:
        yield Check("decoders", "all transfer syntaxes")
    for syntax, packages in missing.items():
        yield Check("decoders", f"{syntax} cannot be read", _install(" ".join(packages)))


def _store() -> Iterator[Check]:
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as probe:
            sqlite3.connect(Path(probe) / "probe.sqlite").close()
    except (OSError, sqlite3.Error) as error:
        yield Check(
            "store", f"{folder} cannot be written ({error})", "set CXR_DESKTOP_DATA to a folder you own"
        )
    else:
        yield Check("store", f"{folder}, SQLite {sqlite3.sqlite_version}")


def _models() -> Iterator[Check]:
    for broken in broken_models():
        yield Check("model", str(broken.directory), broken.reason, vital=False)
    if not available_models():
        yield Check("model", "none", "reinstall CXR Desktop: the bundled model is missing")
        return
    for card in available_models():
        try:
            from cxr_desktop.classifiers import load_model  # torch, which may be what is damaged

            load_model(card.name, "cpu")
        except CxrError as error:
            yield Check("model", card.name, str(error))
        except (ImportError, OSError) as error:
            yield Check("model", card.name, f"it cannot be loaded ({error}); {_AGAIN}")
        else:
            yield Check("model", f"{card.identity.caption}, weights checked")


def _display() -> Iterator[Check]:
    problem = display_problem()
    yield Check("display", "none" if problem else "present", problem, vital=False)


_EXAMINATIONS: tuple[Callable[[], Iterator[Check]], ...] = (
    _versions,
    _files,
    _policy,
    _devices,
    _decoders,
    _store,
    _models,
    _display,
)
