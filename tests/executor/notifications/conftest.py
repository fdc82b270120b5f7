"""A receiver, a mail server, a certificate for each test that asks for one."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.executor.docker.own_engine import openssl
from tests.executor.notifications.receivers import HERE, MailServer, Receiver, serving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving(Receiver()) as server:
        yield server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for this machine and for hooks.test, which this process believes."""
    openssl(
        tmp_path, "req", "-newkey", "rsa:2048", "-nodes", "-x509", "-subj", "/CN=here", "-days", "2",
        "-addext", f"subjectAltName=IP:{HERE},DNS:hooks.test", "-keyout", "key.pem", "-out", "cert.pem",
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context
