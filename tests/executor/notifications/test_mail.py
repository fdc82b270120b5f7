"""Mail: what it says, that nothing in a name becomes a header or markup, and how safely it travels."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from executor.notifications.model import Letter, Undelivered
from executor.services.notification_text import Words, letter_of
from executor.services.usage import Usage
from executor.services.views import NodeView, RunView
from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput
from tests.executor.notifications.receivers import HERE, MailServer, serving
from tests.executor.notifications.test_telling import FAIL, sent
from tests.executor.support import pipeline, run, until, workspace


def reached(space: Workspace, server: MailServer, **more: str) -> None:
    space.notifications.set(
        **{"smtp_host": HERE, "smtp_port": str(server.port), "smtp_security": "none",
           "sender": "graph@example.com", **more}
    )  # fmt: skip


def test_a_failed_run_arrives_as_mail(tmp_path: Path, mail_server: MailServer) -> None:
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": 36000.0})
        reached(space, mail_server, public_url="http://graph.lan:8080")
        view = run(space, pipeline(FAIL, title="<b>Tickets</b>", notify="[{on: [failed], email: me@x.org}]"))
        until(lambda: sent(space, view.id))
    (mail,) = mail_server.mails
    assert mail_server.recipients == ["me@x.org"]
    assert (mail["Subject"], mail["To"]) == (f"<b>Tickets</b>: run {view.id} failed", "me@x.org")
    assert mail["From"] == "NodeGraph <graph@example.com>" and mail["Auto-Submitted"] == "auto-generated"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    error = view.nodes["a"].error or {}
    cost = f"Cost: {view.usage.cost:,.2f} USD"
    for part in ("a failed: node.", error["message"], error["hint"], cost, "CPU hours: ", "Nodes: 1 failed"):
        assert part in text
    assert f"http://graph.lan:8080/runs/{view.id}" in text
    assert "&lt;b&gt;Tickets&lt;/b&gt;" in html and "<b>Tickets" not in html


def a_letter(title: str, message: str = "") -> Letter:
    node = NodeView(
        "a", "custom.make", "", "failed", "", 1.0, False, None, 1,
        {"category": "node", "message": message, "hint": ""}, {}, None, {}, None, None,
    )  # fmt: skip
    view = RunView(
        7, "toy", None, "failed", "manual", "process", {}, None, None, None, False, 0.0, 0.0, 3.0, 3.0,
        usage=Usage(1.0, 2.0, 0.5, 12.5), counts={"failed": 1}, nodes={"a": node},
    )  # fmt: skip
    return letter_of(view, title, "", Words(), "0" * 32)


def test_a_title_cannot_add_a_header(mail_server: MailServer) -> None:
    from executor.notifications import mail
    from executor.notifications.model import MailServer as Settings

    letter = a_letter("Tickets\r\nBcc: spy@x.org\r\n\r\nhello\x00", "\r\n.\r\nMAIL FROM:<spy@x.org>")
    settings = Settings(HERE, mail_server.port, "none", "", "", "graph@example.com")
    mail.send(settings, "me@x.org", letter)
    (arrived,) = mail_server.mails
    assert arrived["Bcc"] is None and mail_server.recipients == ["me@x.org"]
    assert arrived["Subject"].startswith("Tickets  Bcc: spy@x.org")
    for wrong in ("me@x.org\r\nBcc: spy@x.org", "me@x.org, spy@x.org", "<me@x.org> SIZE=1"):
        with pytest.raises(Undelivered):
            mail.send(settings, wrong, letter)
    assert len(mail_server.raw) == 1


def test_hours_and_money_stand_beside_each_other() -> None:
    text = a_letter("Tickets").text
    for part in ("Cost: 12.50 USD", "CPU hours: 1", "Memory, GB hours: 2", "GPU hours: 0.5"):
        assert f"\n{part}" in text


def test_a_password_travels_encrypted_only(
    tmp_path: Path, authority: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(MailServer(authority, ("me", "sekret"))) as server,
        workspace(tmp_path, engine=False) as space,
    ):
        reached(space, server, smtp_security="starttls", smtp_user="me")
        space.notifications.set_password("wrong")
        with pytest.raises(Undelivered, match="refuses the user or the password"):
            space.notifications.send_test("me@x.org")
        space.notifications.set_password("sekret")
        space.notifications.send_test("me@x.org")
        assert [mail["Subject"] for mail in server.mails] == ["NodeGraph: a test"]
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(Undelivered, match=r"(?i)certificate"):
            space.notifications.send_test("me@x.org")


def test_what_a_mail_server_says_is_told(tmp_path: Path, mail_server: MailServer) -> None:
    mail_server.refused = {"gone@x.org"}
    with workspace(tmp_path) as space:
        with pytest.raises(Undelivered, match="No mail server is set"):
            space.notifications.send_test("me@x.org")
        reached(space, mail_server)
        with pytest.raises(Undelivered, match="it is no e-mail address"):
            space.notifications.send_test("me@x.org, you@x.org")
        view = run(space, pipeline(FAIL, notify="[{on: [failed], email: gone@x.org}]"))
        until(lambda: space.notifications.of_run(view.id)[0].state == "failed")
        (one,) = space.notifications.of_run(view.id)
        assert one.reason.endswith("does not take mail for gone@x.org: 550 no such person.")
        assert (one.hint, one.attempts) == ("Check the address.", 1)
        reached(space, mail_server, smtp_security="starttls")
        with pytest.raises(Undelivered, match="STARTTLS"):
            space.notifications.send_test("me@x.org")


def test_what_the_environment_says_wins_and_is_checked(
    tmp_path: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace(tmp_path, engine=False) as space:
        reached(space, mail_server, sender="kept@x.org")
        monkeypatch.setenv("NODEGRAPH_SMTP_SENDER", "given@x.org")
        space.notifications.send_test("me@x.org")
        assert mail_server.mails[0]["From"] == "NodeGraph <given@x.org>"
        monkeypatch.setenv("NODEGRAPH_SMTP_SECURITY", "yes")
        with pytest.raises(Undelivered, match="There is no security yes"):
            space.notifications.send_test("me@x.org")
        monkeypatch.setenv("NODEGRAPH_SMTP_SECURITY", "starttls")
        with pytest.raises(InvalidInput) as refused:
            space.notifications.set(
                smtp_port="x", public_url="ftp://x", webhook_hosts="http://a", language="fr"
            )
        wrong = {problem.param for problem in refused.value.problems}
        assert wrong == {"smtp_port", "public_url", "webhook_hosts", "language"}
        monkeypatch.setenv("NODEGRAPH_SMTP_SECURITY", "none")
        with pytest.raises(InvalidInput) as refused:
            space.notifications.set(smtp_host="smtp.example.com", smtp_user="me")
        assert "everybody on the way could read the password" in refused.value.problems[0].message
