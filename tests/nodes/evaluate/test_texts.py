"""Taking the answer out of a text, normalising it, and telling labels and Chinese text apart."""

from __future__ import annotations

import pytest

from nodes.evaluate._texts import Extraction, extractor, is_chinese, labels_among, normaliser


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("none", " as it is ", " as it is "),
        ("first_line", "\n yes \nbecause", "yes"),
        ("last_line", "because\nyes\n", "yes"),
        ("last_number", "so 5-3 = 2, that is $1,234.50.", "1234.5"),
        ("last_number", "it is -3", "-3"),
        ("last_number", "#### 18", "18"),
        ("last_number", "一共３２元", "32"),
        ("last_number", "none", ""),
        ("regex", "thinking… Answer: B.", "B"),
        ("regex", "no such thing", ""),
        ("label", "Billing", "billing"),
        ("label", "I send it to tech support.", "tech support"),
        ("label", "supporting billing", "billing"),
        ("label", "应该转给售后部门", "售后"),
        ("label", "nobody", "nobody"),
    ],
)
def test_the_answer_in_a_text(kind: Extraction, text: str, answer: str) -> None:
    labels = ["billing", "support", "tech support", "售后"]
    assert extractor(kind, r"Answer: (\w)", labels)(text) == answer


def test_normalising() -> None:
    assert normaliser([])(" A ") == " A "
    assert normaliser(["strip"])(" A ") == "A"
    assert normaliser(["case", "strip", "nfkc"])(" ＡＢＣ１ ") == "abc1"
    assert normaliser(["punctuation"])("“Yes”, it—is!") == "Yes itis"
    assert normaliser(["whitespace"])("a \n b") == "a b"


def test_labels_are_few_and_short() -> None:
    assert labels_among(["b", "a", "a", "b"]) == ["a", "b"]
    assert labels_among(["a", "b", "c"]) == []
    assert labels_among(["a", "a", "a"]) == []
    assert labels_among(["x" * 41, "a"] * 9) == []


def test_chinese_is_recognised_beside_latin_words() -> None:
    assert is_chinese(["用 Python 写一个函数"])
    assert not is_chinese(["plain English", "with 一 character"])
    assert not is_chinese(["123"])
