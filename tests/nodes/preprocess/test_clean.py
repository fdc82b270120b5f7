"""Each rule removes or changes what it says, counts it, and leaves the rest alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeFailure
from nodes.preprocess._clean.personal import KINDS, is_identity_number, masked, passes_luhn
from nodes.preprocess.clean import Params
from tests.support import NodeResult, dataset, run_node

Rows = list[dict[str, Any]]
Clean = Callable[..., "Cleaned"]


class Cleaned:
    """What is left, and what the report says of each rule."""

    def __init__(self, result: NodeResult) -> None:
        self.rows = result.rows()
        self.report = json.loads((result.outputs["report"] / "report.json").read_text())
        self.rules = {rule["rule"]: rule for rule in self.report["rules"]}
        self.card = json.loads((result.outputs["dataset"] / "card.json").read_text())
        self.result = result

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows]


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    def clean(rows: Rows | list[str], **params: Any) -> Cleaned:
        rows = [{"text": row} if isinstance(row, str) else row for row in rows]
        directory = dataset(tmp_path / f"in-{random.getrandbits(64)}", rows)
        return Cleaned(run_node("preprocess.clean", tmp_path, {"dataset": directory}, **params))

    return clean


def test_texts_are_tidied_in_every_form(clean: Clean) -> None:
    dirty, tidy = "  e\u0301\u200b\x07 ok\r\n", "é ok"
    rows = [
        {"text": dirty},
        {"prompt": dirty, "completion": dirty},
        {"messages": [{"role": "user", "content": dirty}, {"role": "assistant", "content": dirty}]},
        {"prompt": [{"role": "user", "content": dirty}], "chosen": dirty, "rejected": "x"},
    ]
    found = clean(rows)
    assert found.rows[0] == {"text": tidy}
    assert found.rows[1] == {"prompt": tidy, "completion": tidy}
    assert [turn["content"] for turn in found.rows[2]["messages"]] == [tidy, tidy]
    assert found.rows[3]["prompt"][0]["content"] == found.rows[3]["chosen"] == tidy
    assert [found.rules[rule]["changed"] for rule in ("control", "unicode", "trim")] == [4, 4, 4]


def test_emoji_with_joiners_stay_whole(clean: Clean) -> None:
    family = "👨\u200d👩\u200d👧 می\u200cخواهم"
    assert clean([family]).texts == [family]


def test_html_goes_but_code_stays(clean: Clean) -> None:
    page = "<!DOCTYPE html><p>One &amp; <b>two</b></p><script>evil()</script><br>three<!-- x -->"
    code = "List<String> a = x < b ? y : z; if (p<q && r>s) {}"
    assert clean([page, code], strip_html=True).texts == ["One & two\n\nthree", code]


def test_white_space_collapses_only_on_request(clean: Clean) -> None:
    text = "a  b\u3000 c\n\n\n\n d"
    assert clean([text]).texts == [text]
    assert clean([text], collapse_whitespace=True).texts == ["a b c\n\nd"]


def test_length_limits_of_rows_and_answers(clean: Clean) -> None:
    assert clean(["a", "ab", "abc", "abcd"], min_chars=2, max_chars=3).texts == ["ab", "abc"]
    rows = [{"prompt": "question", "completion": answer} for answer in ("a", "abc", "abcdef")]
    found = clean(rows, answer_min_chars=2, answer_max_chars=5)
    assert [row["completion"] for row in found.rows] == ["abc"]
    assert found.rules["answer_length"]["removed"] == 2


def test_empty_answers_go(clean: Clean) -> None:
    rows = [
        {"prompt": "Q", "completion": "A"},
        {"prompt": "Q", "completion": " \n"},
        {"prompt": [{"role": "user", "content": "Q"}], "completion": [{"role": "assistant", "content": ""}]},
        {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": ""}]},
        {"messages": [{"role": "user", "content": "Q"},
                      {"role": "assistant", "content": "", "tool_calls": [{"type": "function"}]}]},
    ]  # fmt: skip
    assert len(clean(rows).rows) == 2
    assert len(clean(rows, drop_empty_answers=False).rows) == 5


def test_required_fields(clean: Clean) -> None:
    rows = [
        {"text": "a", "label": 0},
        {"text": "b", "label": None},
        {"text": "c", "label": " "},
        {"text": "d"},
    ]
    assert clean(rows, required=["label"]).texts == ["a"]
    with pytest.raises(NodeFailure, match="required field labl") as caught:
        clean(rows, required=["labl"])
    assert "label" in caught.value.hint


def test_patterns(clean: Clean) -> None:
    texts = ["order 66", "hello", "退款 12", "ad: buy"]
    assert clean(texts, keep_patterns=[r"\d+", "hello"]).texts == ["order 66", "hello", "退款 12"]
    assert clean(texts, drop_patterns=["^ad", "退款"]).texts == ["order 66", "hello"]


def test_a_wrong_pattern_is_a_problem_of_the_graph() -> None:
    with pytest.raises(ValueError, match=r"'\(a' is no regular expression: missing \)"):
        Params.model_validate({"keep_patterns": ["(a"]})
    with pytest.raises(ValueError, match="longest is shorter"):
        Params.model_validate({"min_chars": 5, "max_chars": 2})


def test_a_pattern_that_runs_away_is_stopped(clean: Clean) -> None:
    with pytest.raises(NodeFailure, match="took more than 5 s") as caught:
        clean(["a" * 40 + "!"], drop_patterns=["^(a+)+$"])
    assert "repetition inside a repetition" in caught.value.hint


def test_exact_duplicates_keep_the_first(clean: Clean) -> None:
    rows = [{"prompt": "Q", "completion": "A", "id": 1}, {"prompt": "Q", "completion": "B", "id": 2},
            {"prompt": "Q", "completion": "A", "id": 3}]  # fmt: skip
    assert [row["id"] for row in clean(rows).rows] == [1, 2, 3]
    assert [row["id"] for row in clean(rows, dedup="exact").rows] == [1, 2]
    assert [row["id"] for row in clean(rows, dedup="exact", dedup_on="question").rows] == [1]
    example = clean(rows, dedup="exact").rules["exact_duplicates"]["examples"][0]
    assert example["row"] == 3 and example["after"] == "removed: repeats row 1"


def test_a_prompt_with_columns_is_compared_by_all_of_them(clean: Clean) -> None:
    rows = [{"prompt": "same", "other": "a", "id": 1}, {"prompt": "same", "other": "b", "id": 2},
            {"prompt": "same", "other": "a", "id": 3}]  # fmt: skip
    assert [row["id"] for row in clean(rows, dedup="exact").rows] == [1, 2]


def test_near_duplicates_in_english_and_chinese(clean: Clean) -> None:
    english = "The quick brown fox jumps over the lazy dog near the river bank each morning in spring."
    chinese = "人工智能正在改变我们的生活，从医疗到教育，从交通到娱乐，每个行业都受到了深刻的影响。"
    texts = [
        english, english.replace("quick", "quik"), english.upper(),
        "Something else altogether, with other words.",
        chinese, chinese.replace("深刻", "巨大"), "今天天气很好，适合出去散步，看看风景，晒晒太阳。",
    ]  # fmt: skip
    found = clean(texts, dedup="near", near_threshold=0.7)
    assert found.texts == [texts[0], texts[3], texts[4], texts[6]]
    assert found.rules["near_duplicates"]["removed"] == 3
    assert clean(texts, dedup="near", near_threshold=1.0).texts == [texts[i] for i in (0, 1, 3, 4, 5, 6)]


def test_languages(clean: Clean) -> None:
    texts = ["今天天气很好，我们去公园散步吧。", "The weather is fine today, let us go to the park.",
             "Das Wetter ist heute schön, gehen wir in den Park spazieren.", "ok"]  # fmt: skip
    assert clean(texts, languages=["zh", "en"]).texts == [texts[0], texts[1], texts[3]]
    assert clean(texts, languages=["zh-CN"]).texts == [texts[0], texts[3]]
    with pytest.raises(NodeFailure, match="klingon is not known"):
        clean(texts, languages=["klingon"])


PERSONAL = {
    "email": ["a.b+c@mail.example.com", "邮箱test@例子.example.cn"[2:6] + "x@b.cn"],
    "phone": ["13812345678", "+86 138 1234 5678", "138-1234-5678", "010-12345678", "+44 20 7946 0958",
              "(415) 555-2671", "400-810-8888"],
    "id_card": ["11010519491231002X", "440524188001010014"],
    "credit_card": ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"],
    "ip": ["192.168.0.1", "2001:db8::8a2e:370:7334"],
    "url": ["https://example.com/a?b=c#d"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in PERSONAL for value in PERSONAL[kind]])
def test_personal_data_is_masked_wherever_it_stands(kind: str, value: str) -> None:
    for text in (value, f"联系：{value}。", f"see {value}, please", f"({value})"):
        assert masked(text, KINDS) == text.replace(value, f"[{kind.upper()}]")


@pytest.mark.parametrize(
    "text",
    ["12345", "order 20240131123456", "1.5 + 2.25 = 3.75", "600-150-1200-2000", "版本 1.2.3", "12:30:45",
     "110105194912310021", "4111 1111 1111 1112", "a@b", "2024-01-31 10:00", "f(x)=1234567890123", "::",
     "价格是 1380000 元", "10 + 20 + 30 +120 +10"],
)  # fmt: skip
def test_what_is_not_personal_stays(text: str) -> None:
    assert masked(text, KINDS) == text


def test_check_digits() -> None:
    assert is_identity_number("11010519491231002X") and not is_identity_number("110105194912310021")
    assert passes_luhn("4111111111111111") and not passes_luhn("4111111111111112")


def test_masking_reaches_every_part_of_a_row(clean: Clean) -> None:
    rows = [
        {
            "messages": [
                {"role": "user", "content": "Call 13812345678"},
                {"role": "assistant", "content": "a@b.cn"},
            ],
            "contact": "a@b.cn",
            "more": ["13912345678"],
        },
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    ]
    found = clean(rows, pii="mask")
    assert found.rows[0] == {
        "messages": [
            {"role": "user", "content": "Call [PHONE]"},
            {"role": "assistant", "content": "[EMAIL]"},
        ],
        "contact": "[EMAIL]",
        "more": ["[PHONE]"],
    }
    assert found.rules["pii"]["details"] == {"phone": 2, "email": 2} and found.rules["pii"]["changed"] == 1
    assert len(clean(rows, pii="drop").rows) == 1
    assert clean(rows, pii="mask", pii_kinds=["email"]).rows[0]["more"] == ["13912345678"]


def test_the_report_never_repeats_personal_data(clean: Clean) -> None:
    rows: Rows = [{"text": f"  {'x' * number} 13812345678 a@b.cn "} for number in range(30, 260, 10)]
    rows.append({"text": rows[0]["text"]})
    found = clean(rows, pii="mask", dedup="exact", drop_patterns=["x{200}"])
    said = json.dumps(found.report) + (found.result.outputs["report"] / "report.md").read_text()
    assert "1381" not in said and "a@b" not in said and "[PHONE]" in said


@given(st.text(st.sampled_from("0123456789 -+().@:abX元"), max_size=200))
def test_masking_is_stable(text: str) -> None:
    """Whatever is masked once is not masked again, and no mask makes a text hold new personal data."""
    once = masked(text, KINDS)
    assert masked(once, KINDS) == once or len(masked(once, KINDS)) < len(once) + 10


@pytest.mark.parametrize(
    "text", ["1" * 200_000, "a" * 200_000 + "@", "a." * 100_000, "1 " * 100_000, ":" * 200_000]
)
def test_masking_takes_linear_time(text: str) -> None:
    import time

    start = time.process_time()
    masked(text, KINDS)
    assert time.process_time() - start < 3


def test_the_card_tells_what_was_done(clean: Clean) -> None:
    found = clean(["a", "b", "b"], dedup="exact")
    assert found.card["lineage"] == [{"step": "preprocess.clean", "dedup": "exact"}]
    assert found.card["counts"] == {"rows": 2} and found.result.metric("rows_removed") == 1
    assert [found.report[name] for name in ("rows_read", "rows_kept", "rows_removed")] == [3, 2, 1]


def test_nothing_left_is_a_failure_that_names_the_rule(clean: Clean, tmp_path: Path) -> None:
    with pytest.raises(NodeFailure, match="most went by the rule length: 2 rows") as caught:
        clean(["a", "b"], min_chars=10)
    assert caught.value.category == "input"
