"""What an administrator has laid down for every user of this computer, in one TOML file."""

from __future__ import annotations

import getpass
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxr_desktop.domain.errors import PolicyError

USER = "{user}"
_FOLDERS = ("data_folder", "models_folder")
_LOCKS = ("model", "device", "export_formats", "commit_then_reveal", "nodes")


@dataclass(frozen=True, slots=True)
class Policy:
    """data_folder: where a user's readings are kept, None for the system's usual place.

    models_folder: model packages for all users, searched after the bundled ones. model, device: the
    only ones to be used, '' for a free choice. export_formats: the only ones that may be
    written, empty for all. commit_then_reveal: the network and other readers stay hidden until a first
    reading is committed. nodes: the only hosts ('host' or 'host:port') that objects may be exchanged
    with, empty for all. path: the file that says so, None where there is none.
    """

    path: Path | None = None
    data_folder: Path | None = None
    models_folder: Path | None = None
    model: str = ""
    device: str = ""
    export_formats: tuple[str, ...] = ()
    commit_then_reveal: bool = False
    nodes: tuple[str, ...] = ()

    def chosen_model(self, asked: str) -> str:
        """The model to use where the user asked for one, or for none (''). Raises PolicyError for another."""
        return self._locked("model", self.model, asked)

    def chosen_device(self, asked: str) -> str:
        """The device to use where the user asked for one; 'auto' is no wish. Raises PolicyError for another."""
        return self._locked("device", self.device, "" if asked == "auto" else asked) or "auto"

    def require_formats(self, formats: tuple[str, ...]) -> None:
        """Raises PolicyError naming the formats that may not be written here."""
        refused = [name for name in formats if not self.allows_format(name)]
        if refused:
            raise PolicyError(
                f"{', '.join(refused)} may not be exported on this computer: {self.path} allows "
                f"{', '.join(self.export_formats)}. Choose among these, or ask the administrator"
            )

    def allows_format(self, name: str) -> bool:
        return not self.export_formats or name in self.export_formats

    def require_node(self, host: str, port: int) -> None:
        """Raises PolicyError where nothing may be exchanged with that host and port."""
        if self.nodes and not {host, f"{host}:{port}"} & set(self.nodes):
            raise PolicyError(
                f"{host}:{port} may not be called from this computer: {self.path} allows "
                f"{', '.join(self.nodes)}. Choose a node there, or ask the administrator"
            )

    def _locked(self, key: str, locked: str, asked: str) -> str:
        if locked and asked and asked != locked:
            raise PolicyError(
                f"{key} {asked!r} may not be used on this computer: {self.path} locks it to {locked!r}. "
                "Leave the choice out, or ask the administrator"
            )
        return locked or asked


def policy_path() -> Path:
    """Where the policy file lies on this system, whether or not there is one."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "CXR Desktop" / "policy.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/CXR Desktop/policy.toml")
    return Path("/etc/cxr-desktop/policy.toml")


def read_policy(path: Path | None = None) -> Policy:
    """The policy in force; one without any rule where there is no file.

    Raises PolicyError for a file that cannot be read or understood: a rule that is not
    understood must not be taken for none.
    """
    path = path or policy_path()
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors of Windows put a mark before the text
    except FileNotFoundError:
        return Policy()
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, f"cannot be read ({error})") from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _fault(path, f"is no valid TOML ({error})") from error
    locked = content.pop("locked", {})
    if not isinstance(locked, dict):
        raise _fault(path, "has a value named locked; write a table [locked]")
    _require_known(content, _FOLDERS, path)
    _require_known(locked, _LOCKS, path)
    return Policy(
        path=path,
        data_folder=_folder(content, "data_folder", path),
        models_folder=_folder(content, "models_folder", path),
        model=_text(locked, "model", path),
        device=_text(locked, "device", path),
        export_formats=_texts(locked, "export_formats", path),
        commit_then_reveal=_switch(locked, "commit_then_reveal", path),
        nodes=_texts(locked, "nodes", path),
    )


def _require_known(table: Mapping[str, Any], known: tuple[str, ...], path: Path) -> None:
    unknown = [key for key in table if key not in known]
    if unknown:
        raise _fault(path, f"has the unknown key {unknown[0]!r}; known here: {', '.join(known)}")


def _folder(table: Mapping[str, Any], key: str, path: Path) -> Path | None:
    text = _text(table, key, path)
    if not text:
        return None
    folder = Path(text.replace(USER, _user()) if USER in text else text).expanduser()
    if not folder.is_absolute():
        raise _fault(path, f"has {key} = {text!r}, which is no absolute path")
    return folder


def _user() -> str:
    """The account's name as the name of one folder; not from the environment, which a user may set."""
    if sys.platform == "win32":
        name = getpass.getuser()
    else:
        import pwd

        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            name = f"user-{os.getuid()}"
    return re.sub(r"[^\w.-]|^\.", "_", name)


def _text(table: Mapping[str, Any], key: str, path: Path) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (key in table and not value.strip()):
        raise _fault(path, f"has {key} = {value!r}; write a text in quotes")
    return value


def _texts(table: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
    value = table.get(key, [])
    fits = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    if not fits or (key in table and not value):
        raise _fault(path, f'has {key} = {value!r}; write a list of texts, such as ["one", "two"]')
    return tuple(value)


def _switch(table: Mapping[str, Any], key: str, path: Path) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise _fault(path, f"has {key} = {value!r}; write true or false")
    return value


def _fault(path: Path, problem: str) -> PolicyError:
    return PolicyError(f"the policy file {path} {problem}. Ask the administrator to correct it")
