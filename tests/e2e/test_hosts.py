"""The page of hosts in the browser: add, change, drain and remove hosts, see who waits and what it costs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import Editor, open_editor
from tests.executor.hosts.support import Line
from tests.executor.support import TOYS, pipeline

# Somebody else may be at work on the machine.
PATIENCE = 60_000
CORES = os.cpu_count() or 1
SLOW = "hold: {type: custom.make, title: Holder, params: {seconds: %s}, resources: {cpu: %d}}"
ENGINE = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with open_editor(tmp_path_factory.mktemp("hosts") / "data", nodes_root=TOYS) as opened:
        yield opened


@pytest.fixture(scope="module")
def space(editor: Editor) -> Iterator[Workspace]:
    """The data directory of the editor, seen from outside."""
    with Workspace(editor.data_dir, nodes_root=TOYS) as opened:
        yield opened


@pytest.fixture
def hosts(page: Page, editor: Editor) -> Page:
    page.goto(f"{editor.url}/hosts")
    expect(host(page, "local")).to_be_visible()
    return page


def host(page: Page, name: str) -> Locator:
    return page.locator(f'[data-host="{name}"]')


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-dialog="host"] [data-param="{name}"]')


def say(page: Page, name: str, text: str) -> None:
    field(page, name).locator("input").fill(text)


def press(within: Page | Locator, action: str) -> None:
    within.locator(f'[data-action="{action}"]').click()


def test_with_this_machine_alone_the_page_says_how_to_add_others(page: Page, editor: Editor) -> None:
    page.goto(editor.url)
    page.locator('.rail a[href="/hosts"]').click()
    expect(page.locator('.rail a[aria-current="page"]')).to_have_text("Hosts")
    expect(host(page, "local")).to_contain_text("This machine")
    expect(host(page, "local").locator('[data-fact="cpus"]')).to_contain_text(f"/ {CORES}")
    expect(host(page, "local").locator('[data-action="host-remove"]')).to_have_count(0)
    expect(page.get_by_text("Only this machine so far")).to_be_visible()
    expect(page.get_by_text("nodegraph hosts add")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()


def test_a_host_that_does_not_answer_is_added_drained_and_removed(hosts: Page) -> None:
    hosts.keyboard.press("n")
    say(hosts, "name", "Big One")
    hosts.locator('[data-action="save-host"]').hover()
    # The button is no longer under the mouse when it is let go: the address wants more fields.
    hosts.mouse.down()
    say(hosts, "address", "tcp://nowhere")
    expect(field(hosts, "ca")).to_be_visible()
    hosts.mouse.up()
    expect(field(hosts, "name").locator("[data-problem]")).to_contain_text("Big One")
    expect(field(hosts, "address").locator("[data-problem]")).to_contain_text("has no port")
    expect(field(hosts, "ca").locator("[data-problem]")).to_be_visible()
    say(hosts, "name", "far")
    say(hosts, "address", "unix:///nowhere/docker.sock")
    say(hosts, "labels", "big")
    say(hosts, "gpus", "2xT4:16")
    field(hosts, "address").locator("input").press("Enter")
    far = host(hosts, "far")
    expect(far).to_have_attribute("data-state", "unreachable", timeout=PATIENCE)
    expect(far).to_contain_text("It cannot be reached")
    expect(far.locator("[data-gpu]")).to_have_count(2)
    expect(far.locator(".where .tag")).to_have_text("big")
    expect(hosts.get_by_text("Only this machine so far")).to_have_count(0)
    press(far, "host-check")
    expect(far.locator('[data-action="host-check"]')).to_have_text("Check now", timeout=PATIENCE)
    press(far, "host-drain")
    expect(far.locator(".chip").last).to_have_text("draining")
    press(hosts, "language")
    expect(far.locator(".chip")).to_have_text(["无法连接", "排空中"])
    press(far, "host-drain")
    expect(far.locator(".chip")).to_have_text(["无法连接"])
    press(far, "host-remove")
    hosts.locator('[data-dialog="remove-host"] [data-param="purge"] [role=checkbox]').check()
    press(hosts, "confirm")
    expect(hosts.locator('[data-toast="failed"]').last).to_contain_text("far 没有删除", timeout=PATIENCE)
    press(far, "host-remove")
    press(hosts, "confirm")
    expect(far).to_have_count(0)


@pytest.mark.docker
@pytest.mark.skipif(not ENGINE.startswith("unix://"), reason="the engine is on another machine")
def test_a_host_whose_engine_answers_says_what_it_has(
    hosts: Page, space: Workspace, request: pytest.FixtureRequest
) -> None:
    line = Line()
    request.addfinalizer(line.close)
    press(hosts, "host-add")
    say(hosts, "name", "second")
    say(hosts, "address", line.address)
    press(hosts, "save-host")
    second = host(hosts, "second")
    expect(second).to_have_attribute("data-state", "ready", timeout=PATIENCE)
    expect(second.locator('[data-fact="engine"]')).to_contain_text(re.compile(r"Docker \d"))
    press(second, "host-drain")
    expect(second).to_have_attribute("data-state", "draining")
    # What another process says of it is seen without a reload.
    space.hosts.update("second", labels=["spare"], check=False)
    expect(second.locator(".where .tag")).to_have_text("spare")
    press(second, "host-remove")
    hosts.locator('[data-dialog="remove-host"] [data-param="purge"] [role=checkbox]').check()
    press(hosts, "confirm")
    expect(hosts.locator('[data-toast="done"]').last).to_contain_text(
        "Nothing was kept there.", timeout=PATIENCE
    )
    expect(second).to_have_count(0)
    # This machine's own engine under another name.
    press(hosts, "host-add")
    say(hosts, "name", "twin")
    say(hosts, "address", ENGINE)
    press(hosts, "save-host")
    expect(host(hosts, "twin")).to_have_attribute("data-state", "refused", timeout=PATIENCE)
    expect(host(hosts, "twin")).to_contain_text("It is not used: it is the engine of the host local too")
    space.hosts.remove("twin")
    expect(host(hosts, "twin")).to_have_count(0)


def test_who_waits_is_shown_until_it_has_a_place(hosts: Page, editor: Editor, space: Workspace) -> None:
    space.pipelines.save(pipeline(SLOW % (601, CORES), name="waits"))
    holds = space.runs.submit(pipeline(SLOW % (600, CORES), name="holds"))
    waits = space.runs.submit(pipeline(SLOW % (601, CORES), name="waits"))
    line = hosts.locator(f'[data-waiting="{waits}/hold"]')
    expect(line).to_contain_text("position 1", timeout=PATIENCE)
    expect(line).to_contain_text("Holder")
    expect(host(hosts, "local").locator('[data-fact="cpus"]')).to_contain_text(f"{CORES} / {CORES}")
    line.locator(f'a[href="/runs/{waits}"]').click()
    expect(hosts.locator("[data-page=run]")).to_be_visible()
    expect(hosts.locator(".gantt")).to_contain_text("position 1")
    # On its card the reason stands in full, over as many lines as it takes.
    hosts.goto(f"{editor.url}/pipelines/waits?run={waits}")
    reason = hosts.locator('[data-node="hold"] .cause > span')
    expect(reason).to_contain_text("position 1")
    assert reason.evaluate(
        "(one) => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight"
    )
    hosts.goto(f"{editor.url}/hosts")
    space.runs.cancel(waits)
    space.runs.cancel(holds)
    expect(hosts.get_by_text("Nothing waits")).to_be_visible(timeout=PATIENCE)


def test_prices_of_a_host_make_costs_of_runs(hosts: Page, editor: Editor, space: Workspace) -> None:
    press(host(hosts, "local"), "host-edit")
    prices = field(hosts, "prices")
    press(prices, "add")
    prices.locator("input").first.fill("cpu")
    prices.locator("input").last.fill("36000")
    press(hosts, "save-host")
    expect(host(hosts, "local").locator('[data-fact="prices"]')).to_contain_text("core 36,000")
    run = space.runs.wait(space.runs.submit(pipeline(SLOW % (0.5, 1), name="costs")), 60)
    assert run.usage.cost > 1
    hosts.goto(f"{editor.url}/runs")
    row = hosts.locator(f'[data-run="{run.id}"]')
    expect(row.locator('[data-used="Cost"]')).to_contain_text("USD")
    expect(hosts.locator('[data-chart="spent"]')).to_contain_text("Cost of runs")
    hosts.goto(f"{editor.url}/runs/{run.id}")
    expect(hosts.locator(".runfacts")).to_contain_text(f"{run.usage.cost:,.2f} USD")
    hosts.locator('[data-action="view"] [data-value="table"]').click()
    expect(hosts.locator('[data-row="hold"]')).to_contain_text("this machine")
    expect(hosts.locator('[data-row="hold"]')).to_contain_text("USD")
