"""The bundle's recipe without building it: what is left out, what is listed, what the lock files promise."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy
import pytest

LOCKED = re.compile(r"[a-z0-9-]+==[A-Za-z0-9.]+ --hash=sha256:[0-9a-f]{64}")


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/protoc", False),
        ("numpy-2.4.6.dist-info/RECORD", False),
        ("numpy-2.4.6.dist-info/METADATA", True),
        ("torchvision/_C_stable.so", True),
        ("torchvision/image_stable.so", False),
        ("torch/include/ATen/ATen.h", False),
        ("torch/testing/_internal/logging_tensor.py", True),
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
        ("PySide6\\Qt\\translations\\qt_de.qm", False),
        ("libglib-2.0.so.0", True),
        ("libgtk-3.so.0", False),
        ("cxr_desktop/_resources/models/demo/weights.safetensors", True),
        ("scipy/stats/tests/data/levy_stable.npy", False),
        ("numpy.libs/libscipy_openblas64_.so", True),
    ],
)
def test_what_is_left_out(program, target: str, wanted: bool) -> None:
    assert program("bundle/parts.py").is_wanted(target) is wanted


def test_every_resource_that_is_bundled_is_there_and_the_readmes_pictures_are_not(program, packaging) -> None:
    bundled = program("bundle/parts.py").RESOURCES
    there = {path.name for path in (packaging.parent / "resources").iterdir() if path.is_dir()}
    assert set(bundled) == there - {"screenshots"}


def test_the_versions_that_doctor_states_are_bundled(program) -> None:
    from cxr_desktop.commands.doctor import PACKAGES

    assert program("bundle/parts.py").METADATA == PACKAGES


def test_nothing_that_the_program_imports_is_excluded(program, packaging) -> None:
    parts = program("bundle/parts.py")
    excluded, optional = parts.EXCLUDED_MODULES, set(parts.EXTRAS)
    for path in (packaging.parent / "cxr_desktop").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for name in (
            set(excluded) - optional
        ):  # extras are imported where they are wanted, and missed in words
            assert not re.search(rf"^\s*(import|from) {re.escape(name)}\b", text, re.MULTILINE), (path, name)


def test_lock_files_pin_every_package_by_hash_and_name_no_host(packaging) -> None:
    files = sorted((packaging / "bundle" / "locks").glob("*.txt"))
    assert files
    for file in files:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        assert all(LOCKED.fullmatch(line) for line in lines), file.name
        assert "://" not in file.read_text(encoding="utf-8")
        names = {line.split("==")[0] for line in lines}
        assert {"torch", "torchvision", "timm", "pyside6-essentials", "pyinstaller"} <= names
        assert any(name.startswith("nvidia-") for name in names) == ("cuda" in file.name)


def test_lock_files_are_within_the_bounds_of_the_project(packaging) -> None:
    import tomllib

    from packaging.requirements import Requirement

    text = (packaging.parent / "pyproject.toml").read_text(encoding="utf-8")
    wanted = [Requirement(line) for line in tomllib.loads(text)["project"]["dependencies"]]
    for file in (packaging / "bundle" / "locks").glob("*.txt"):
        lines = [line.split(" ")[0] for line in file.read_text().splitlines() if not line.startswith("#")]
        locked = dict(line.split("==") for line in lines)
        for requirement in wanted:
            assert requirement.specifier.contains(locked[requirement.name.lower()]), (file.name, requirement)


def test_components_are_found_by_their_files_and_carry_their_licence(program) -> None:
    notices = program("bundle/notices.py")
    found = {part.name: part for part in notices.components([numpy.__file__])}
    assert {"CXR Desktop", "Python", "numpy"} <= set(found)
    assert "reportlab" not in found
    assert found["numpy"].version == numpy.__version__
    assert any("Redistribution and use" in text for _, text in found["numpy"].texts)
    page = notices.page(found.values())
    assert "<b>numpy</b>" in page
    assert "Redistribution and use" in page


def test_qt_carries_the_text_of_its_licence_on_every_system(program, monkeypatch) -> None:
    import PySide6

    read = Path.read_text

    def elsewhere(path: Path, **options: str) -> str:
        if path.is_relative_to("/usr/share"):  # what Windows and macOS have not got
            raise FileNotFoundError(path)
        return read(path, **options)

    monkeypatch.setattr(Path, "read_text", elsewhere)
    monkeypatch.setattr(Path, "is_file", lambda path: not path.is_relative_to("/usr/share") and path.exists())
    (qt,) = (
        part for part in program("bundle/notices.py").components([PySide6.__file__]) if "PySide6" in part.name
    )
    texts = dict(qt.texts)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in texts["LGPL-3"]
    assert "GNU GENERAL PUBLIC LICENSE" in texts["GPL-3"]
    assert "ICU" in texts["ICU"]


def test_libraries_within_a_package_carry_their_licence(program) -> None:
    import imagecodecs

    parts = program("bundle/notices.py").components([imagecodecs.__file__])
    (codecs,) = (part for part in parts if part.name == "imagecodecs")
    assert "Jan de Vaan" in dict(codecs.texts)["CharLS"]


def test_the_list_of_components_is_cyclonedx_and_the_same_for_the_same_parts(program) -> None:
    notices = program("bundle/notices.py")
    parts = notices.components([numpy.__file__])
    document = notices.bill_of_materials(parts)
    assert document == notices.bill_of_materials(parts)
    assert document != notices.bill_of_materials(parts[:-1])
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    assert document["metadata"]["component"]["name"] == "CXR Desktop"
    references = [entry["bom-ref"] for entry in document["components"]]
    assert len(set(references)) == len(references) == len(parts) - 1
    assert f"pkg:pypi/numpy@{numpy.__version__}" in references


def test_the_size_report_counts_a_package_with_its_libraries(packaging, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    for name, size in (
        ("_internal/numpy/a.so", 1_000_000),
        ("_internal/numpy.libs/b.so", 2_000_000),
        ("run", 500_000),
    ):
        path = bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    listed = tmp_path / "files.sha256"
    report = [sys.executable, str(packaging / "bundle" / "report.py"), str(bundle), str(listed)]
    said = subprocess.run(report, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "4 MB" in said[0] or "3 MB" in said[0]
    assert said[1].split() == ["3.0", "MB", "numpy"]
    digest = hashlib.sha256(bytes(500_000)).hexdigest()
    assert f"{digest}  run" in listed.read_text().splitlines()


def test_the_size_report_knows_the_parts_of_a_macos_bundle(program, tmp_path: Path) -> None:
    for name in ("Frameworks/torch/lib/a.dylib", "Resources/torch/b.py", "MacOS/cxr-desktop", "Info.plist"):
        path = tmp_path / "Contents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(10))
    assert program("bundle/report.py").parts_of(tmp_path) == {"torch": 20, "MacOS": 10, "Info.plist": 10}


class Recorded:
    """Stands for a step of PyInstaller's: keeps what it is told."""

    pure = binaries = datas = scripts = ()

    def __init__(self, *parts: object, **options: object) -> None:
        self.parts, self.options = parts, options


@pytest.fixture
def recipe(program, packaging, tmp_path: Path, monkeypatch):
    """Runs PyInstaller's recipe as on a system, by stand-ins; returns its programs and macOS's bundle."""

    def run(system: str) -> tuple[list[Recorded], list[Recorded]]:
        programs, bundles = [], []
        parts = program("bundle/parts.py")
        monkeypatch.setattr(parts, "operators_fit", lambda: True)
        hooks = ModuleType("PyInstaller.utils.hooks")
        for name in ("data_files", "dynamic_libs", "submodules"):
            setattr(hooks, f"collect_{name}", lambda *_, **__: [])
        hooks.copy_metadata = lambda _: []
        named = {"parts": parts, "PyInstaller": ModuleType("p"), "PyInstaller.utils": ModuleType("u")}
        for name, module in {**named, "PyInstaller.utils.hooks": hooks}.items():
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(sys, "platform", system)
        monkeypatch.setattr(sys, "path", list(sys.path))
        monkeypatch.setenv("CXR_BUNDLE_SOURCES", str(tmp_path / "sources.json"))

        def kept(into: list[Recorded]):
            return lambda *parts, **options: into.append(Recorded(*parts, **options)) or into[-1]

        given = {"Analysis": Recorded, "PYZ": Recorded, "COLLECT": Recorded}
        given |= {"EXE": kept(programs), "BUNDLE": kept(bundles), "SPECPATH": str(packaging / "bundle")}
        text = (packaging / "bundle" / "cxr_desktop.spec").read_text(encoding="utf-8")
        exec(compile(text, "cxr_desktop.spec", "exec"), given)
        return programs, bundles

    return run


def test_a_window_has_no_console_behind_it_and_a_command_has_one_where_there_is_one(recipe) -> None:
    def consoles(system: str) -> dict[str, bool]:
        return {made.options["name"]: made.options["console"] for made in recipe(system)[0]}

    assert consoles("linux") == {"cxr-desktop": True}
    assert consoles("win32") == {"cxr-desktop": True, "CXR Desktop": False}
    # There PyInstaller makes of a console program one of the background, which has no place in the Dock.
    assert consoles("darwin") == {"cxr-desktop": False}


def test_the_bundle_of_macos_says_its_version(recipe) -> None:
    from cxr_desktop import __version__

    (bundle,) = recipe("darwin")[1]
    assert bundle.options["version"] == __version__
    assert recipe("linux")[1] == []


def test_the_list_of_components_follows_the_schema_of_cyclonedx(program) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")
    notices = program("bundle/notices.py")
    document = notices.bill_of_materials(notices.components([numpy.__file__]))
    check = validation.JsonStrictValidator(schema.SchemaVersion.V1_5).validate_str
    assert check(json.dumps(document)) is None
    assert check(json.dumps({**document, "version": "one"})) is not None


def test_every_locked_package_that_can_be_bundled_has_its_licence(program, packaging) -> None:
    from importlib.metadata import distributions

    notices = program("bundle/notices.py")
    names = {
        line.split("==")[0]
        for line in (packaging / "bundle" / "locks" / "linux-x86_64-cpu.txt").read_text().splitlines()
        if not line.startswith("#")
    }
    here = [found for found in distributions() if found.metadata["Name"].lower().replace("_", "-") in names]
    assert len(here) > 20
    parts = [notices._of_distribution(found)[0] for found in here]
    assert [part.name for part in parts if not part.texts] == []
    assert [part.name for part in parts if not part.licence] == []


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="Debian's packages")
def test_a_library_of_the_system_is_known_by_its_package(program, tmp_path: Path) -> None:
    owners = program("bundle/notices.py")._owners
    (library,) = Path("/usr/lib").glob("*-linux-gnu/libc.so.6")
    stray = tmp_path / "stray.so"
    assert owners([str(library), str(stray)]) == {str(library): "libc6"}
    assert owners([]) == {}


def test_a_bundled_file_of_no_known_package_is_named(program, tmp_path: Path) -> None:
    notices = program("bundle/notices.py")
    stray = tmp_path / "stray.so"
    own = tmp_path / "build" / "base_library.zip"
    known = [numpy.__file__, str(notices.ROOT / "LICENSE"), str(own), "PySide6/Qt/lib/libQt6Core.so.6"]
    assert notices.unaccounted([*known, str(stray)], tmp_path / "build") == [str(stray)]


@pytest.mark.parametrize("changed", ["scores", "map", "nothing", "missing"])
def test_the_comparison_of_two_installations_sees_the_smallest_difference(
    packaging, tmp_path: Path, changed: str
) -> None:
    for place in ("here", "there"):
        other = place == "there"
        folder = tmp_path / place
        folder.mkdir()
        score = 0.5 + (1e-12 if other and changed == "scores" else 0.0)
        if not (other and changed == "missing"):
            (folder / "one.json").write_text(json.dumps({"scores": {"Lung Opacity": score}}))
        values = numpy.zeros((4, 4), numpy.float32)
        values[0, 0] = 1e-7 if other and changed == "map" else 0.0
        numpy.save(folder / "one.rap.npy", values)
    compare = [
        sys.executable,
        str(packaging / "smoke" / "compare.py"),
        str(tmp_path / "here"),
        str(tmp_path / "there"),
    ]
    assert (subprocess.run(compare, capture_output=True, check=False).returncode == 0) == (
        changed == "nothing"
    )
