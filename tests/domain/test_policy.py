"""The administrator's policy file: what it rules, and that a damaged one rules nothing out silently."""

from __future__ import annotations

import getpass
import stat
import sys
from pathlib import Path

import pytest

from cxr_desktop import app, cli, policy
from cxr_desktop.domain.errors import PolicyError
from cxr_desktop.policy import Policy, read_policy

WHOLE = """
data_folder = "/srv/cxr/{user}"
models_folder = "/srv/models"
[locked]
model = "demo"
device = "cpu"
export_formats = ["pdf", "json"]
commit_then_reveal = true
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def enforce(text: str) -> Path:
        path = written(tmp_path, text)
        monkeypatch.setattr(policy, "policy_path", lambda: path)
        return path

    return enforce


def test_no_file_rules_nothing(tmp_path: Path) -> None:
    free = read_policy(tmp_path / "none.toml")
    assert free == Policy()
    assert free.chosen_model("mine") == "mine"
    assert free.chosen_device("auto") == "auto"
    free.require_formats(("csv",))


def test_every_rule_is_read(tmp_path: Path) -> None:
    found = read_policy(written(tmp_path, WHOLE))
    assert found.data_folder == Path("/srv/cxr") / getpass.getuser()
    assert found.models_folder == Path("/srv/models")
    assert (found.model, found.device, found.export_formats) == ("demo", "cpu", ("pdf", "json"))
    assert found.commit_then_reveal


def test_a_locked_setting_is_used_where_none_was_asked_for_and_another_is_refused(tmp_path: Path) -> None:
    found = read_policy(written(tmp_path, WHOLE))
    assert found.chosen_model("") == found.chosen_model("demo") == "demo"
    assert found.chosen_device("auto") == "cpu"
    with pytest.raises(PolicyError, match=r"model 'mine' may not be used.*policy\.toml locks it to 'demo'"):
        found.chosen_model("mine")
    with pytest.raises(PolicyError, match="device 'cuda'"):
        found.chosen_device("cuda")
    with pytest.raises(PolicyError, match=r"csv may not be exported.*allows pdf, json"):
        found.require_formats(("pdf", "csv"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("data_folder = ", "no valid TOML"),
        ("datafolder = '/srv'", "unknown key 'datafolder'; known here: data_folder, models_folder"),
        ("[locked]\nmodels = 'demo'", "unknown key 'models'"),
        ("locked = 1", r"table \[locked\]"),
        ("data_folder = 'srv'", "no absolute path"),
        ("data_folder = ''", "write a text in quotes"),
        ("[locked]\nexport_formats = 'pdf'", "write a list of texts"),
        ("[locked]\nexport_formats = []", "write a list of texts"),
        ("[locked]\ndevice = 1", "write a text in quotes"),
        ("[locked]\ncommit_then_reveal = 'yes'", "write true or false"),
    ],
)
def test_a_damaged_file_is_a_sentence(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PolicyError, match=problem) as caught:
        read_policy(path)
    assert str(path) in str(caught.value)
    assert "administrator" in str(caught.value)


def test_the_mark_that_editors_of_windows_put_before_a_text_is_none_of_it(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b'[locked]\r\ndevice = "cpu"\r\n')
    assert read_policy(path).device == "cpu"


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(path)


def test_the_data_folder_of_the_policy_wins_over_the_users_own(tmp_path: Path, monkeypatch) -> None:
    own, laid_down = tmp_path / "home" / "me", tmp_path / "srv" / "cxr"
    monkeypatch.setenv(app.DATA_VARIABLE, str(own))
    assert app.data_folder() == own
    monkeypatch.setattr(app, "read_policy", lambda: Policy(data_folder=laid_down))
    assert app.data_folder() == laid_down


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_new_data_folder_is_for_its_account_alone_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for there in (False, True):
        folder = tmp_path / str(there) / "data"
        if there:  # as for readers who share one
            folder.mkdir(parents=True)
            folder.chmod(0o770)
        monkeypatch.setenv(app.DATA_VARIABLE, str(folder))
        assert stat.S_IMODE(app.data_folder().stat().st_mode) == (0o770 if there else 0o700)


def test_the_command_line_keeps_to_the_policy(in_force, tmp_path: Path, capsys) -> None:
    in_force(WHOLE)
    asked = ["analyze", "--out", str(tmp_path)]
    assert cli.main([*asked, "--formats", "csv"]) == 1
    assert "csv may not be exported on this computer" in capsys.readouterr().err
    assert cli.main([*asked, "--formats", "pdf", "--model", "mine"]) == 1
    assert "model 'mine' may not be used" in capsys.readouterr().err


def test_a_damaged_policy_stops_the_command_line(in_force, tmp_path: Path, capsys) -> None:
    path = in_force("[[")
    assert cli.main(["analyze", "--out", str(tmp_path)]) == 1
    assert f"the policy file {path} is no valid TOML" in capsys.readouterr().err
    assert cli.main(["models"]) == 1


def test_the_window_offers_what_the_policy_allows(in_force) -> None:
    from cxr_desktop.ui.restricted_engine import RestrictedEngine

    in_force("")
    engine = RestrictedEngine(Policy(model="demo", export_formats=("pdf", "json")))
    assert [choice.id for choice in engine.formats()] == ["pdf", "json"]
    assert [Path(choice.name).name for choice in engine.models()] == ["demo"]
    with pytest.raises(PolicyError, match="model 'mine'"):
        RestrictedEngine(Policy(model="demo"), model="mine")


def test_model_packages_for_all_users_are_offered(in_force, tmp_path: Path) -> None:
    import shutil

    from cxr_desktop.classifiers import available_models
    from cxr_desktop.resources import resource

    shutil.copytree(resource("models", "demo"), tmp_path / "all" / "shared")
    card = tmp_path / "all" / "shared" / "model.toml"
    card.write_text(card.read_text(encoding="utf-8").replace('name = "demo"', 'name = "shared"', 1))
    in_force(f"models_folder = {str(tmp_path / 'all')!r}")
    assert [found.name for found in available_models()][:2] == ["demo", "shared"]


@pytest.mark.skipif(sys.platform == "win32", reason="accounts of POSIX")
def test_two_accounts_have_two_folders_whatever_the_environment_says(
    in_force, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pwd

    place = tmp_path / "srv"
    in_force(f"data_folder = '{place}/{{user}}'")
    monkeypatch.setenv("USER", "somebody")
    found = []
    for number, name in ((1001, "doe"), (1002, "roe"), (1003, "../roe")):
        monkeypatch.setattr(policy.os, "getuid", lambda number=number: number)
        monkeypatch.setattr(
            pwd, "getpwuid", lambda _, name=name: pwd.struct_passwd((name, "", 0, 0, "", "", ""))
        )
        found.append(app.data_folder())
    assert found[:2] == [place / "doe", place / "roe"]
    assert found[2].parent == place  # never out of its place
    assert len(set(found)) == 3
