"""Services in the browser: talk to one, stop it in mid-sentence, stop and start it, whatever anyone says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from executor.services.deployments import Services
from executor.services.workspace import Workspace
from nodegraph.errors import NodeFailure
from tests.e2e.editors import Editor
from tests.executor.support import until
from tests.support import run_node, tiny_model

KEY = "canary-of-the-key"
CONTEXT = 2048
# Others may be at work on the machine while a model loads or talks.
PATIENCE = 120_000
MARKUP = "<img src=x onerror=\"document.title='broken'\"><b>bold</b>"


@pytest.fixture(scope="module")
def space(editor: Editor) -> Iterator[Workspace]:
    """The data directory of the editor, seen from outside."""
    with Workspace(editor.data_dir) as opened:
        opened.secrets.set("SERVICE_KEY", KEY)
        yield opened


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says letters only and never likes to end, with room for some seconds of that."""
    from safetensors.torch import load_file, save_file

    directory = tiny_model(tmp_path_factory.mktemp("model") / "model", hidden_size=192)
    weights = load_file(directory / "model.safetensors")
    tokens = json.loads((directory / "tokenizer.json").read_text())["model"]["vocab"]
    silent = [number for token, number in tokens.items() if not re.fullmatch("[a-z]+", token)]
    weights["model.embed_tokens.weight"][silent] = 0
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps({**config, "max_position_embeddings": CONTEXT}))
    return directory


@pytest.fixture(scope="module")
def services(space: Workspace, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Three services that live, one that could not start."""
    root = tmp_path_factory.mktemp("services")
    plain = shutil.copytree(model, root / "plain")
    (plain / "chat_template.jinja").unlink()

    def described(name: str, source: Path = model, **params: object) -> Path:
        options = {"max_new_tokens": 8, "temperature": 0, **params}
        made = run_node(
            "deploy.service", root, {"model": source}, secrets={"SERVICE_KEY": KEY}, name=name, **options
        )
        return made.outputs["service"]

    broken = described("broken")
    (broken / "service.json").write_text((broken / "service.json").read_text().replace('/model"', '/gone"'))
    with pytest.raises(NodeFailure):
        space.deployments.deploy(broken)
    living = [
        described("guarded", api_key="SERVICE_KEY"),
        described("writer", plain),
        described("support", max_new_tokens=1200),
    ]
    with ThreadPoolExecutor() as threads:
        list(threads.map(space.deployments.deploy, living))
    return space.services


@pytest.fixture
def support(page: Page, editor: Editor, services: Services) -> Page:
    """The page of the service `support`."""
    page.goto(f"{editor.url}/services/support")
    expect(chip(page, "support")).to_have_text("live")
    return page


def chip(page: Page, name: str) -> Locator:
    return page.locator(f'[data-service="{name}"] .chip')


def question(page: Page) -> Locator:
    return page.locator('[data-field="question"]')


def answers(page: Page) -> Locator:
    return page.locator("[data-answer]")


def ask(page: Page, text: str) -> None:
    question(page).fill(text)
    question(page).press("Enter")


def test_without_services_the_page_says_how_to_get_one(page, editor):
    page.goto(f"{editor.url}/services")
    expect(page.get_by_text("No services yet")).to_be_visible()
    expect(page.get_by_text("deploy.service")).to_be_visible()


def test_services_that_come_up_are_shown_without_a_reload(page, editor, request):
    page.goto(f"{editor.url}/services")
    request.getfixturevalue("services")
    expect(page.locator("[data-service]")).to_have_count(4)
    expect(chip(page, "support")).to_have_text("live")
    expect(chip(page, "broken")).to_have_text("failed")


def test_an_answer_streams_in_and_says_what_it_took(support):
    question(support).fill("first line")
    question(support).press("Shift+Enter")
    question(support).press_sequentially("second line")
    question(support).press("Enter")
    expect(support.locator('[data-message="user"]')).to_have_text("first line\nsecond line")
    expect(question(support)).to_have_value("")
    running = support.locator('[data-answer="running"] .said')
    expect(running).not_to_be_empty()
    early = running.inner_text()
    done = support.locator('[data-answer="done"]')
    took = re.compile(r"first token .* 1,200 tokens in .* tokens/s")
    expect(done.locator(".took")).to_contain_text(took, timeout=PATIENCE)
    assert len(done.locator(".said").inner_text()) > len(early) > 0


def test_stop_ends_the_answer_and_the_service_s_work(support, services):
    ask(support, "talk on")
    expect(support.locator('[data-answer="running"] .said')).not_to_be_empty()
    support.locator('[data-action="stop-answer"]').click()
    expect(support.locator('[data-answer="stopped"] .took')).to_contain_text("stopped")
    until(lambda: services.health("support")["active"] == 0)
    ask(support, "and again")
    expect(answers(support)).to_have_count(2)


def test_language_and_reload_leave_the_conversation_alone(support, new_page, editor):
    question(support).fill("hello there")
    question(support).press("Enter")
    expect(support.locator('[data-answer="running"] .said')).not_to_be_empty()
    question(support).press_sequentially("half a thou")
    support.locator('[data-action="language"]').click()
    expect(support.locator('[data-action="send"]')).to_have_text("发送")
    expect(chip(support, "support")).to_have_text("在线")
    expect(question(support)).to_have_value("half a thou")
    expect(support.locator('[data-message="user"]')).to_have_text("hello there")
    support.locator('[data-action="stop-answer"]').click()
    answer = support.locator('[data-answer="stopped"] .said').inner_text()
    support.reload()
    # What was on its way when it was stopped is kept too.
    expect(support.locator('[data-answer="stopped"] .said')).to_have_text(
        re.compile(f"^{re.escape(answer.strip())}")
    )
    expect(question(support)).to_have_value("half a thou")
    other = new_page()
    other.goto(f"{editor.url}/services/support")
    expect(other.get_by_text("Nothing said yet")).to_be_visible()


def test_two_tabs_show_the_same_conversation_as_it_goes_on(support):
    tab = support.context.new_page()
    tab.goto(support.url)
    ask(support, "hello")
    expect(tab.locator('[data-answer="running"] .said')).not_to_be_empty()
    tab.locator('[data-action="stop-answer"]').click()
    expect(support.locator('[data-answer="stopped"]')).to_be_visible()


def test_what_is_typed_while_an_answer_comes_stays(support):
    ask(support, "hello")
    expect(support.locator('[data-answer="running"]')).to_be_visible()
    ask(support, "too early")
    expect(support.locator('[data-action="send"]')).to_be_disabled()
    expect(question(support)).to_have_value("too early")
    expect(answers(support)).to_have_count(1)


def test_clear_forgets_what_was_said(support):
    ask(support, "hello")
    expect(answers(support)).to_have_count(1)
    support.locator('[data-action="clear"]').click()
    expect(support.get_by_text("Nothing said yet")).to_be_visible()
    support.reload()
    expect(support.get_by_text("Nothing said yet")).to_be_visible()


def test_how_it_answers_can_be_changed_and_is_kept(support):
    support.locator('[data-action="edit-system"]').click()
    dialog = support.locator('[data-dialog="wishes"]')
    dialog.locator('[data-field="system"]').fill(f"Be kind. {MARKUP}")
    dialog.locator('[data-field="temperature"]').fill("3")
    dialog.locator('[data-action="save-wishes"]').click()
    expect(dialog).to_contain_text("from 0 to 2")
    dialog.locator('[data-field="temperature"]').fill("0.5")
    dialog.locator('[data-field="max_tokens"]').fill("2")
    dialog.locator('[data-action="save-wishes"]').click()
    expect(support.locator(".sys")).to_contain_text(f"Be kind. {MARKUP}")
    support.reload()
    expect(support.locator('[data-action="wishes"]')).to_have_text(["temperature 0.5", "at most 2 tokens"])
    # A model of random weights ends its answer by itself now and then, but hardly within two tokens.
    ask(support, "hello")
    expect(support.locator('[data-answer="done"]')).to_contain_text("cut off: no room for more")
    expect(support.locator('[data-answer="done"]')).to_contain_text("2 tokens")


def test_a25_whatever_is_said_stays_text(page, editor, services):
    page.goto(f"{editor.url}/services/guarded")
    ask(page, f"{MARKUP} \x00\x1b[31m {{{{ 1 + 1 }}}}")
    expect(page.locator('[data-message="user"]')).to_contain_text(MARKUP)
    expect(page.locator('[data-message="user"]')).to_contain_text("{{ 1 + 1 }}")
    expect(page.locator('[data-answer="done"]')).to_be_visible()
    assert page.locator(".talk img, .talk .said b").count() == 0
    assert page.title() == "Services · NodeGraph"


def test_a_conversation_longer_than_the_context_can_go_on_without_its_past(support):
    long = "the quick brown fox jumps over the lazy dog " * 120
    ask(support, long)
    expect(support.locator('[data-answer="running"] .said')).not_to_be_empty()
    support.locator('[data-action="stop-answer"]').click()
    expect(support.locator('[data-action="send"]')).to_be_enabled()
    ask(support, long)
    failed = support.locator('[data-answer="failed"]')
    expect(failed).to_contain_text(f"context holds {CONTEXT}")
    failed.locator('[data-action="answer-afresh"]').click()
    expect(support.locator('[data-answer="running"]')).to_have_count(1)
    expect(answers(support)).to_have_count(1)


def test_a41_the_key_is_used_and_never_sent_to_the_page(page, editor, services, space):
    received: list[str] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda frame: received.append(str(frame))))
    page.goto(f"{editor.url}/services/guarded")
    ask(page, "hello")
    expect(page.locator('[data-answer="done"]')).to_be_visible()
    page.locator('[data-action="code"]').click()
    expect(page.locator('[data-example="curl"]')).to_contain_text("$SERVICE_KEY")
    assert received and KEY not in page.content() + "".join(received)
    page.keyboard.press("Escape")
    space.secrets.remove("SERVICE_KEY")
    try:
        ask(page, "hello again")
        expect(page.locator('[data-answer="failed"]')).to_contain_text("SERVICE_KEY")
        expect(page.locator('[data-action="answer-settings"]')).to_be_visible()
    finally:
        space.secrets.set("SERVICE_KEY", KEY)


def test_a_model_without_chat_template_goes_on_from_a_text(page, editor, services):
    page.goto(f"{editor.url}/services/writer")
    expect(page.get_by_text("goes on writing")).to_be_visible()
    expect(page.locator(".sys")).to_have_count(0)
    ask(page, "the quick brown")
    expect(page.locator('[data-answer="done"] .said')).not_to_be_empty()


def test_examples_can_be_copied(new_page, editor, services):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{editor.url}/services/support")
    page.locator('[data-action="code"]').click()
    page.locator('[data-tab="python"]').click()
    dialog = page.locator('[data-dialog="code"]')
    dialog.locator('.code [data-action="copy"]').click()
    expect(dialog.locator('.code [data-action="copy"]')).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == dialog.locator('[data-example="python"]').text_content()
    assert services.get("support").base_url in copied


def test_two_services_answer_the_same_question_side_by_side(page, editor, services):
    page.goto(f"{editor.url}/services/guarded")
    page.locator('[data-action="compare"]').click()
    page.locator('[data-action="compare-with"]').filter(has_text="writer").click()
    expect(page.locator("[data-column]")).to_have_count(2)
    ask(page, "the lazy dog")
    for name in ("guarded", "writer"):
        column = page.locator(f'[data-column="{name}"]')
        expect(column.locator('[data-message="user"]')).to_have_text("the lazy dog")
        expect(column.locator('[data-answer="done"]')).to_be_visible()
    page.locator('[data-action="leave-compare"]').click()
    expect(page.locator("[data-column]")).to_have_count(1)
    expect(page.locator('[data-answer="done"]')).to_be_visible()


def test_a_failed_service_says_why_and_has_its_log(page, editor, services):
    page.goto(f"{editor.url}/services/broken")
    expect(page.locator(".strip [data-state=failed]")).to_contain_text("ended while it started")
    expect(page.locator('[data-action="send"]')).to_be_disabled()
    page.locator('[data-action="log"]').click()
    expect(page.locator("pre.log")).to_contain_text("Error")
    page.locator('[data-action="start"]').click()
    expect(chip(page, "broken")).to_contain_text("starting")
    expect(page.locator(".toast")).to_contain_text("ended while it started", timeout=PATIENCE)
    expect(chip(page, "broken")).to_have_text("failed")


def test_an_unknown_service_is_said_to_be_none(page, editor, services):
    page.goto(f"{editor.url}/services/nowhere")
    expect(page.get_by_text("There is no service nowhere")).to_be_visible()
    page.locator('[data-service="support"]').click()
    expect(page).to_have_url(f"{editor.url}/services/support")
    expect(question(page)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("There is no service nowhere")).to_be_visible()


def test_stopping_and_starting_again(support, services):
    ask(support, "talk on")
    expect(support.locator('[data-answer="running"] .said')).not_to_be_empty()
    support.locator('[data-action="stop"]').click()
    dialog = support.locator('[data-dialog="stop"]')
    dialog.locator('[data-action="keep"]').click()
    expect(dialog).to_have_count(0)
    support.locator('[data-action="stop"]').click()
    dialog.locator('[data-action="confirm"]').click()
    expect(chip(support, "support")).to_have_text("stopped")
    assert services.get("support").state == "stopped"
    expect(support.locator('[data-action="send"]')).to_be_disabled()
    expect(answers(support)).to_have_count(1)
    support.locator('.phead [data-action="start"]').click()
    expect(chip(support, "support")).to_contain_text("starting")
    expect(chip(support, "support")).to_have_text("live", timeout=PATIENCE)
    ask(support, "are you back?")
    expect(support.locator('[data-answer="running"] .said')).not_to_be_empty()


def test_f56_a_killed_service_is_seen_and_is_live_again(page, editor, services):
    page.goto(f"{editor.url}/services/guarded")
    expect(chip(page, "guarded")).to_have_text("live")
    pid = services.get("guarded").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    expect(chip(page, "guarded")).not_to_have_text("live")
    expect(chip(page, "guarded")).to_have_text("live", timeout=PATIENCE)
    assert services.get("guarded").pid != pid
    ask(page, "are you back?")
    expect(page.locator('[data-answer="done"]')).to_be_visible()


def test_a_start_can_be_taken_back(page, editor, services):
    services.stop("writer")
    page.goto(f"{editor.url}/services/writer")
    page.locator('[data-action="start"]').click()
    expect(page.locator(".strip")).to_contain_text("its model is being loaded")
    page.locator('[data-action="stop"]').click()
    page.locator('[data-dialog="stop"] [data-action="confirm"]').click()
    expect(chip(page, "writer")).to_have_text("stopped")
    assert services.get("writer").reason == "Its start was cancelled."


def test_conversations_end_with_the_server_and_services_do_not(page, editor, services, allowed_errors):
    """A restart of the editor: what was being typed is there, the service answers as before."""
    page.goto(f"{editor.url}/services/guarded")
    expect(chip(page, "guarded")).to_have_text("live")
    pid = services.get("guarded").pid
    ask(page, "hello")
    expect(page.locator('[data-answer="done"]')).to_be_visible()
    allowed_errors.append("WebSocket|ERR_CONNECTION_REFUSED")
    question(page).fill("half a thou")
    page.evaluate("window.former = true")
    editor.stop()
    question(page).press_sequentially("ght")
    editor.start()
    # The page loads itself anew.
    page.wait_for_function("!window.former && window.did_handshake", timeout=90_000)
    expect(chip(page, "guarded")).to_have_text("live")
    expect(question(page)).to_have_value("half a thought")
    assert services.get("guarded").pid == pid
    ask(page, "hello again")
    expect(page.locator('[data-answer="done"]')).to_have_count(1)
