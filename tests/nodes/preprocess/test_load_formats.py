"""Every format, also packed with gzip, gives the same rows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.nodes.preprocess.conftest import Load

ROWS = [
    {"question": "What is it?", "answer": 'A "cat",\nI think.'},
    {"question": "这是什么？", "answer": "一只猫，我想。"},
    {"question": "Tab\there", "answer": "  spaces  "},
]
EXPECTED = [{"prompt": row["question"], "completion": row["answer"]} for row in ROWS]


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
    return sink.getvalue()


FILES: dict[str, Any] = {
    "a.json": json.dumps(ROWS, ensure_ascii=False, indent=2),
    "compact.json": json.dumps(ROWS),
    "wrapped.json": json.dumps({"version": 1, "meta": ["x"], "data": ROWS, "more": {"a": [1]}}),
    "lines.json": "\n".join(json.dumps(row) for row in ROWS),
    "a.jsonl": ROWS,
    "array.jsonl": json.dumps(ROWS, indent=1),
    "windows.jsonl": "\r\n".join(json.dumps(row) for row in ROWS),
    "pretty.jsonl": "\n".join(json.dumps(row, indent=2) for row in ROWS),
    "blank.jsonl": "\n\n".join(json.dumps(row) for row in ROWS) + "\n\n\n",
    "bom.jsonl": b"\xef\xbb\xbf" + "\n".join(json.dumps(row) for row in ROWS).encode(),
    "utf16.jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode("utf-16"),
    "utf16.json": json.dumps(ROWS, ensure_ascii=False).encode("utf-16"),
    "a.csv": as_csv(ROWS),
    "semicolon.csv": as_csv(ROWS, ";"),
    "excel.csv": b"\xef\xbb\xbf" + as_csv(ROWS).encode(),
    "utf16.csv": as_csv(ROWS, "\t").encode("utf-16"),
    "a.tsv": as_csv(ROWS, "\t", "\n"),
    "a.parquet": as_parquet(ROWS),
    "a.ndjson": ROWS,
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", FILES)
def test_all_formats_give_the_same_rows(load: Load, name: str, packed: bool) -> None:
    found = load(f"{name}.gz" if packed else name, FILES[name], packed=packed)
    assert found.rows == EXPECTED
    assert found.report["rows_read"] == found.report["rows_kept"] == 3


@pytest.mark.parametrize(
    ("unit", "texts"),
    [("line", ["one", "two", "三"]), ("paragraph", ["one\ntwo", "三"]), ("file", ["one\ntwo\n\n三"])],
)
def test_plain_text_by_line_paragraph_or_file(load: Load, unit: str, texts: list[str]) -> None:
    found = load("a.txt", "one\r\ntwo\r\n\r\n三\r\n", text_unit=unit)
    assert [row["text"] for row in found.rows] == texts
    assert found.card["purpose"] == "text"


def test_chinese_encodings_are_told_apart(load: Load) -> None:
    text = "问题,答案\n你们的退款要多久,一般三到五个工作日\n怎么修改密码,请在设置里修改\n"
    for codec in ("gbk", "gb18030"):
        found = load(f"{codec}.csv", text.encode(codec))
        assert found.file["encoding"] == "gb18030"
        assert found.rows[0] == {"prompt": "你们的退款要多久", "completion": "一般三到五个工作日"}
    assert load("big5.csv", "問題,答案\n退款,三天\n".encode("big5"), encoding="big5", header="yes",
                mapping={"prompt": "問題", "completion": "答案"}).rows == [
        {"prompt": "退款", "completion": "三天"}
    ]  # fmt: skip


def test_a_table_without_header(load: Load) -> None:
    text = "How do I return it?,You can send it back.\nWhere is it?,It is on its way.\n"
    found = load("a.csv", text, mapping={"prompt": "column_1", "completion": "column_2"})
    assert found.rows[0] == {"prompt": "How do I return it?", "completion": "You can send it back."}
    assert "no header" in found.file["notes"][0]


def test_quotes_in_a_tsv_that_does_not_quote(load: Load) -> None:
    found = load("a.tsv", 'question\tanswer\n"Hi" he said\tyes\n"open\tno\n')
    assert [row["prompt"] for row in found.rows] == ['"Hi" he said', '"open']


def test_a_folder_mixes_files_and_shapes(load: Load, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps([{"instruction": "Q", "output": "A"}]))
    (folder / "deep" / "b.csv").write_text("question,answer\nQ,A\n")
    (folder / "c.jsonl").write_text(
        '{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}'
    )
    (folder / "README.md").write_text("About")
    (folder / ".hidden.json").write_text("[]")
    found = load(str(folder))
    assert [file["shape"] for file in found.report["files"]] == ["alpaca", "messages", "question-answer"]
    turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    assert found.card["purpose"] == "messages" and [row["messages"] for row in found.rows] == [turns] * 3
    assert found.card["source"] == {"kind": "folder", "name": "folder"}


def test_a_folder_of_two_purposes_is_refused(refused, tmp_path: Path) -> None:
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "a.txt").write_text("text")
    (tmp_path / "mixed" / "b.csv").write_text("question,answer\nQ,A\n")
    failure = refused(str(tmp_path / "mixed"))
    assert "a.txt holds text rows, b.csv holds prompt-completion rows" in failure.message


def test_the_split_of_a_folder_is_chosen_by_file_name(load: Load, tmp_path: Path) -> None:
    for split in ("train", "test"):
        path = tmp_path / "hub" / "data" / f"{split}-00000-of-00001.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(split)
    assert load(str(tmp_path / "hub"), split="test").rows == [{"text": "test"}]


def test_a_normalised_dataset_loads_as_it_is(load: Load, tmp_path: Path) -> None:
    first = load("a.jsonl", ROWS).result.outputs["dataset"]
    assert load(str(first)).rows == EXPECTED


def test_limit_and_shuffle(load: Load) -> None:
    rows = [{"text": f"row {number}"} for number in range(500)]
    first = load("a.jsonl", rows, limit=3)
    assert [row["text"] for row in first.rows] == ["row 0", "row 1", "row 2"]
    assert first.file["format"] == "jsonl"
    one, same, other = (load("a.jsonl", rows, shuffle=True, seed=seed, limit=50).rows for seed in (1, 1, 2))
    assert one == same != other and len(one) == 50
    assert max(int(row["text"].split()[1]) for row in one) > 400


JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())
PAIRS = st.lists(
    st.fixed_dictionaries({"prompt": JSON_TEXT, "completion": JSON_TEXT}), min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=PAIRS, indent=st.sampled_from([None, 0, 3]), ascii_only=st.booleans())
def test_any_text_survives_json(
    load: Load, rows: list[dict[str, str]], indent: int | None, ascii_only: bool
) -> None:
    assert load("any.json", json.dumps(rows, indent=indent, ensure_ascii=ascii_only)).rows == rows


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1).filter(
    lambda text: text.strip() and not any(ord(char) < 32 and char != "\n" for char in text)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.fixed_dictionaries({"prompt": CELL, "completion": CELL}), min_size=1, max_size=8))
def test_any_text_survives_csv(load: Load, rows: list[dict[str, str]]) -> None:
    found = load("any.csv", as_csv(rows))
    assert found.rows == rows, found.bad
