"""Where webhooks go, and where they never do (A43, A44)."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from executor.notifications import webhook
from executor.notifications.chats import chat_fault, shaped
from executor.notifications.model import Letter, Undelivered
from nodegraph.registry import Registry
from nodegraph.validation import check_text
from tests.executor.notifications.receivers import Receiver
from tests.executor.notifications.test_telling import MAKE, rows, told
from tests.executor.support import TOYS, pipeline, run, until, workspace

LETTER = Letter("0" * 32, "s", "text", "", {"id": "0" * 32, "text": "text"})


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.8.8", "localhost", "localhost.", "[::1]", "[::]", "0.0.0.0", "0.1.2.3", "2130706433",
     "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "[fe80::1]",
     "[::ffff:169.254.169.254]", "100.100.100.200", "[fd00:ec2::254]", "224.0.0.1"],
)  # fmt: skip
def test_a43_an_address_of_this_machine_or_of_a_metadata_service_is_refused(
    host: str, receiver: Receiver
) -> None:
    with pytest.raises(Undelivered, match="which webhooks may not reach") as refused:
        webhook.post(f"http://{host}:{receiver.server_address[1]}/", LETTER, [])
    assert refused.value.final and receiver.bodies == []


def test_a43_an_administrator_may_allow_a_host(receiver: Receiver) -> None:
    for allowed in ([receiver.place], ["127.0.0.1"]):
        webhook.post(receiver.url, LETTER, allowed)
    with pytest.raises(Undelivered, match="may not reach"):
        webhook.post(receiver.url, LETTER, ["127.0.0.1:1", "localhost"])
    assert len(receiver.bodies) == 2


def test_a43_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302, 307]
    for _ in range(2):
        with pytest.raises(Undelivered, match="redirect"):
            webhook.post(receiver.url, LETTER, [receiver.place])
    assert len(receiver.bodies) == 2, "nobody asked a second time"


def test_a43_a_name_is_resolved_once_and_the_address_that_was_checked_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        asked.append(name)
        return real("127.0.0.1" if name == "rebinding.test" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = receiver.server_address[1]
    webhook.post(f"http://rebinding.test:{port}/", LETTER, ["rebinding.test"])
    assert asked.count("rebinding.test") == 1
    assert receiver.headers[0]["Host"] == f"rebinding.test:{port}"
    with pytest.raises(Undelivered, match=r"rebinding\.test stands for 127\.0\.0\.1"):
        webhook.post(f"http://rebinding.test:{port}/", LETTER, [])


def test_a43_a_certificate_must_be_that_of_the_name(
    receiver: Receiver, authority: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.socket = authority.wrap_socket(receiver.socket, server_side=True)
    real = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if str(host).endswith(".test") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    port = receiver.server_address[1]
    webhook.post(f"https://hooks.test:{port}/", LETTER, ["hooks.test"])
    with pytest.raises(Undelivered, match="cannot be reached"):
        webhook.post(f"https://other.test:{port}/", LETTER, ["other.test"])
    assert len(receiver.bodies) == 1


def test_a43_a_refused_address_is_kept_with_its_reason(tmp_path: Path, receiver: Receiver) -> None:
    with workspace(tmp_path) as space:
        number = run(space, pipeline(MAKE, notify=told(receiver.url))).id
        until(lambda: rows(space)[0].state == "failed")
        (one,) = space.notifications.of_run(number)
        assert "which webhooks may not reach" in one.reason and "An administrator may allow" in one.hint
        assert one.attempts == 1 and receiver.bodies == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://x.org/", "ftp://x.org/", "//x.org/", "x.org", "http://", "http://a b/",
     "http://me:pw@x.org/", "http://x.org:99999/", "http://x.org/\\n", "javascript:alert(1)"],
)  # fmt: skip
def test_a44_only_web_addresses_can_stand_in_a_pipeline(url: str) -> None:
    text = pipeline(MAKE, notify=f'[{{on: [failed], webhook: "{url}"}}]')
    problems = check_text(text, Registry.scan(TOYS)).problems
    assert [problem.code for problem in problems] == ["bad-notify"]
    with pytest.raises(Undelivered, match="cannot be used"):
        webhook.post(url.replace("\\n", "\n"), LETTER, ["x.org", "a b"])


def test_a41_a_secret_address_stays_a_name(tmp_path: Path, receiver: Receiver) -> None:
    with workspace(tmp_path) as space:
        space.secrets.set("HOOK", receiver.url)
        space.notifications.set(webhook_hosts=receiver.place)
        receiver.answers = [404]
        number = run(space, pipeline(MAKE, notify=told("${secrets.HOOK}"))).id
        until(lambda: rows(space)[0].reason)
        (one,) = space.notifications.of_run(number)
        assert one.target == "${secrets.HOOK}" and "token-7f3a" not in repr(rows(space))
        space.notifications.try_again()
        until(lambda: rows(space)[0].state == "sent")
        space.secrets.remove("HOOK")
        run(space, pipeline(MAKE, notify=told("${secrets.HOOK}")))
        until(lambda: rows(space)[1].reason)
        assert rows(space)[1].reason.startswith("The secret HOOK is not set.")


def test_a_chat_service_gets_the_text_where_it_looks_for_it() -> None:
    payload = {"text": "客服模型: run 7 failed"}
    assert shaped("open.feishu.cn", payload)["content"] == payload
    assert shaped("oapi.dingtalk.com", payload)["text"] == {"content": payload["text"]}
    assert shaped("hooks.slack.com", payload) == payload
    calling = {"text": "<!channel> <at user_id='all'></at>"}
    assert shaped("hooks.slack.com", calling)["text"].startswith("&lt;!channel&gt;")
    assert "<" not in shaped("open.feishu.cn", calling)["content"]["text"]
    assert (
        chat_fault("oapi.dingtalk.com", b'{"errcode": 310000, "errmsg": "no keyword"}') == "310000 no keyword"
    )
    assert chat_fault("open.feishu.cn", b'{"code": 0, "msg": "success"}') == ""
    assert chat_fault("hooks.slack.com", b"ok") == ""
