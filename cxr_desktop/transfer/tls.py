"""TLS contexts that verify the other side, always."""

from __future__ import annotations

import ssl

from cxr_desktop.transfer.failure import TransferError
from cxr_desktop.transfer.node import Tls


def client_context(tls: Tls) -> ssl.SSLContext:
    """For calling a node: its certificate must come from a trusted authority and bear its host name."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    if tls.ca_file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _load_ca(context, tls)
    _load_certificate(context, tls)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def server_context(tls: Tls) -> ssl.SSLContext:
    """For being called. With a CA file, callers must show a certificate of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load_certificate(context, tls)
    if tls.ca_file is not None:
        _load_ca(context, tls)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load_ca(context: ssl.SSLContext, tls: Tls) -> None:
    try:
        context.load_verify_locations(cafile=tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise TransferError(
            f"{tls.ca_file} holds no certificates to trust ({error}); name a PEM file"
        ) from error


def _load_certificate(context: ssl.SSLContext, tls: Tls) -> None:
    if tls.certificate is None:
        return
    try:
        context.load_cert_chain(tls.certificate, tls.key, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        raise TransferError(
            f"the certificate {tls.certificate} and its key cannot be used ({error}); name PEM files that "
            "belong together, the key without a password"
        ) from error


def _no_password() -> str:
    """A key with a password is refused rather than asked for on a terminal that may not be there."""
    return ""
