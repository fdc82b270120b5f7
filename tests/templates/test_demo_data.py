"""The demo's data: small, balanced, bilingual, every message a different one, and learnable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import read_jsonl

FILE = Path(__file__).resolve().parents[2] / "templates" / "data" / "customer_messages.jsonl"
TEAMS = {"billing", "shipping", "returns", "technical", "account", "sales"}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return read_jsonl(FILE)


def trigrams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}


def test_every_row_has_a_message_a_team_and_a_language(rows: list[dict[str, Any]]) -> None:
    assert 1150 <= len(rows) <= 1250
    for row in rows:
        assert list(row) == ["prompt", "completion", "language"]
        assert row["completion"] in TEAMS
        assert 10 <= len(row["prompt"]) <= 200
        assert row["prompt"] == row["prompt"].strip()
        assert "{" not in row["prompt"]


def test_teams_and_languages_are_balanced(rows: list[dict[str, Any]]) -> None:
    cells = Counter((row["completion"], row["language"]) for row in rows)
    share = len(rows) / 12
    assert len(cells) == 12
    assert all(0.85 * share <= count <= 1.15 * share for count in cells.values()), cells


def test_the_language_is_what_the_row_says(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        chinese = any("\u4e00" <= character <= "\u9fff" for character in row["prompt"])
        assert chinese == (row["language"] == "zh"), row


def test_no_two_messages_are_nearly_the_same(rows: list[dict[str, Any]]) -> None:
    """No pair shares half of its groups of three characters; all pairs are counted at once, as a matrix."""
    from sklearn.feature_extraction.text import CountVectorizer

    vectors = CountVectorizer(analyzer=trigrams, dtype=np.int32)
    has = vectors.fit_transform([row["prompt"] for row in rows])
    shared = (has @ has.T).toarray()
    size = shared.diagonal()
    part = shared / (size[:, None] + size - shared)
    np.fill_diagonal(part, 0)
    assert part.max() < 0.5


def test_a_simple_classifier_tells_the_teams_apart(rows: list[dict[str, Any]]) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline

    messages = [row["prompt"] for row in rows]
    teams = [row["completion"] for row in rows]
    known, held_out, answers, expected = train_test_split(
        messages, teams, test_size=0.2, random_state=0, stratify=teams
    )
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    model = make_pipeline(vectors, LogisticRegression(C=30, max_iter=1000)).fit(known, answers)
    assert model.score(held_out, expected) >= 0.95
