"""When the bundle is built on a machine of the CI, and what becomes of it, with stand-ins for the tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = ("debootstrap", "xdotool", "Xvfb", "strip", "xz", "ip", "unshare")
SHELL = "#!/bin/sh\n"
DAY, YEAR = 24, 8760
VENV = SHELL + 'mkdir -p "$3/bin" && chmod +x "$0.made" && ln -s "$0.made" "$3/bin/python"\n'
MADE = SHELL + '[ "$1" = -c ] || exit "${PIP_CODE:-0}"\nexit "${LIBRARY_CODE:-0}"\n'
pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path, packaging: Path) -> Path:
    """A repository with the script, whose main is known as origin/main."""
    folder = tmp_path / "checkout"
    program(folder / "packaging" / "ci.sh", (packaging / "ci.sh").read_text())
    program(
        folder / "packaging" / "build.sh",
        SHELL + 'echo building; sleep "${BUILD_TAKES:-0}"; exit "${BUILD_CODE:-0}"\n',
    )
    (folder / "README.md").write_text("one")
    git(folder, "init", "-q", "-b", "main")
    committed(folder, hours_ago=YEAR)
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    for name in TOOLS:
        program(tmp_path / "tools" / name, SHELL)
    program(tmp_path / "tools" / "id", SHELL + 'echo "${ID:-0}"\n')
    program(tmp_path / "tools" / "df", SHELL + 'printf "Avail\\n%sG\\n" "${FREE:-50}"\n')
    program(tmp_path / "tools" / "python3", VENV)
    program(tmp_path / "tools" / "python3.made", MADE)
    program(
        tmp_path / "tools" / "apt-get", SHELL + 'echo "$*" >>"${APT_LOG:-/dev/null}"; exit "${APT_CODE:-0}"\n'
    )
    return folder


def git(folder: Path, *arguments: str, hours_ago: int = 0) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.invalid"]
    date = f"{int(time.time()) - 3600 * hours_ago} +0000"
    environment = {**os.environ, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, env=environment
    )


def committed(folder: Path, hours_ago: int = 0) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "a change", hours_ago=hours_ago)


@pytest.fixture
def run(checkout: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def start(**variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{checkout.parent / 'tools'}:{os.environ['PATH']}", **variables}
        command = ["bash", str(checkout / "packaging" / "ci.sh")]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return start


def test_a_change_of_what_goes_into_the_bundle_builds_it_and_another_does_not(checkout: Path, run) -> None:
    (checkout / "README.md").write_text("two")
    committed(checkout)
    done = run()
    assert (done.returncode, done.stdout) == (
        0,
        "the bundle is not built: nothing that goes into it changed\n",
    )
    (checkout / "pyproject.toml").write_text("")
    committed(checkout)
    done = run()
    assert done.returncode == 0
    assert done.stdout.splitlines()[-2:] == ["pyproject.toml", "building"]
    assert "building" not in run(CXR_BUNDLE="skip").stdout


@pytest.mark.parametrize("age", [0, 2 * DAY, 6 * DAY])
def test_on_main_itself_days_old_work_that_is_handed_in_now_counts(checkout: Path, run, age: int) -> None:
    (checkout / "pyproject.toml").write_text("")
    committed(checkout, hours_ago=age)
    (checkout / "README.md").write_text("two")
    committed(checkout)
    git(checkout, "update-ref", "refs/remotes/origin/main", "HEAD")  # as in a fresh clone
    assert "building" in run().stdout


def test_on_main_itself_a_merged_branch_counts_whenever_it_was_made(checkout: Path, run) -> None:
    git(checkout, "checkout", "-q", "-b", "work")
    (checkout / "pyproject.toml").write_text("")
    committed(checkout, hours_ago=30 * DAY)
    git(checkout, "checkout", "-q", "main")
    git(checkout, "merge", "-q", "--no-ff", "-m", "work", "work")
    git(checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert "building" in run().stdout


def test_on_main_itself_what_was_handed_in_long_ago_is_not_built_again(checkout: Path, run) -> None:
    (checkout / "pyproject.toml").write_text("")
    committed(checkout, hours_ago=30 * DAY)
    (checkout / "README.md").write_text("two")
    committed(checkout)
    git(checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert "nothing that goes into it changed" in run().stdout


def test_all_of_a_young_or_cut_off_history_is_new(checkout: Path, run) -> None:
    git(checkout, "update-ref", "-d", "refs/remotes/origin/main")
    assert run().stdout.splitlines()[-1] == "building"


def test_a_folder_without_history_is_not_judged(checkout: Path, run) -> None:
    shutil.rmtree(checkout / ".git")
    done = run(GIT_CEILING_DIRECTORIES=str(checkout.parent))
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "the bundle is not built: git does not tell what changed here",
    )


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        ({"ID": "1000"}, "its test needs root"),
        ({"FREE": "3"}, "3 GB of disk are free, 10 are needed"),
        ({"PIP_CODE": "1"}, "the locked packages cannot be had here"),
        ({"LIBRARY_CODE": "1"}, "cannot be installed: libpython3.made"),
    ],
)
def test_what_a_machine_lacks_is_said_and_fails_nothing(run, lack: dict[str, str], said: str) -> None:
    done = run(CXR_BUNDLE="build", **lack)
    assert done.returncode == 0
    assert f"the bundle is not built: {said}" in done.stdout
    assert "building" not in done.stdout


@pytest.mark.parametrize(
    ("build", "code", "said"),
    [
        ({}, 0, "building"),
        ({"BUILD_CODE": "1"}, 1, "building"),  # of the build or of its smoke test
        ({"BUILD_CODE": "77"}, 0, "not tested to the end"),
        ({"BUILD_TAKES": "20", "CXR_BUNDLE_SECONDS": "1"}, 0, "1 s did not suffice"),
    ],
)
def test_what_was_built_and_fails_fails(run, build: dict[str, str], code: int, said: str) -> None:
    done = run(CXR_BUNDLE="build", **build)
    assert done.returncode == code
    assert said in done.stdout


def test_nothing_is_left_behind(run, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    run(CXR_BUNDLE="build", TMPDIR=str(scratch))
    assert list(scratch.iterdir()) == []
