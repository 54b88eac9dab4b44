"""Loading large libraries on a worker without pauses in the window."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def collection_paused() -> Iterator[None]:
    """No garbage collection while modules are imported; what they made is then left out of later ones.

    A full collection walks every object with the interpreter's lock held: a tenth of a second once
    torch is loaded. Where all were imported before, nothing is left out: what stands by then would never go.
    """
    known = len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        gc.enable()


def preload_libraries(package: str, names: tuple[str, ...], *, local: bool = False) -> None:
    """Map a package's shared libraries, named or matched from its folder, without holding the interpreter's lock.

    An import keeps the lock while the system links hundreds of megabytes; a foreign call gives it
    up. The import that follows finds them mapped. Where this fails, the import does it all, only
    with a longer pause.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations or not sys.platform.startswith("linux"):
        return
    folder = Path(spec.submodule_search_locations[0])
    open_library = ctypes.CDLL(None).dlopen
    open_library.restype = ctypes.c_void_p
    open_library.argtypes = (ctypes.c_char_p, ctypes.c_int)
    for library in (found for name in names for found in sorted(folder.glob(name))):
        with suppress(OSError):
            open_library(os.fsencode(library), os.RTLD_LAZY | (os.RTLD_LOCAL if local else os.RTLD_GLOBAL))
