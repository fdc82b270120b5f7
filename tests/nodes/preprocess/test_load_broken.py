"""Broken, hostile and odd files: each bad row has a place and a reason, each bad file one clear failure."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
from pathlib import Path
from typing import Any

import pytest

from tests.nodes.preprocess.conftest import Load

GOOD = {"instruction": "Q", "output": "A"}
LINE = json.dumps(GOOD)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "invalid JSON: Expecting value (column 1)"),
        ('{"instruction": "Q", "output": "A"', "invalid JSON: Expecting ',' delimiter (column 35)"),
        ("[1, 2]", "the row is a list: a row is an object with named fields"),
        ("42", "the row is a number: a row is an object with named fields"),
        ('{"output": "A"}', "instruction is missing"),
        ('{"instruction": "Q"}', "output is missing"),
        ('{"instruction": "Q", "output": null}', "output is missing"),
        ('{"instruction": "Q", "output": NaN}', "output is missing"),
        ('{"instruction": " ", "input": "", "output": "A"}', "instruction is empty"),
        ('{"instruction": "Q", "output": {"a": 1}}', "output is an object, not text"),
        ('{"instruction": "Q", "output": "\\ud83d"}',
         "half a character: a lone surrogate, as cut-off emoji leave them"),
        ("[" * 100_000, "nested too deeply"),
        ('{"instruction": "Q", "output": ' + "9" * 5000 + "}",
         "invalid JSON: Exceeds the limit (4300 digits) for integer string conversion: "
         "value has 5000 digits"),
    ],
)  # fmt: skip
def test_a_bad_line_is_dropped_with_its_number_and_reason(load: Load, line: str, reason: str) -> None:
    found = load("a.jsonl", f"{LINE}\n{line}\n\n{LINE}\n")
    assert found.bad == [("line 2", reason)]
    assert (found.report["rows_read"], found.report["rows_kept"], found.report["rows_dropped"]) == (3, 2, 1)
    assert len(found.rows) == 2


def test_bad_bytes_in_json_lines(load: Load) -> None:
    found = load("a.jsonl", LINE.encode() + b'\n{"instruction": "caf\xe9", "output": "A"}\n' + LINE.encode())
    assert found.bad == [("line 2", "bytes that are not utf-8")]


CONVERSATIONS: list[tuple[Any, str]] = [
    ([], "conversations is empty"),
    ("text", "conversations is no list of turns: it is text"),
    ([{"from": "narrator", "value": "x"}],
     "a turn of conversations has an unknown role: conversations[0] says 'narrator'"),
    ([{"from": "human"}], "a turn of conversations has no role and content: conversations[0]"),
    ([{"from": "human", "value": None}],
     "the content of a turn of conversations is no text: conversations[0] is missing"),
    ([{"from": "human", "value": "Q"}], "conversations has no turn of the assistant"),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "reason"), CONVERSATIONS, ids=[reason for _, reason in CONVERSATIONS])
def test_bad_conversations(load: Load, turns: Any, reason: str) -> None:
    good = {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}
    found = load("a.jsonl", [good, good, {"conversations": turns}])
    assert found.bad == [("line 3", reason)]


def test_the_same_answer_twice_is_no_preference(load: Load) -> None:
    rows = [{"prompt": "Q", "chosen": "A", "rejected": rejected} for rejected in ("B", "A")]
    assert load("a.jsonl", rows).bad == [("line 2", "chosen and rejected are the same")]


def test_bad_rows_can_be_fatal(refused) -> None:
    failure = refused("a.jsonl", f"{LINE}\noops\n{LINE}\n{{}}\n", on_bad_row="fail")
    assert failure.category == "input"
    assert failure.message == (
        "2 bad rows: a.jsonl, line 2: invalid JSON: Expecting value (column 1); "
        "a.jsonl, line 4: instruction is missing."
    )


def test_no_good_row_at_all_is_a_failure(refused) -> None:
    assert "None of the 2 rows can be used" in refused("a.jsonl", "oops\noops\n").message


def test_not_a_number_is_nothing(load: Load) -> None:
    found = load("a.jsonl", '{"text": "a", "score": NaN, "big": 1e999, "list": [Infinity]}\n')
    assert found.rows == [{"text": "a", "score": None, "big": None, "list": [None]}]


def test_odd_but_usable_rows_are_noted(load: Load) -> None:
    rows = [{"id": 1, "prompt": "Q", "response": "A", "label": 1},
            {"id": 1, "prompt": "R", "response": "", "label": "one"}]  # fmt: skip
    notes = " ".join(load("a.jsonl", rows).report["notes"])
    assert "repeat the id of an earlier one: 1" in notes
    assert "empty answer, which preprocess.clean drops: 1" in notes
    assert "label mixes int and str" in notes


# JSON arrays


def test_a_broken_row_of_an_array_leaves_the_others_whole(load: Load) -> None:
    bad = '{"instruction": "x", "output": }'
    quoted = '{"instruction": "a "quoted" b", "output": "x"}'
    found = load("a.json", f"[\n{LINE},\n{bad},\n{quoted},\n17,\n{LINE}\n]")
    assert found.bad == [
        ("row 2, line 3", "invalid JSON: Expecting value"),
        ("row 3, line 4", "invalid JSON: Expecting ',' delimiter"),
        ("row 4, line 5", "the row is a number: a row is an object with named fields"),
    ]
    assert len(found.rows) == 2


@pytest.mark.parametrize("cut", [1, 2, 30, 200, 401])
def test_a_truncated_array_says_where_it_ends(refused, cut: int) -> None:
    text = json.dumps([GOOD] * 20, indent=2)
    failure = refused("a.json", text[:-cut])
    line = text[:-cut].count("\n") + 1
    assert "a.json, line" in failure.message and "row" in failure.message
    assert abs(int(failure.message.split("line ")[1].split(":")[0]) - line) <= 3


def test_other_documents_that_are_no_rows(refused) -> None:
    assert "begins with 'h'" in refused("a.json", "hello").message
    assert (
        "columns (instruction, output), not rows"
        in refused(
            "pandas.json", json.dumps({"instruction": {"0": "a", "1": "b"}, "output": {"0": "c", "1": "d"}})
        ).message
    )
    assert "more after the end" in refused("two.json", "[" + LINE + "]\n[" + LINE + "]").message
    assert "no rows" in refused("empty.json", "[]").message


def test_an_object_with_several_lists_is_asked_for_by_split(load: Load) -> None:
    text = json.dumps({"train": [GOOD], "test": [GOOD, GOOD]})
    assert len(load("a.json", text).rows) == 1
    assert len(load("a.json", text, split="test").rows) == 2


def test_a_single_object_is_one_row(load: Load) -> None:
    turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    assert load("a.json", json.dumps({"messages": turns}, indent=1)).rows == [{"messages": turns}]


# Tables


def test_ragged_rows_and_stray_quotes_cost_one_row_each(load: Load) -> None:
    text = 'question,answer\na,b\nshort\na,b,c\n"two\nlines","an ""x"""\nq,"never closed\nc,d\ne,"f"\ng,h,,\n'
    found = load("a.csv", text)
    assert found.bad == [
        ("line 3", "wrong number of cells: 1, not 2"),
        ("line 4", "wrong number of cells: 3, not 2"),
        ("line 7", "a quote is not closed"),
    ]
    assert [row["prompt"] for row in found.rows] == ["a", "two\nlines", "c", "e", "g"]


def test_a_header_alone_has_no_rows(refused) -> None:
    assert "no rows" in refused("a.csv", "question,answer\n").message


# Files that are something else


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "is empty (0 bytes)"),
        ("a.jsonl", b"\n\n \n", "no rows"),
        ("a.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a PNG image"),
        ("a.jsonl", bytes(range(256)) * 20, "binary data (first bytes 00 01 02"),
        ("a.txt", b"one\ntwo\0 three\0 four\n", "byte 00 in line 2"),
        ("a.csv", b"PK\x03\x04" + bytes(100), "ZIP archive or an Excel"),
        ("a.json", b"\x80\x04\x95" + bytes(100), "Python pickle"),
        ("a.parquet", b"PAR1" + b"x" * 100, "cannot be read as Parquet"),
        ("a.parquet", b"hello", "cannot be read as Parquet"),
        ("a.csv", "问题,答案\n你好,您好\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("a.csv", "question,answer\ncafé au lait,très bien\n".encode("latin-1"),
         "line 2: the text is neither UTF-8 nor GB18030"),
        ("a.csv", "question,answer\n안녕하세요 반갑습니다,네 감사합니다\n".encode("euc-kr"),
         "line 2: the text is neither UTF-8 nor GB18030"),
        ("a.zip", b"PK\x03\x04", "archive"),
        ("a.xyz", b"hello", "cannot be told from its name"),
    ],
)  # fmt: skip
def test_files_that_are_something_else(refused, name: str, content: bytes, words: str) -> None:
    assert words in refused(name, content).message


def test_a_missing_file_is_not_looked_for_on_the_hub(refused, tmp_path: Path) -> None:
    for name in ("data/missing.jsonl", str(tmp_path / "missing"), "./missing"):
        assert "There is no file or folder" in refused(name).message


def test_a_source_that_no_file_could_be_is_the_persons_mistake(refused, tmp_path: Path) -> None:
    assert "cannot be read: File name too long" in refused("a" * 5000).message
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert "is a pipe or a device" in refused(str(tmp_path / "pipe.jsonl")).message


def test_an_unknown_encoding_is_a_problem_of_the_graph() -> None:
    from nodes.preprocess.load import Params

    for encoding in ("klingon", "zlib", "a\x00b"):
        with pytest.raises(ValueError, match="no text encoding"):
            Params.model_validate({"source": "x", "encoding": encoding})


# Size and attacks


def test_a18_a_gzip_bomb_is_refused_early(refused, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as file:
        for _ in range(300):
            file.write(bytes(1024 * 1024).replace(b"\0", b"a"))
    assert "gzip bomb" in refused("a.jsonl.gz", bomb.getvalue()).message
    packed = gzip.compress(os.urandom(2**19).hex().encode() + bytes(9))
    assert "unpacks to more than 1 MB" in refused("b.jsonl.gz", packed, max_file_mb=1).message
    assert "has more than 1 MB" in refused("c.jsonl", b"a" * 2**21, max_file_mb=1).message


def test_a_cut_off_gzip_file_is_refused(refused) -> None:
    packed = gzip.compress((LINE + "\n").encode() * 100_000)
    assert "damaged gzip file" in refused("a.jsonl.gz", packed[:-100]).message


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt", "a.csv"])
def test_a19_an_endless_line_costs_bounded_memory(load: Load, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    head, tail = {
        "a.jsonl": (LINE + '\n{"instruction": "', f'"}}\n{LINE}\n'),
        "a.json": (f'[{LINE},\n{{"instruction": "', f'"}},\n{LINE}]'),
        "a.txt": ("Q\n", "\nQ\n"),
        "a.csv": ("question,answer\nQ,A\n", "\nQ,A\n"),
    }[name]
    with path.open("w") as file:
        file.write(head)
        for _ in range(200):
            file.write("x" * 1024 * 1024)
        file.write(tail)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = load(str(path), max_row_mb=4)
    assert [reason for _, reason in found.bad] == ["longer than max_row_mb: over 4,194,304 characters"]
    assert "line" in found.bad[0][0] and len(found.rows) == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120 * 1024


def test_a24_links_that_lead_out_of_a_folder_are_not_followed(load: Load, refused, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text(LINE)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.jsonl").write_text(LINE)
    (folder / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (folder / "all").symlink_to(tmp_path)
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    found = load(str(folder))
    assert len(found.rows) == 1 and "leads out of the folder" in found.report["notes"][0]
    (folder / "good.jsonl").unlink()
    assert "holds no data file" in refused(str(folder)).message


def test_memory_stays_flat_over_many_rows(load: Load, tmp_path: Path) -> None:
    """100,000 rows are read in seconds, in memory that does not grow with them."""
    path = tmp_path / "many.jsonl"
    with path.open("w") as file:
        for number in range(100_000):
            file.write(
                json.dumps({"question": f"Question {number} " + "x" * 200, "answer": str(number)}) + "\n"
            )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    from tests.support import run_node

    result = run_node("preprocess.load", tmp_path, source=str(path))
    assert json.loads((result.outputs["dataset"] / "card.json").read_text())["counts"]["rows"] == 100_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024
    progress = [event for event in result.events if event.event == "progress"]
    assert len(progress) > 10 and progress[-1].done == progress[-1].total
