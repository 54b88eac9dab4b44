"""The launcher of the Linux bundle, and what a damaged bundle says."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

LINUX = Path("installers/linux")


@pytest.fixture
def bundle(tmp_path: Path, packaging) -> Path:
    """A frozen program in the small, with its launcher."""
    folder = tmp_path / "a place" / "cxr-desktop"
    (folder / "_internal").mkdir(parents=True)
    (folder / "cxr-desktop").write_text('#!/bin/sh\necho "started $*"\n')
    (folder / "cxr-desktop").chmod(0o755)
    for name in ("base_library.zip", "libpython3.11.so.1.0"):
        (folder / "_internal" / name).write_text("x")
    subprocess.run(["sh", str(packaging / LINUX / "make_launcher.sh"), str(folder)], check=True)
    return folder


def started(bundle: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:/usr/bin:/bin" if path else "/usr/bin:/bin"}
    return subprocess.run(
        [str(bundle / "cxr-desktop"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def library(folder: Path, answer: str) -> str:
    """A `getconf` of another system."""
    folder.mkdir()
    (folder / "getconf").write_text(f"#!/bin/sh\n{answer}\n")
    (folder / "getconf").chmod(0o755)
    return str(folder)


def test_the_program_is_started_with_its_arguments_from_a_link_and_after_a_move(bundle: Path) -> None:
    assert started(bundle, "open", "a b.dcm").stdout == "started open a b.dcm\n"
    link = bundle.parent / "link"
    link.symlink_to(bundle / "cxr-desktop")
    found = subprocess.run([str(link)], capture_output=True, text=True, check=True)
    assert found.stdout == "started \n"
    moved = bundle.parent / "moved"
    bundle.rename(moved)
    assert started(moved).returncode == 0


@pytest.mark.parametrize("found", ["2.31", "2.4", "1.99"])
def test_an_old_c_library_is_a_sentence(bundle: Path, tmp_path: Path, found: str) -> None:
    done = started(bundle, path=library(tmp_path / "old", f"echo glibc {found}"))
    assert done.returncode == 1
    assert f"(glibc {found}) is too old" in done.stderr
    assert "Debian 12" in done.stderr


def test_another_c_library_is_a_sentence_and_a_newer_one_serves(bundle: Path, tmp_path: Path) -> None:
    assert "no GNU C library" in started(bundle, path=library(tmp_path / "musl", "exit 1")).stderr
    assert started(bundle, path=library(tmp_path / "new", "echo glibc 2.100")).returncode == 0


@pytest.mark.parametrize(
    "part", ["cxr-desktop.bin", "_internal/base_library.zip", "_internal/libpython3.11.so.1.0"]
)
def test_a_missing_part_is_named_with_the_cure(bundle: Path, part: str) -> None:
    (bundle / part).unlink()
    done = started(bundle)
    assert done.returncode == 1
    assert f"{bundle / part} is missing" in done.stderr
    assert "dpkg -i" in done.stderr


@pytest.mark.parametrize(
    "part", ["cxr-desktop.bin", "_internal/base_library.zip", "_internal/libpython3.11.so.1.0"]
)
def test_a_part_that_is_cut_short_is_named_with_the_cure(bundle: Path, part: str) -> None:
    (bundle / part).write_bytes(b"")  # as a shell script it would run, and end well
    done = started(bundle)
    assert done.returncode == 1
    assert f"{bundle / part} is cut short" in done.stderr
    assert "dpkg -i" in done.stderr


@pytest.fixture
def parts(program, packaging, tmp_path: Path, monkeypatch) -> Path:
    """The folder of a frozen program's parts, with one library, listed as the build lists it."""
    folder = tmp_path / "bundle" / "_internal"
    (folder / "torch").mkdir(parents=True)
    (folder / "torch" / "libtorch_cpu.so").write_bytes(bytes(1000))
    listing = [str(packaging / "bundle" / "report.py"), str(folder.parent), str(tmp_path / "files.sha256")]
    subprocess.run([sys.executable, *listing], check=True, capture_output=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)
    return folder


def test_a_library_that_is_cut_short_is_named_before_anything_reads_it(program, parts: Path) -> None:
    cut_short = program("bundle/damage.py").cut_short
    assert cut_short() == ""
    library = parts / "torch" / "libtorch_cpu.so"
    library.write_bytes(bytes(999))
    assert f"{library} is cut short" in cut_short()
    library.unlink()
    assert f"{library} is missing" in cut_short()
    (parts / "libraries.txt").unlink()
    assert "libraries.txt" in cut_short()
    assert "doctor" in cut_short()


def test_a_command_on_a_bundle_that_is_cut_short_ends_with_the_sentence_and_doctor_goes_on(
    program, parts: Path, monkeypatch, capsys
) -> None:
    from cxr_desktop import cli

    monkeypatch.setitem(sys.modules, "damage", program("bundle/damage.py"))
    monkeypatch.setattr(cli, "main", lambda: 0)
    launch = program("bundle/launch.py")
    (parts / "torch" / "libtorch_cpu.so").write_bytes(b"")
    for command, code in (("analyze", 1), ("doctor", 0)):
        monkeypatch.setattr(sys, "argv", ["cxr-desktop", command])
        assert launch.main() == code
    assert capsys.readouterr().err.count("is cut short") == 1


def test_what_is_written_where_there_is_no_console_is_no_error(program, parts: Path, monkeypatch) -> None:
    from cxr_desktop import cli

    monkeypatch.setitem(sys.modules, "damage", program("bundle/damage.py"))
    monkeypatch.setattr(cli, "main", lambda: sys.stderr.write("x") and sys.stdout.write("x"))
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert program("bundle/launch.py").main() == 1  # one letter written


def test_a_program_file_that_is_altered_is_told_and_a_users_packed_file_is_not(program) -> None:
    sentence_on = program("bundle/damage.py").sentence_on
    for place, told in (("pyimod01_archive.py", True), ("pydicom/filereader.py", False)):
        code = compile("import zlib; zlib.decompress(b'x')", place, "exec")
        with pytest.raises(zlib.error) as caught:
            exec(code)
        sentence = sentence_on(caught.value)
        assert ("is damaged" in sentence) is told
        assert ("doctor" in sentence) is told


def test_errors_of_the_bundles_own_parts_are_told_and_others_are_not(program, monkeypatch, tmp_path) -> None:
    damage = program("bundle/damage.py")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    for error in (
        ImportError("libtorch_cpu.so: invalid ELF header"),
        ModuleNotFoundError("No module named 'pydicom'"),
        OSError("libc10.so: cannot open shared object file: No such file or directory"),
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(tmp_path / "torch" / "a.py")),
    ):
        sentence = damage.sentence_on(error)
        assert "is damaged" in sentence
        assert str(error) in sentence
        assert "doctor" in sentence
    for error in (
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/home/me/a.dcm"),
        PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/srv"),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    ):
        assert damage.sentence_on(error) == ""


def test_a_command_tells_it_on_standard_error_without_a_dialog(program, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["cxr-desktop", "analyze"])
    program("bundle/damage.py").tell("it is damaged")
    assert capsys.readouterr().err == "cxr-desktop: it is damaged\n"
