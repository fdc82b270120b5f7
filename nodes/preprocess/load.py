"""Loads a file, a folder, a web address or a hub dataset, recognises its shape and normalises its rows."""

from __future__ import annotations

import codecs
import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import field_validator

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, Port, Resources
from nodegraph.suggest import did_you_mean
from nodes.common.dataset import DATA, Row, read_card, write_dataset
from nodes.common.dataset_preview import dataset_blocks
from nodes.common.forms import to_chat, to_messages
from nodes.common.preview import Block, table, values
from nodes.common.report import read_report
from nodes.common.row_index import RowIndex
from nodes.preprocess._load.fields import Form, Keep
from nodes.preprocess._load.hub import HubDataset
from nodes.preprocess._load.lines import TextUnit
from nodes.preprocess._load.names import FIELD_SYNONYMS, FIELDS
from nodes.preprocess._load.opening import MB
from nodes.preprocess._load.reading import Format, ReadOptions
from nodes.preprocess._load.recipes import Shape
from nodes.preprocess._load.rows import RowReader
from nodes.preprocess._load.source import open_source
from nodes.preprocess._load.table import Header
from nodes.preprocess._load.tally import Tally

_SHOWN_BAD_ROWS = 50


class Params(NodeParams):
    """What to load, and how to read it."""

    source: str = Field(
        title="Source", widget="dataset", min_length=1,
        help="A file or folder (JSON, JSON Lines, CSV, TSV, TXT, Parquet, each also gzip), an uploaded "
        "dataset, an http(s) address, or the id of a hub dataset.",
    )  # fmt: skip
    format: Literal["auto"] | Format = Field(
        "auto", title="Format", help="Told from name and content by default."
    )
    shape: Shape = Field(
        "auto",
        title="Shape",
        help="Which fields the rows have; recognised by default. columns: any other table.",
    )
    mapping: dict[str, str] = Field(
        {}, title="Mapping", widget="keyvalue",
        help="By hand: field to column, where the shape is not recognised. Fields: "
        f"{', '.join(FIELDS)}. Several columns are joined in braces: {{title}}: {{body}}.",
    )  # fmt: skip
    on_bad_row: Literal["drop", "fail"] = Field(
        "drop", title="Bad rows", help="Leave them out and list them in the report, or fail."
    )
    limit: int | None = Field(None, ge=1, title="Limit", unit="rows", help="Keep at most so many rows.")
    shuffle: bool = Field(False, title="Shuffle")
    seed: int = Field(42, ge=0, le=2**63 - 1, title="Seed", shown={"shuffle": [True]})
    system_prompt: str = Field(
        "", title="System prompt", widget="textarea", group="Content",
        help="Put before each conversation that has none; makes questions and answers conversations.",
    )  # fmt: skip
    keep_columns: Keep = Field(
        "simple", title="Further columns", group="Content",
        help="simple: numbers, texts and lists of them, such as labels; all: whatever there is.",
    )  # fmt: skip
    text_unit: TextUnit = Field(
        "line", title="Unit of plain text", group="Content", help="What a row of TXT is."
    )
    header: Header = Field("auto", title="Header of tables", group="Advanced")
    encoding: str = Field(
        "auto", title="Encoding", group="Advanced", help="Such as utf-8, gb18030 or windows-1252."
    )
    subset: str = Field("", title="Hub subset", group="Hub", help="The configuration of a hub dataset.")
    split: str = Field(
        "", title="Split", group="Hub",
        help="Of a hub dataset (train by default), of a folder by file names, or the list of a JSON object.",
    )  # fmt: skip
    revision: str = Field("", title="Hub revision", group="Hub", help="A branch, tag or commit.")
    max_file_mb: int = Field(
        20_480, ge=1, title="Largest file", unit="MB", group="Advanced", help="Unpacked, and for downloads."
    )
    max_row_mb: int = Field(16, ge=1, le=1024, title="Largest row", unit="MB", group="Advanced")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        if name != "auto":
            try:
                "".encode(name)
                codecs.lookup(name)
            except (LookupError, ValueError) as error:
                raise ValueError(f"{name!r} is no text encoding; for example utf-8, gb18030, big5") from error
        return name

    @field_validator("mapping")
    @classmethod
    def _known_fields(cls, mapping: dict[str, str]) -> dict[str, str]:
        fields = [FIELD_SYNONYMS.get(field, field) for field in mapping]
        for given, field in zip(mapping, fields, strict=True):
            if field not in FIELDS:
                turned = mapping[given] in (*FIELDS, *FIELD_SYNONYMS)
                hint = f"Write {mapping[given]}: {given}." if turned else did_you_mean(given, FIELDS)
                raise ValueError(f"{given} is no field; a mapping goes from field to column. {hint}")
        if mapping and not {"text", "prompt", "messages", "chosen"} & set(fields):
            raise ValueError("a mapping needs text, prompt, messages, or chosen and rejected")
        if ("chosen" in fields) != ("rejected" in fields):
            raise ValueError("chosen and rejected go together")
        return mapping


NODE = NodeType(
    title="Load data",
    category="preprocess",
    params=Params,
    outputs={"dataset": Port("dataset"), "report": Port("report", help="What was read, and every bad row")},
    environment="data",
    resources=Resources(cpu=1, memory_gb=4, network=True),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Read, normalise, write; then shuffle or unify the forms where that is needed."""
    options = ReadOptions(
        params.format, params.encoding, params.text_unit, params.header, params.split, params.max_row_mb * MB
    )
    streaming = params.limit is not None and not params.shuffle
    hub = HubDataset(params.source.strip(), params.subset, params.split, params.revision, streaming)
    source = open_source(params.source, options, hub, params.max_file_mb, ctx)
    tally = Tally(fatal=params.on_bad_row == "fail")
    tally.notes += source.notes
    form = Form(params.keep_columns, params.system_prompt.strip())
    reader = RowReader(source, params.shape, params.mapping, form, tally, ctx)

    card: dict[str, Any] = {
        "source": {"kind": source.kind, "name": source.shown},
        "lineage": [{"step": "preprocess.load"}],
    }
    with closing(reader.rows()) as rows:
        kept = write_dataset(
            outputs["dataset"], islice(rows, None if params.shuffle else params.limit), **card
        )
    tally.finish()
    if params.shuffle or len(reader.forms) > 1 or len(reader.purposes) > 1:
        kept = _rewrite(outputs["dataset"], reader, params, ctx.scratch, card)
    elif read_card(outputs["dataset"])["purpose"] != reader.purpose:
        raise NodeFailure("node", "The rows do not have the form that their shape promises.")
    tally.write(outputs["report"], source.shown, reader.purpose, kept)
    dropped = sum(tally.reasons.values())
    ctx.metric("rows", kept)
    ctx.metric("rows_dropped", dropped)
    ctx.log(f"{kept:,} rows of {source.shown} ({reader.purpose}); {dropped:,} bad rows left out.")


def _rewrite(dataset: Path, reader: RowReader, params: Params, scratch: Path, card: dict[str, Any]) -> int:
    """A second pass: rows in another order, or all in one form."""
    first = scratch / "first.jsonl"
    shutil.move(dataset / DATA, first)
    index = RowIndex(first)
    order = list(range(len(index)))
    if params.shuffle:
        random.Random(params.seed).shuffle(order)
        order = order[: params.limit]
    rows = _unified(index.rows(order), reader)
    return write_dataset(dataset, rows, purpose=reader.purpose, **card)


def _unified(rows: Iterator[Row], reader: RowReader) -> Iterator[Row]:
    for row in rows:
        if len(reader.purposes) > 1:
            yield to_messages(row)
        else:
            yield to_chat(row) if len(reader.forms) > 1 else row


def preview(outputs: Outputs) -> list[Block]:
    """Counts, the first rows, and the bad rows."""
    report = read_report(outputs["report"])
    counts = {name: report[name] for name in ("rows_read", "rows_kept", "rows_dropped")}
    blocks = [values("Rows", {**counts, **report["reasons"]}), *dataset_blocks(outputs["dataset"])]
    if report["bad_rows"]:
        bad = [(row["file"], row["place"], row["reason"]) for row in report["bad_rows"][:_SHOWN_BAD_ROWS]]
        blocks.append(table("Bad rows", ("file", "where", "reason"), bad))
    return blocks
