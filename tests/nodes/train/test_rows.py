"""What the model reads and what it learns of each kind of row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeFailure
from nodes.train._callback import without_gain
from nodes.train._render import Renderer
from nodes.train._rows import RowWriter, best_fit, blocks

TURNS = [
    {"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"},
    {"role": "user", "content": "bye"}, {"role": "assistant", "content": "see you"},
]  # fmt: skip
UNMARKED = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def tokenizer(base: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(base)


def learned(renderer: Renderer, row: dict[str, Any]) -> list[str]:
    return [part.text for part in renderer.row(row, 1).parts if part.learned]


def test_text_is_learned_whole(tokenizer: Any) -> None:
    assert learned(Renderer(tokenizer), {"text": "once upon"}) == ["once upon"]


def test_completions_are_learned_prompts_are_read(tokenizer: Any) -> None:
    row = {"prompt": "2+2=", "completion": "4"}
    assert learned(Renderer(tokenizer), row) == ["4"]
    assert learned(Renderer(tokenizer, answers_only=False), row) == ["2+2=", "4"]
    assert learned(Renderer(tokenizer), {"prompt": "2+2=", "chosen": "4", "rejected": "5"}) == ["4"]


def test_chat_form_puts_prompts_in_turns(tokenizer: Any) -> None:
    rendered = Renderer(tokenizer, "chat").row({"prompt": "2+2", "completion": "4"}, 1)
    whole = "".join(part.text for part in rendered.parts)
    assert whole == "<|im_start|>user\n2+2<|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n"
    assert [part.text for part in rendered.parts if part.learned] == ["4<|im_end|>"]


def test_every_answer_of_a_conversation_is_learned_or_only_the_last(tokenizer: Any) -> None:
    row = {"messages": TURNS}
    assert learned(Renderer(tokenizer), row) == ["hello<|im_end|>", "see you<|im_end|>"]
    assert learned(Renderer(tokenizer, last_answer_only=True), row) == ["see you<|im_end|>"]
    split = {"prompt": TURNS[:3], "completion": TURNS[3:]}
    assert learned(Renderer(tokenizer), split) == ["see you<|im_end|>"]


def test_templates_without_marks_give_the_same(tokenizer: Any, base: Path) -> None:
    from transformers import AutoTokenizer

    unmarked = AutoTokenizer.from_pretrained(base)
    unmarked.chat_template = UNMARKED
    row = {"messages": TURNS}
    marked = [part.strip() for part in learned(Renderer(tokenizer), row)]
    assert [part.strip() for part in learned(Renderer(unmarked), row)] == marked


def test_a_system_prompt_begins_conversations_that_have_none(tokenizer: Any) -> None:
    renderer = Renderer(tokenizer, system_prompt="Be brief.")
    first = renderer.row({"messages": TURNS}, 1).parts[0].text
    assert first.startswith("<|im_start|>system\nBe brief.<|im_end|>")
    own = [{"role": "system", "content": "Mine."}, *TURNS]
    assert "Be brief." not in renderer.row({"messages": own}, 1).parts[0].text


def test_errors_name_the_row(tokenizer: Any) -> None:
    with pytest.raises(NodeFailure, match="Row 7 has a prompt but no completion"):
        Renderer(tokenizer).row({"prompt": "x"}, 7)
    with pytest.raises(NodeFailure, match="in row 3 is no list of turns"):
        Renderer(tokenizer).row({"messages": "x"}, 3)


@given(st.lists(st.integers(1, 50), max_size=60))
def test_packing_places_every_row_once_and_never_overfills(lengths: list[int]) -> None:
    bins = best_fit(lengths, 50)
    assert sorted(index for members in bins for index in members) == list(range(len(lengths)))
    assert all(sum(lengths[index] for index in members) <= 50 for members in bins)
    # No two bins could be one: the fit is tight.
    totals = sorted(sum(lengths[index] for index in members) for members in bins)
    assert len(totals) < 2 or totals[0] + totals[1] > 50


def test_blocks_hold_the_text_in_order(tmp_path: Path) -> None:
    writer = RowWriter(tmp_path, "text")
    for row in ([1, 2, 3], [4, 5], [6, 7, 8, 9, 10]):
        writer.add(row, [True] * len(row))
    cut = blocks(writer.rows(), 4)
    assert [cut.row(index)[0].tolist() for index in range(len(cut))] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert cut.uniform and cut.tokens == 8


def test_evaluations_without_gain_are_counted() -> None:
    assert without_gain([3.0, 2.0, 1.0], 0) == 0
    assert without_gain([3.0, 2.0, 2.5, 2.0], 0) == 2
    assert without_gain([3.0, 2.95, 2.94], 0.1) == 2
