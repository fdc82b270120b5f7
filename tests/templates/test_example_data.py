"""The other example files: balanced, bilingual, no row twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.support import read_jsonl

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "data"


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_every_topic_is_asked_about_three_times_in_both_languages() -> None:
    rows = read_jsonl(FOLDER / "shop_answers.jsonl")
    assert Counter(Counter((row["topic"], row["language"]) for row in rows).values()) == {3: 60}
    assert len({row["prompt"] for row in rows}) == len(rows) == 180
    for row in rows:
        assert list(row) == ["prompt", "completion", "topic", "language"]
        assert chinese(row["prompt"]) == chinese(row["completion"]) == (row["language"] == "zh"), row


def test_questions_on_a_topic_in_a_language_have_one_answer() -> None:
    rows = read_jsonl(FOLDER / "shop_answers.jsonl")
    answers = {(row["topic"], row["language"]): row["completion"] for row in rows}
    assert all(row["completion"] == answers[row["topic"], row["language"]] for row in rows)


def test_stories_are_short_and_told_once() -> None:
    stories = (FOLDER / "short_stories.txt").read_text(encoding="utf-8").splitlines()
    assert len(set(stories)) == len(stories) == 600
    assert sum(chinese(story) for story in stories) == 300
    assert all(50 <= len(story) <= 450 for story in stories)
