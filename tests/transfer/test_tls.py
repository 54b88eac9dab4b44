"""TLS: what is trusted is talked to, what is not is never sent anything."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cxr_desktop.transfer.association import Caller, Patience
from cxr_desktop.transfer.failure import NodeUnreachable, TransferError
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.listening import listening
from cxr_desktop.transfer.node import LocalEntity, Node, NodeKind, Tls
from cxr_desktop.transfer.query import Query
from cxr_desktop.transfer.verification import echo
from cxr_desktop.transfer.web_fetching import find_studies_on_web


def certificate(folder: Path, name: str) -> Tls:
    """One that vouches for itself, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / f"{name}.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / f"{name}.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return Tls(folder / f"{name}.pem", folder / f"{name}.pem", folder / f"{name}.key")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("theirs"), "theirs")


@pytest.fixture
def secure(ours: Tls, theirs: Tls, tmp_path: Path, free_port_number: int) -> Iterator[Node]:
    """A listener that shows `theirs` and wants to see `ours`."""
    local = LocalEntity(port=free_port_number, tls=replace(theirs, ca_file=ours.certificate))
    with listening(local, Inbox(tmp_path)):
        yield Node(
            "secure",
            "127.0.0.1",
            local.port,
            ae_title=local.ae_title,
            tls=replace(ours, ca_file=theirs.certificate),
        )


SOON = Caller(patience=Patience(connect=3, answer=3))


def test_both_sides_show_certificates_that_are_trusted(secure: Node) -> None:
    assert echo(secure, SOON) < 3


def test_a_certificate_nobody_vouches_for_is_refused(secure: Node, ours: Tls) -> None:
    with pytest.raises(NodeUnreachable, match=r"cannot be trusted.*Nothing was sent"):
        echo(replace(secure, tls=ours), SOON)
    with pytest.raises(NodeUnreachable, match="cannot be trusted"):
        echo(replace(secure, tls=Tls()), SOON)


def test_a_certificate_for_another_host_is_refused(secure: Node) -> None:
    with pytest.raises(NodeUnreachable, match="cannot be trusted"):
        echo(replace(secure, host="localhost"), SOON)


def test_a_caller_without_a_certificate_is_refused(secure: Node, theirs: Tls) -> None:
    with pytest.raises(TransferError, match="secure"):
        echo(replace(secure, tls=Tls(theirs.certificate)), SOON)


def test_without_tls_a_secure_node_is_not_talked_to(secure: Node) -> None:
    with pytest.raises(NodeUnreachable, match="TLS"):
        echo(replace(secure, tls=None), replace(SOON, patience=Patience(connect=1, answer=1)))


def test_web_services_are_verified_too(secure: Node, ours: Tls) -> None:
    web = Node("web", "127.0.0.1", secure.port, NodeKind.DICOMWEB, tls=ours)
    with pytest.raises(NodeUnreachable, match="cannot be trusted"):
        find_studies_on_web(web, Query(patient_id="1"), SOON)


def test_missing_files_are_named(tmp_path: Path, ours: Tls) -> None:
    for broken in (Tls(tmp_path / "no.pem"), Tls(None, ours.certificate, tmp_path / "no.key")):
        with pytest.raises(TransferError, match=r"no\.|certificate"):
            echo(Node("n", "127.0.0.1", 1, ae_title="X", tls=broken), SOON)
    with pytest.raises(ValueError, match="needs its certificate"):
        Tls(key=tmp_path / "no.key")
