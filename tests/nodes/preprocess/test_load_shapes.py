"""Whatever shape rows come in, they leave in one of TRL's standard forms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.nodes.preprocess.conftest import Load

USER = {"role": "user", "content": "Hi"}
ASSISTANT = {"role": "assistant", "content": "Hello"}
SYSTEM = {"role": "system", "content": "Be kind."}
BARE = "a bare string"
CASES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "alpaca": (
        {"instruction": "Add", "input": "1 2", "output": "3"},
        "prompt-completion", {"prompt": "Add\n1 2", "completion": "3"},
    ),
    "alpaca without input": (
        {"instruction": "Add", "input": "", "output": "3"},
        "prompt-completion", {"prompt": "Add", "completion": "3"},
    ),
    "alpaca with history and system": (
        {"instruction": "And 2?", "output": "3", "history": [["Hi", "Hello"]], "system": "Be kind."},
        "prompt-completion",
        {
            "prompt": [SYSTEM, USER, ASSISTANT, {"role": "user", "content": "And 2?"}],
            "completion": [{"role": "assistant", "content": "3"}],
        },
    ),
    "sharegpt": (
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
        "messages", {"messages": [USER, ASSISTANT]},
    ),
    "sharegpt with system column": (
        {"system": "Be kind.", "conversations": [{"from": "human", "value": "Hi"},
                                                 {"from": "gpt", "value": "Hello"}]},
        "messages", {"messages": [SYSTEM, USER, ASSISTANT]},
    ),
    "conversations with roles": (
        {"conversations": [USER, ASSISTANT]}, "messages", {"messages": [USER, ASSISTANT]},
    ),
    "messages": ({"messages": [USER, ASSISTANT]}, "messages", {"messages": [USER, ASSISTANT]}),
    "messages as JSON text": (
        {"messages": '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]'},
        "messages", {"messages": [USER, ASSISTANT]},
    ),
    "content in parts": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, ASSISTANT]},
        "messages", {"messages": [USER, ASSISTANT]},
    ),
    "prompt and response": (
        {"prompt": "Hi", "response": "Hello"}, "prompt-completion", {"prompt": "Hi", "completion": "Hello"},
    ),
    "conversational prompt and completion": (
        {"prompt": [USER], "completion": [ASSISTANT]},
        "prompt-completion", {"prompt": [USER], "completion": [ASSISTANT]},
    ),
    "question and answer": (
        {"Question": "Hi", "Answer": 42}, "prompt-completion", {"prompt": "Hi", "completion": "42"},
    ),
    "question and answers": (
        {"question": "Hi", "answers": ["Hello", "Hey"]},
        "prompt-completion", {"prompt": "Hi", "completion": "Hello", "answers": ["Hello", "Hey"]},
    ),
    "query and response": (
        {"query": "Hi", "response": "Hello"}, "prompt-completion", {"prompt": "Hi", "completion": "Hello"},
    ),
    "Chinese columns": (
        {"问题": "你好", "答案": "您好"}, "prompt-completion", {"prompt": "你好", "completion": "您好"},
    ),
    "text": ({"text": "Hello", "label": 1}, "text", {"text": "Hello", "label": 1}),
    BARE: ("Hello", "text", {"text": "Hello"}),
    "preference": (
        {"prompt": "Hi", "chosen": "Hello", "rejected": "No"},
        "preference", {"prompt": "Hi", "chosen": "Hello", "rejected": "No"},
    ),
    "preference, ShareGPT": (
        {"conversations": [{"from": "human", "value": "Hi"}], "chosen": {"from": "gpt", "value": "Hello"},
         "rejected": {"from": "gpt", "value": "No"}},
        "preference",
        {"prompt": [USER], "chosen": [ASSISTANT], "rejected": [{"role": "assistant", "content": "No"}]},
    ),
    "preference, whole conversations": (
        {"prompt": "Hi", "chosen": [USER, ASSISTANT],
         "rejected": [USER, {"role": "assistant", "content": "No"}]},
        "preference",
        {"prompt": [USER], "chosen": [ASSISTANT], "rejected": [{"role": "assistant", "content": "No"}]},
    ),
    "preference without prompt": (
        {"chosen": "\n\nHuman: Hi\n\nAssistant: Hello", "rejected": "\n\nHuman: Hi\n\nAssistant: No"},
        "preference", {"prompt": "\n\nHuman: Hi\n\nAssistant:", "chosen": " Hello", "rejected": " No"},
    ),
    "prompt with columns": (
        {"task_id": "1", "prompt": "def f():", "test": "assert f()"},
        "prompt", {"prompt": "def f():", "task_id": "1", "test": "assert f()"},
    ),
    "a conversation to be answered": ({"messages": [USER]}, "prompt", {"prompt": [USER]}),
}  # fmt: skip


# Of a table's cells nobody knows whether they were numbers, or several answers.
TABLES = [name for name, (row, *_) in CASES.items() if not {"answers", "label"} & set(row) and name != BARE]


@pytest.mark.parametrize("name", CASES)
def test_each_shape_becomes_a_standard_form(load: Load, name: str) -> None:
    row, purpose, expected = CASES[name]
    found = load("data.jsonl", [row, row])
    assert found.card["purpose"] == purpose
    assert found.rows == [expected, expected]


@pytest.mark.parametrize("spelled", [json.dumps, repr], ids=["JSON cells", "Python cells"])
@pytest.mark.parametrize("name", TABLES)
def test_each_shape_in_a_table(load: Load, name: str, spelled: Callable[[Any], str]) -> None:
    """Turns in a cell are JSON, or what pandas makes of a list: its text in Python."""
    row, _, expected = CASES[name]
    table = io.StringIO(newline="")
    cells = [value if isinstance(value, str) else spelled(value) for value in row.values()]
    csv.writer(table).writerows([row.keys(), cells, cells])
    assert load("data.csv", table.getvalue()).rows == [expected, expected]


def test_an_answer_that_is_json_stays_text(load: Load) -> None:
    row = {"prompt": "As JSON", "response": '{"role": "admin", "content": "all"}'}
    assert load("data.jsonl", [row]).rows == [{"prompt": row["prompt"], "completion": row["response"]}]


def test_tools_and_calls_are_kept(load: Load) -> None:
    row = {
        "tools": '[{"type": "function", "function": {"name": "weather"}}]',
        "conversations": [
            {"from": "human", "value": "Rain?"},
            {"from": "function_call", "value": '{"name": "weather", "arguments": {"city": "Xi\'an"}}'},
            {"from": "observation", "value": "sunny"},
            {"from": "gpt", "value": "No."},
        ],
    }
    found = load("data.jsonl", [row]).rows[0]
    assert [turn["role"] for turn in found["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert found["messages"][1]["tool_calls"][0]["function"] == {
        "name": "weather",
        "arguments": {"city": "Xi'an"},
    }
    assert found["tools"][0]["function"]["name"] == "weather"


def test_a_system_prompt_is_added_where_there_is_none(load: Load) -> None:
    rows = [
        {"messages": [USER, ASSISTANT]},
        {"messages": [{"role": "system", "content": "Own"}, USER, ASSISTANT]},
    ]
    found = load("data.jsonl", rows, system_prompt="Be kind.").rows
    assert [row["messages"][0]["content"] for row in found] == ["Be kind.", "Own"]
    assert load("qa.jsonl", [{"question": "Hi", "answer": "Hello"}], system_prompt="Be kind.").rows == [
        {"prompt": [SYSTEM, USER], "completion": [ASSISTANT]}
    ]


def test_a_late_history_makes_all_rows_conversations(load: Load) -> None:
    """TRL takes plain text or turns, not both in one dataset."""
    plain = [{"instruction": f"Q{i}", "output": "A"} for i in range(300)]
    found = load("data.jsonl", [*plain, {"instruction": "Q", "output": "A", "history": [["Hi", "Hello"]]}])
    assert all(isinstance(row["prompt"], list) and isinstance(row["completion"], list) for row in found.rows)
    assert len(found.rows) == 301 and len(found.rows[-1]["prompt"]) == 3


def test_a_few_bad_rows_do_not_change_the_shape(load: Load) -> None:
    rows = [{"question": "Q", "answer": None if number % 3 else "A"} for number in range(30)]
    found = load("data.jsonl", rows)
    assert found.card["purpose"] == "prompt-completion"
    assert found.report["reasons"] == {"answer is missing": 20}


def test_further_columns(load: Load) -> None:
    row = {"question": "Q", "answer": "A", "label": 1, "tags": ["a"], "meta": {"x": 1}, "text": "Q A"}
    assert load("data.jsonl", [row]).rows == [{"prompt": "Q", "completion": "A", "label": 1, "tags": ["a"]}]
    assert load("data.jsonl", [row], keep_columns="none").rows == [{"prompt": "Q", "completion": "A"}]
    everything = load("data.jsonl", [row], keep_columns="all").rows[0]
    assert everything["meta"] == {"x": 1} and everything["original_text"] == "Q A"


def test_a_mapping_by_hand(load: Load) -> None:
    rows = [{"src": "cat", "tgt": "猫", "kind": "noun"}]
    found = load("data.jsonl", rows, mapping={"prompt": "src", "completion": "tgt"})
    assert found.rows == [{"prompt": "cat", "completion": "猫", "kind": "noun"}]
    joined = load("data.jsonl", rows, mapping={"question": "Translate {src} ({kind})", "answer": "tgt"})
    assert joined.rows == [{"prompt": "Translate cat (noun)", "completion": "猫"}]


def test_an_unknown_shape_names_the_columns_and_the_way_out(refused) -> None:
    failure = refused("data.jsonl", [{"foo": 1, "bar": "x"}])
    assert "foo, bar" in failure.message
    assert "mapping: {prompt: foo, completion: bar}" in failure.hint


def test_a_mapping_to_a_missing_column_suggests_the_nearest(refused) -> None:
    failure = refused("data.jsonl", [{"title": "a", "body": "b"}], mapping={"text": "bdy"})
    assert "title, body" in failure.message and "body" in failure.hint


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"prmpt": "a"}, "Did you mean prompt"),
        ({"frage": "prompt"}, "Write prompt: frage"),
        ({"completion": "a"}, "needs text, prompt"),
        ({"chosen": "a", "prompt": "b"}, "go together"),
    ],
)
def test_a_wrong_mapping_is_a_problem_of_the_graph(mapping: dict[str, str], words: str) -> None:
    from nodes.preprocess.load import Params

    with pytest.raises(ValueError, match=words):
        Params.model_validate({"source": "x", "mapping": mapping})


def test_a_table_of_sentences_loads_with_a_warning(load: Load) -> None:
    rows = [{"n": 1, "more": "The first sentence is long enough.", "less": "The second one is, too."}]
    found = load("data.jsonl", rows)
    assert found.card["purpose"] == "prompt"
    assert found.rows[0] == {"prompt": rows[0]["more"], **rows[0]}
    assert "prompt is taken from the column more" in found.file["notes"][0]
    assert any(event.event == "log" and event.level == "warning" for event in found.result.events)


def test_a_named_shape_wins(load: Load, refused) -> None:
    row = {"question": "Q", "answer": "A", "text": "T"}
    assert load("data.jsonl", [row], shape="text").rows == [{"text": "T", "question": "Q", "answer": "A"}]
    assert "not in the shape sharegpt" in refused("data.jsonl", [row], shape="sharegpt").message
