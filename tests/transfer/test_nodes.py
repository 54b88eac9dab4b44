"""Nodes: what is one, how they are kept, and which an administrator allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxr_desktop import policy
from cxr_desktop.domain.errors import PolicyError
from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.failure import NodeFileError
from cxr_desktop.transfer.node import LocalEntity, Node, NodeKind, Tls
from cxr_desktop.transfer.node_book import FILE, NodeBook, read_book, write_book
from cxr_desktop.transfer.verification import echo

PACS = Node("pacs", "pacs.example.org", 104, ae_title="PACS", tls=Tls(Path("ca.pem"), Path("own.pem")))
WEB = Node("web", "::1", 8042, NodeKind.DICOMWEB, path="/dicom-web/")


def test_a_book_comes_back_as_it_was_written(tmp_path: Path) -> None:
    book = NodeBook(LocalEntity("ME", "0.0.0.0", 105), (PACS, WEB))
    write_book(tmp_path / "new", book)
    assert read_book(tmp_path / "new") == book
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE]


def test_no_file_is_an_empty_book_on_the_loopback(tmp_path: Path) -> None:
    book = read_book(tmp_path)
    assert book == NodeBook()
    assert not book.local.reachable
    assert LocalEntity(bind="0.0.0.0").reachable


def test_a_node_takes_the_place_of_its_namesake() -> None:
    other = Node("pacs", "other.example.org", 104, ae_title="PACS")
    assert NodeBook(nodes=(PACS, WEB)).with_node(other).nodes == (other, WEB)
    assert NodeBook(nodes=(PACS, WEB)).without("pacs").nodes == (WEB,)
    with pytest.raises(NodeFileError, match="known: pacs"):
        NodeBook(nodes=(PACS,)).node("pax")


def test_addresses() -> None:
    assert WEB.url == "http://[::1]:8042/dicom-web"
    assert Node("w", "h", 443, NodeKind.DICOMWEB, tls=Tls()).url == "https://h:443"


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", '{"nodes": [{"name": "x"}]}', '{"nodes": [{"name": "x", "host": "h", "port": 0}]}',
     '{"local": {"ae_title": "far too long an AE title"}}', '{"nodes": 7}', '{"nodes": [{"kind": "fax"}]}'],
)  # fmt: skip
def test_damaged_files_are_said_and_not_taken_for_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(NodeFileError, match=FILE):
        read_book(tmp_path)


@pytest.mark.parametrize(
    ("host", "port", "title"),
    [("h", 0, "A"), ("h", 65536, "A"), ("", 104, "A"), ("a host", 104, "A"), ("h", 104, ""),
     ("h", 104, "A" * 17), ("h", 104, "A\\B"), ("h", 104, "  "), ("h", 104, "Ä")],
)  # fmt: skip
def test_what_is_no_node(host: str, port: int, title: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Node("n", host, port, ae_title=title)


def test_only_allowed_nodes_are_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_down = tmp_path / "policy.toml"
    laid_down.write_text('[locked]\nnodes = ["pacs.example.org", "127.0.0.1:104"]\n')
    monkeypatch.setattr(policy, "policy_path", lambda: laid_down)
    found = policy.read_policy()
    found.require_node("pacs.example.org", 11112)
    found.require_node("127.0.0.1", 104)
    with pytest.raises(PolicyError, match=r"127\.0\.0\.1:105 may not be called"):
        echo(Node("other", "127.0.0.1", 105, ae_title="X"), Caller())
