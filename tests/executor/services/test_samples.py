"""What a picker shows of a file before it is used, whatever the file is."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from executor.services.samples import MAX_CELL, sample
from nodegraph.errors import InvalidInput, NotFound
from tests.executor.support import workspace

PEOPLE = [["1", "李雷"], ["2", "Han"]]


def show(tmp_path: Path, name: str, content: bytes | str, rows: int = 20):
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return sample(path, name, rows)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"id": "1", "name": "李雷"}\n\n{"id": "2", "name": "Han"}'),
        ("a.json", '[{"id": "1", "name": "李雷"}, {"id": "2", "name": "Han"}]'),
        ("a.json", '{"id": "1", "name": "李雷"}\n{"id": "2", "name": "Han"}\n'),
        ("a.json", '{"version": 1, "data": [{"id": "1", "name": "李雷"}, {"id": "2", "name": "Han"}]}'),
        ("a.csv", "id,name\r\n1,李雷\r\n2,Han\r\n"),
        ("a.csv", "id;name\n1;李雷\n\n2;Han"),
        ("a.tsv", "id\tname\n1\t李雷\n2\tHan\n"),
        ("a.csv.gz", gzip.compress("id,name\n1,李雷\n2,Han\n".encode(), mtime=0)),
        ("a.csv", "\ufeffid,name\n1,李雷\n2,Han\n"),
        ("a.csv", "id,name\n1,李雷\n2,Han\n".encode("utf-16")),
        ("a.csv", "id,name\n1,李雷\n2,Han\n".encode("gb18030")),
        ("no suffix", '{"id": "1", "name": "李雷"}\n{"id": "2", "name": "Han"}\n'),
    ],
)
def test_the_same_rows_in_every_form(tmp_path: Path, name: str, content: bytes | str) -> None:
    found = show(tmp_path, name, content)
    assert (found.columns, found.rows, found.more, found.fault) == (["id", "name"], PEOPLE, False, "")


def test_the_encoding_is_named(tmp_path: Path) -> None:
    assert show(tmp_path, "a.txt", "字".encode("utf-16")).encoding == "UTF-16"
    assert show(tmp_path, "a.txt", "你好，请问怎么退货？".encode("gb18030")).encoding == "GB18030"
    assert show(tmp_path, "a.txt", "plain\n").encoding == "UTF-8"
    with pytest.raises(InvalidInput, match="neither UTF-8 nor GB18030"):
        show(tmp_path, "a.txt", b"caf\xe9 \xff\xff\xff\xff")


def test_only_so_many_rows_and_short_cells(tmp_path: Path) -> None:
    found = show(
        tmp_path, "a.jsonl", "".join(json.dumps({"n": n, "t": "x" * 999}) + "\n" for n in range(30)), 5
    )
    assert [row[0] for row in found.rows] == [0, 1, 2, 3, 4] and found.more
    assert len(found.rows[0][1]) == MAX_CELL and found.rows[0][1].endswith("…")
    nested = show(tmp_path, "a.jsonl", '{"messages": [{"role": "user"}]}\n[1]\n')
    assert nested.columns == ["messages", "value"]
    assert nested.rows == [['[{"role": "user"}]', None], [None, "[1]"]]


def test_a_large_file_is_read_no_further_than_a_megabyte(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(b"id,name\n")
        for number in range(200_000):
            file.write(b"%d,somebody or other\n" % number)
    assert sample(path, "a.csv").more
    path.write_bytes(b'{"text": "' + b"x" * (3 << 20) + b'"}\n')
    with pytest.raises(InvalidInput, match="longer than a megabyte"):
        sample(path, "a.jsonl")
    assert sample(path, "a.txt").rows[0][0].startswith('{"text": "xxx'), "text is shown as far as it goes"
    rows = b"".join(b'{"n": %d}, ' % number for number in range(200_000))
    path.write_bytes(b"[" + rows + b"{}]")
    assert sample(path, "a.json").rows[19] == [19]
    path.write_bytes(gzip.compress(b"x" * (50 << 20), mtime=0))
    assert len(sample(path, "bomb.txt.gz").rows) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", b"PAR1\x15\x04", "a Parquet file"),
        ("a.csv", b"PK\x03\x04\x00", "a ZIP archive"),
        ("a.txt", bytes(range(256)) * 10, "binary data"),
        ("a.txt.gz", b"\x1f\x8b\x08broken", "damaged gzip"),
        ("a.txt.gz", gzip.compress(b"x" * 99, mtime=0)[:-9], "damaged gzip"),
        ("a.parquet", b"", "has no preview"),
        ("a.zip", b"", "has no preview"),
    ],
)
def test_what_is_no_text_says_what_it_is(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        show(tmp_path, name, content)


@pytest.mark.parametrize(
    ("name", "content", "rows", "fault"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": \n', 1, "Line 2 is no JSON."),
        ("a.json", '[{"a": 1}, {"a" 2}]', 1, "Entry 2 is no JSON."),
        ("a.json", "{", 0, "The file is no JSON."),
        ("a.json", "[" * 100_000, 0, "Entry 1 is no JSON."),
        ("a.csv", 'a\n1\n"' + "x" * 200_000, 1, "cannot be read"),
        ("a.csv", "", 0, ""),
        ("a.csv", "a,b\n1,2,3\n", 1, ""),
    ],
)
def test_a_wrong_row_ends_the_preview_and_is_named(
    tmp_path: Path, name: str, content: str, rows: int, fault: str
) -> None:
    found = show(tmp_path, name, content)
    assert len(found.rows) == rows
    assert fault in found.fault if fault else not found.fault


def test_uploads_and_examples_have_previews(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.datasets.add("mine", io.BytesIO(b"a,b\n1,2\n"), "mine.CSV")
        assert space.datasets.preview("mine", 1).rows == [["1", "2"]]
        with pytest.raises(NotFound):
            space.datasets.preview("mine", 2)
        example = next(one for one in space.datasets.examples() if one.name == "customer_messages.jsonl")
        assert example.source == "example:customer_messages.jsonl" and example.bytes > 1000
        shown = space.datasets.preview_example(example.name, rows=3)
        assert len(shown.rows) == 3 and shown.more
        with pytest.raises(NotFound):
            space.datasets.preview_example("../demo.yaml")
