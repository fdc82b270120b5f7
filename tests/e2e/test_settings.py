"""The settings page: language and theme at once and for good, secrets that never come back, this machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, WebSocket, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.executor.notifications.receivers import HERE, MailServer, serving

JUDGED = """\
nodegraph: 1
name: judged
nodes:
  judge:
    type: judge.rubric
    params: {base_url: "http://localhost:1/v1", model: m, api_key: JUDGE_KEY}
  second:
    type: judge.rubric
    params: {base_url: "http://localhost:1/v1", model: m, api_key: OUTSIDE_KEY}
"""
VALUE = "sk-7f3a-never-shown"


def test_the_language_changes_at_once_and_stays(editor: Editor, page: Page) -> None:
    page.goto(f"{editor.url}/settings")
    page.locator("#language").get_by_role("radio", name="简体中文").click()
    expect(page.get_by_role("heading", name="密钥")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.goto(f"{editor.url}/")
    expect(page.locator(".rail")).to_contain_text("流水线")


def test_the_theme_changes_at_once_and_stays(editor: Editor, page: Page) -> None:
    page.goto(f"{editor.url}/settings")
    page.get_by_role("radio", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    page.locator("[data-action=theme]").click()
    expect(page.get_by_role("radio", name="Light")).to_be_checked()


def test_a_secret_is_added_replaced_and_removed(editor: Editor, page: Page) -> None:
    page.goto(f"{editor.url}/settings")
    page.locator("[data-action=add-secret]").click()
    page.get_by_label("Name").fill("1 BAD NAME")
    page.get_by_label("Value").fill(VALUE)
    page.locator("[data-action=save-secret]").click()
    expect(page.locator("[data-dialog=secret] [role=alert]")).to_contain_text("is no name for a secret")
    expect(page.get_by_label("Value")).to_have_value(VALUE)
    page.get_by_label("Name").fill("ADDED_KEY")
    page.get_by_label("Value").press("Enter")
    row = page.locator("[data-secret=ADDED_KEY]")
    expect(row).to_contain_text("today")
    expect(page.locator("[data-dialog=secret]")).to_have_count(0)

    row.locator("[data-action=replace-secret]").click()
    expect(page.get_by_label("Name")).to_have_value("ADDED_KEY")
    expect(page.get_by_label("Value")).to_have_value("")
    page.get_by_label("Value").fill(f"{VALUE}-2")
    page.locator("[data-action=save-secret]").click()
    expect(page.locator("[data-dialog=secret]")).to_have_count(0)
    assert (editor.data_dir / "secrets" / "ADDED_KEY").read_text() == f"{VALUE}-2"

    row.locator("[data-action=remove-secret]").click()
    page.locator("[data-dialog=remove-secret] [data-action=keep]").click()
    expect(page.locator("[data-dialog=remove-secret]")).to_have_count(0)
    row.locator("[data-action=remove-secret]").click()
    page.locator("[data-action=confirm]").click()
    expect(row).to_have_count(0)
    assert not (editor.data_dir / "secrets" / "ADDED_KEY").exists()


def test_a_value_never_comes_back_to_a_page(tmp_path: Path, new_page: Callable[..., Page]) -> None:
    data_dir = tmp_path / "data"
    with Workspace(data_dir) as workspace:
        workspace.pipelines.save(JUDGED)
        workspace.secrets.set("KEPT_KEY", VALUE)
    outside = "sk-from-the-environment"
    with open_editor(data_dir, OUTSIDE_KEY=outside) as editor:
        page = new_page()
        received: list[str] = []

        def listen(socket: WebSocket) -> None:
            socket.on("framereceived", lambda frame: received.append(str(frame)))

        page.on("websocket", listen)
        page.goto(f"{editor.url}/settings")
        expect(page.locator("[data-secret=JUDGE_KEY]")).to_contain_text("not set")
        expect(page.locator("[data-secret=JUDGE_KEY]")).to_contain_text("judged")
        expect(page.locator("[data-secret=OUTSIDE_KEY]")).to_contain_text("from the environment")
        page.locator("[data-secret=JUDGE_KEY] [data-action=set-secret]").click()
        page.get_by_label("Value").fill(VALUE)
        expect(page.get_by_label("Value")).to_have_attribute("type", "password")
        page.locator("[data-action=save-secret]").click()
        expect(page.locator("[data-secret=JUDGE_KEY] [data-action=replace-secret]")).to_be_visible()
        page.locator("[data-action=language]").click()
        expect(page.get_by_role("heading", name="密钥")).to_be_visible()
        page.reload()
        expect(page.locator("[data-secret=KEPT_KEY]")).to_be_visible()
        assert received
        for secret in (VALUE, outside):
            assert not [frame for frame in received if secret in frame]
            assert secret not in page.content() and secret not in editor.log()


def test_this_machine_is_looked_at_and_looked_at_again(editor: Editor, page: Page) -> None:
    page.goto(f"{editor.url}/settings")
    part = page.locator("[data-part=machine]")
    expect(part.locator("[data-check=Python]")).to_be_visible()
    for name in ("CPU", "Memory", "GPU", "Docker", "Disk", "Node types", "Model hub"):
        expect(part.locator(f"[data-check^='{name}']").first).to_have_attribute(
            "data-standing", re.compile("ok|warning|missing")
        )
    page.locator("[data-action=check-machine]").click()
    expect(page.locator("[data-action=check-machine]")).to_be_enabled()
    expect(part.locator("[data-check=Python]")).to_have_count(1)


def test_what_it_is_made_of_is_told(editor: Editor, page: Page) -> None:
    page.goto(f"{editor.url}/settings")
    expect(page.locator("[data-fact=data-dir]")).to_have_text(str(editor.data_dir))
    expect(page.locator("[data-fact=version]")).to_have_text(re.compile(r"NodeGraph \d+\.\d+"))
    page.locator("[data-action=licence-lucide]").click()
    expect(page.locator("[data-dialog=licence]")).to_contain_text("ISC License")
    page.keyboard.press("Escape")
    expect(page.locator("[data-dialog=licence]")).to_have_count(0)


def test_somebody_is_told_of_a_run(editor: Editor, page: Page) -> None:
    (editor.data_dir / "rows.jsonl").write_text('{"text": "a"}\n', encoding="utf-8")
    with Workspace(editor.data_dir) as workspace:
        workspace.pipelines.save(
            "nodegraph: 1\nname: telling\nnodes:\n"
            "  rows: {type: preprocess.load, params: {source: rows.jsonl}}\n"
        )
    with serving(MailServer()) as mails:
        _set_mail_server(editor, page, mails)
        page.goto(f"{editor.url}/pipelines/telling")
        page.locator("[data-action=add-notify]").click()
        dialog = page.locator("[data-dialog=notify]")
        dialog.locator("[data-param=webhook] input").fill("file:///etc/passwd")
        dialog.locator("[data-action=apply-notify]").click()
        expect(dialog).to_contain_text("it must begin with http:// or https://")
        dialog.locator("[data-param=webhook] input").fill("")
        dialog.locator("[data-param=email] input").fill("team@x.org")
        dialog.get_by_label("succeeded").check()
        dialog.locator("[data-action=apply-notify]").click()
        entry = page.locator("[data-notify]")
        expect(entry).to_contain_text("team@x.org")
        page.locator("[data-action=undo]").click()
        expect(entry).to_have_count(0)
        page.locator("[data-action=redo]").click()
        expect(entry).to_contain_text("failed, succeeded")
        page.locator("[data-action=run]").first.click()
        number = page.locator("[data-run]").get_attribute("data-run")
        page.goto(f"{editor.url}/runs/{number}")
        expect(page.locator("[data-told-state=sent]")).to_contain_text("Mail to team@x.org")
        assert "telling: run" in mails.mails[-1]["Subject"]


def _set_mail_server(editor: Editor, page: Page, mails: MailServer) -> None:
    """Fill in the part of the page, mend what it refuses, and send a test mail."""
    page.goto(f"{editor.url}/settings")
    part = page.locator("[data-part=notifications]")
    part.locator("[data-param=smtp_host] input").fill(HERE)
    part.locator("[data-param=smtp_port] input").fill(str(mails.port))
    part.locator("[data-param=smtp_security]").get_by_text("none").click()
    part.locator("[data-action=save-notifications]").click()
    expect(part).to_contain_text("Mail needs a sender.")
    part.locator("[data-param=sender] input").fill("graph@x.org")
    part.locator("[data-action=save-notifications]").click()
    part.locator("[data-action=test-mail]:enabled").click()
    dialog = page.locator("[data-dialog=test-mail]")
    dialog.locator("[data-param=to] input").fill("me@x.org")
    dialog.locator("[data-action=send-test-mail]").click()
    expect(dialog).to_contain_text("has taken the mail for me@x.org")
    assert mails.recipients == ["me@x.org"]
