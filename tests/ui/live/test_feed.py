"""A feed follows a run from the engine's updates."""

from __future__ import annotations

from pathlib import Path

from executor.services.runs import Update
from tests.executor.support import pipeline, until, workspace
from ui.live.feed import Change, Feed

CHAIN = """
a: {type: custom.make, params: {text: a, seconds: 0.3}}
b: {type: custom.make, params: {text: b}, inputs: {after: a.text}}
"""


def test_a_feed_hears_states_numbers_and_logs(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        subscription = space.runs.subscribe()
        assert subscription is not None
        number = space.runs.submit(pipeline(CHAIN))
        feed, seen = Feed(space.runs.get(number)), []

        def ended() -> bool:
            feed.add(update for update in subscription.take(0.2) if update.run == number)
            seen.append(feed.refresh(space.runs))
            return feed.view.final

        until(ended, 60)
        assert feed.view.state == "succeeded"
        assert {name for change in seen for name in change.nodes} == {"a", "b"}
        assert [point[0] for change in seen for point in change.points.get("b", [])] == ["length"]
        assert any(change.run for change in seen)
        assert any("a" in change.logs for change in seen)
        assert not feed.refresh(space.runs), "nothing new, nothing told"


def test_who_comes_in_the_middle_sees_the_numbers_from_before(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        number = space.runs.submit(pipeline("a: {type: custom.learn, params: {steps: 40}}"))
        until(lambda: len(space.runs.metrics(number, "a")) > 4, 60)
        feed = Feed(space.runs.get(number))
        feed.recall(space.runs)
        assert list(feed.recent["a"]["loss"])[:2] == [2.0, 1.0]
        feed.add([Update("metric", number, "a", {"name": "loss", "value": 0.5, "step": 99})])
        feed.refresh(space.runs)
        assert feed.recent["a"]["loss"][-1] == 0.5


def test_a_change_is_true_where_there_is_one() -> None:
    assert not Change()
    assert Change(logs={"a"})
