"""A receiver and a mail server for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.executor.notifications.receivers import MailServer, Receiver, serving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving(Receiver()) as server:
        yield server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server
