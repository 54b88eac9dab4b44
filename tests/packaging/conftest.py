"""The programs under packaging/ as modules; they are no package."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


@pytest.fixture(scope="session")
def packaging() -> Path:
    return PACKAGING


@pytest.fixture(scope="session")
def program() -> Callable[[str], ModuleType]:
    """Loads a program by its path under packaging/, such as 'bundle/parts.py'."""

    def load(name: str) -> ModuleType:
        known = f"packaging_{Path(name).stem}"
        if known not in sys.modules:
            spec = importlib.util.spec_from_file_location(known, PACKAGING / name)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[known] = module
            sys.path.insert(0, str((PACKAGING / name).parent))  # as where Python is given the program itself
            try:
                spec.loader.exec_module(module)
            finally:
                sys.path.pop(0)
        return sys.modules[known]

    return load
