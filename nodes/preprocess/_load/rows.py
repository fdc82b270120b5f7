"""From a source to normalised rows, in one pass and bounded memory."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from itertools import chain
from typing import Any

from nodegraph import Context, NodeFailure
from nodes.common.dataset import Purpose, Row
from nodes.common.forms import is_chat
from nodes.preprocess._load.fields import Form
from nodes.preprocess._load.normalise import normalise, purpose_of_recipe
from nodes.preprocess._load.opening import MB, UNDECODABLE
from nodes.preprocess._load.recipes import Recipe
from nodes.preprocess._load.recognise import recognise
from nodes.preprocess._load.record import BadRow, Record
from nodes.preprocess._load.source import Part, Source
from nodes.preprocess._load.tally import FileTally, Tally

_SAMPLE = 200
_SAMPLE_BYTES = 32 * MB
_EVERY = 2000


class RowReader:
    """Yields the rows of a source; afterwards it knows their purpose and whether their forms are mixed."""

    def __init__(
        self, source: Source, shape: str, mapping: Mapping[str, str], form: Form, tally: Tally, ctx: Context
    ) -> None:
        self._source = source
        self._shape = shape
        self._mapping = mapping
        self._form = form
        self._tally = tally
        self._ctx = ctx
        self._first: tuple[str, Purpose] | None = None
        self.purposes: set[Purpose] = set()
        self.forms: set[bool] = set()

    @property
    def purpose(self) -> Purpose:
        """What the rows are for; conversations where some files hold them and others single questions."""
        return "messages" if len(self.purposes) > 1 else next(iter(self.purposes), "text")

    def rows(self) -> Generator[Row, None, None]:
        """The good rows; bad ones go to the tally."""
        for part in self._source.parts:
            file = FileTally(part.name)
            self._tally.files.append(file)
            try:
                yield from self._part(part, file)
            finally:
                file.format, file.encoding = part.facts.format, part.facts.encoding
                file.notes += part.facts.notes

    def _part(self, part: Part, file: FileTally) -> Iterator[Row]:
        sample, recipe = self._begin(part, file)
        for record in chain(sample, part.records):
            if record.fault is None and recipe is None:
                recipe = self._recipe(part, file, [record.value])
            try:
                if record.fault is not None or recipe is None:
                    raise record.fault or BadRow("no value")
                row = normalise(record.value, recipe, self._form)
                _require_sound(row, part.facts.encoding)
            except BadRow as fault:
                self._tally.drop(file, record, fault)
            else:
                self._tally.keep(file, row)
                self.forms.add(is_chat(row))
                yield row
            if file.rows_read % _EVERY == 0:
                self._report(part)
        self._report(part)

    def _begin(self, part: Part, file: FileTally) -> tuple[list[Record], Recipe | None]:
        sample: list[Record] = []
        for record in part.records:
            sample.append(record)
            read = part.file.read_so_far() if part.file else 0
            if len(sample) >= _SAMPLE or read > _SAMPLE_BYTES:
                break
        values = [record.value for record in sample if record.fault is None]
        return sample, self._recipe(part, file, values) if values else None

    def _recipe(self, part: Part, file: FileTally, values: list[Any]) -> Recipe:
        recipe = recognise(part.name, values, self._shape, self._mapping)
        file.shape, file.columns = recipe.shape, dict(recipe.columns)
        if recipe.shape == "columns":
            column = recipe.columns["prompt"]
            note = (
                f"the shape is not known: prompt is taken from the column {column} and all columns are kept; "
                "where that is not meant, say with mapping which column holds what"
            )
            file.notes.append(note)
            self._ctx.log(f"{part.name}: {note}.", "warning")
        self._require_same_purpose(part.name, purpose_of_recipe(recipe))
        return recipe

    def _require_same_purpose(self, name: str, purpose: Purpose) -> None:
        self._first = self._first or (name, purpose)
        self.purposes.add(purpose)
        if len(self.purposes) > 1 and self.purposes != {"messages", "prompt-completion"}:
            first, other = self._first
            raise NodeFailure(
                "input",
                f"{first} holds {other} rows, {name} holds {purpose} rows; a dataset has one purpose.",
                "Load them by a node each; or give them one shape with mapping.",
            )

    def _report(self, part: Part) -> None:
        message = f"{self._tally.rows_read:,} rows"
        if part.file and self._source.total_bytes:
            done = part.bytes_before + part.file.read_so_far()
            self._ctx.progress(done / MB, self._source.total_bytes / MB, "MB", message)
        else:
            self._ctx.progress(self._tally.rows_read, None, "rows", message)


def _require_sound(row: Row, encoding: str) -> None:
    """A row must survive being written as JSON in UTF-8."""
    try:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise BadRow("a number is too large for JSON") from error
    if not text.isascii():
        if UNDECODABLE in text:
            raise BadRow(f"bytes that are not {encoding}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadRow("half a character", "a lone surrogate, as cut-off emoji leave them") from error
