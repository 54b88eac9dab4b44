"""The nodes one knows, in a small JSON file of the data folder."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cxr_desktop.transfer.failure import NodeFileError
from cxr_desktop.transfer.node import LocalEntity, Node, NodeKind, Tls

FILE = "nodes.json"


@dataclass(frozen=True, slots=True)
class NodeBook:
    """local: this program as the nodes see it."""

    local: LocalEntity = field(default_factory=LocalEntity)
    nodes: tuple[Node, ...] = ()

    def node(self, name: str) -> Node:
        """Raises NodeFileError for a name that is not known, naming those that are."""
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        hint = f"known: {known}" if known else "none is known yet"
        raise NodeFileError(f"there is no node {name!r} ({hint}); add it with 'cxr-desktop nodes add'")

    def with_node(self, node: Node) -> NodeBook:
        """With the node added, in place of one of the same name."""
        if any(known.name == node.name for known in self.nodes):
            nodes = tuple(node if known.name == node.name else known for known in self.nodes)
        else:
            nodes = (*self.nodes, node)
        return replace(self, nodes=nodes)

    def without(self, name: str) -> NodeBook:
        """Raises NodeFileError for a name that is not known."""
        gone = self.node(name)
        return replace(self, nodes=tuple(node for node in self.nodes if node is not gone))


def read_book(folder: Path) -> NodeBook:
    """The nodes kept in a data folder; none where there is no file. Raises NodeFileError for a damaged one."""
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return NodeBook()
    except (OSError, ValueError) as error:
        raise NodeFileError(
            f"{path} cannot be read ({error}); correct it, or remove it and add the nodes again"
        ) from error
    try:
        local = content.get("local", {})
        return NodeBook(
            LocalEntity(**{**local, "tls": _tls(local.get("tls"))}),
            tuple(_node(entry) for entry in content.get("nodes", [])),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise NodeFileError(f"{path} has an entry that cannot be used ({error}); correct it") from error


def write_book(folder: Path, book: NodeBook) -> None:
    """Whole or not at all. Raises NodeFileError where the folder cannot be written."""
    path = folder / FILE
    text = json.dumps(
        {"local": as_json(book.local), "nodes": [as_json(node) for node in book.nodes]}, indent=1
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, prefix=f".{FILE}-", delete=False, encoding="utf-8"
        ) as staged:
            staged.write(text)
            staged.flush()
            os.fsync(staged.fileno())
        Path(staged.name).replace(path)
    except OSError as error:
        raise NodeFileError(
            f"{path} cannot be written ({error.strerror}); check the folder's permissions and free space"
        ) from error


def as_json(entity: Node | LocalEntity) -> dict[str, Any]:
    """As the file and the commands write it."""
    fields = {name: getattr(entity, name) for name in type(entity).__dataclass_fields__}
    tls = fields["tls"]
    return {**fields, "tls": tls and {name: _text(getattr(tls, name)) for name in Tls.__dataclass_fields__}}


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _node(entry: Mapping[str, Any]) -> Node:
    return Node(**{**entry, "kind": NodeKind(entry.get("kind", "dimse")), "tls": _tls(entry.get("tls"))})


def _tls(entry: Mapping[str, str | None] | None) -> Tls | None:
    if entry is None:
        return None
    return Tls(**{name: Path(value) if value else None for name, value in entry.items()})
