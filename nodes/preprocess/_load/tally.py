"""Counts what is read, kept and dropped, and why; writes it down as the report of a load."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.common.dataset import Row
from nodes.common.report import markdown_table, write_report
from nodes.common.row_text import FIELDS, answer_of, field_text
from nodes.preprocess._load.record import BadRow, Record

LISTED = 1000
LISTED_FATAL = 20
_IDS = ("id", "_id", "uid", "idx", "task_id", "prompt_id")
_MAX_IDS = 1_000_000


@dataclass
class FileTally:
    """One file of the report."""

    file: str
    format: str = ""
    encoding: str = ""
    shape: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    rows_read: int = 0
    rows_kept: int = 0
    rows_dropped: int = 0
    notes: list[str] = field(default_factory=list)


class Tally:
    """The running count of a load; `fatal` makes bad rows end it."""

    def __init__(self, *, fatal: bool) -> None:
        self.files: list[FileTally] = []
        self.reasons: Counter[str] = Counter()
        self.bad_rows: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.filled: Counter[str] = Counter()
        self._chars: Counter[str] = Counter()
        self._types: dict[str, set[str]] = {}
        self._ids: set[int] = set()
        self._repeated_ids = 0
        self._empty_answers = 0
        self._fatal = fatal

    def keep(self, file: FileTally, row: Row) -> None:
        """Count a good row."""
        file.rows_read += 1
        file.rows_kept += 1
        for name, value in row.items():
            self.filled[name] += 1
            if name in FIELDS:
                self._chars[name] += len(field_text(value))
            elif value is not None:
                self._types.setdefault(name, set()).add(type(value).__name__)
        answer = answer_of(row)
        self._empty_answers += answer is not None and not answer.strip()
        id_name = next((name for name in _IDS if name in row), None)
        if id_name and len(self._ids) < _MAX_IDS:
            key = hash(str(row[id_name]))
            self._repeated_ids += key in self._ids
            self._ids.add(key)

    def drop(self, file: FileTally, record: Record, fault: BadRow) -> None:
        """Count a bad row; where bad rows are fatal, fail once enough of them can be listed."""
        file.rows_read += 1
        file.rows_dropped += 1
        self.reasons[fault.reason] += 1
        if len(self.bad_rows) < LISTED:
            place = {"line": record.line, "row": record.row}
            known = {key: value for key, value in place.items() if value is not None}
            self.bad_rows.append({"file": file.file, **known, "reason": str(fault), "place": record.place})
        if self._fatal and len(self.bad_rows) >= LISTED_FATAL:
            self.fail()

    def fail(self) -> None:
        """Fail with the bad rows found so far."""
        listed = "; ".join(
            f"{bad['file']}, {bad['place']}: {bad['reason']}" for bad in self.bad_rows[:LISTED_FATAL]
        )
        count = len(self.bad_rows)
        more = " or more" if count >= LISTED_FATAL else ""
        raise NodeFailure(
            "input",
            f"{count}{more} bad {'row' if count == 1 else 'rows'}: {listed}.",
            "Mend them, or set on_bad_row to drop: bad rows are then left out and listed in the report.",
        )

    @property
    def rows_read(self) -> int:
        """All rows, good and bad."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_kept(self) -> int:
        """The good rows."""
        return sum(file.rows_kept for file in self.files)

    def finish(self) -> None:
        """Fail where nothing is left; else note what is worth a look."""
        if self._fatal and self.bad_rows:
            self.fail()
        if self.rows_kept == 0:
            raise self._nothing()
        if self._repeated_ids:
            self.notes.append(f"Rows that repeat the id of an earlier one: {self._repeated_ids:,}.")
        if self._empty_answers:
            self.notes.append(
                f"Rows with an empty answer, which preprocess.clean drops: {self._empty_answers:,}."
            )
        for name, types in self._types.items():
            if len(types - {"int", "float"}) + bool(types & {"int", "float"}) > 1:
                self.notes.append(f"The column {name} mixes {' and '.join(sorted(types))}.")

    def _nothing(self) -> NodeFailure:
        if not self.reasons:
            names = ", ".join(file.file for file in self.files[:5])
            return NodeFailure("input", f"There are no rows in {names}.", "Give a file that holds rows.")
        bad = self.bad_rows[0]
        return NodeFailure(
            "input",
            f"None of the {self.rows_read:,} rows can be used; the first is bad, "
            f"{bad['file']}, {bad['place']}: {bad['reason']}.",
            "Check format and shape, or say with mapping which column holds what.",
        )

    def write(self, directory: Path, source: str, purpose: str, kept: int) -> None:
        """Write report.json and report.md."""
        dropped = sum(self.reasons.values())
        facts = {
            "source": source,
            "purpose": purpose,
            "rows_read": self.rows_read,
            "rows_kept": kept,
            "rows_dropped": dropped,
            "reasons": dict(self.reasons.most_common()),
            "bad_rows": self.bad_rows,
            "bad_rows_listed": len(self.bad_rows),
            "files": [vars(file) for file in self.files],
            "fields": {
                name: {
                    "rows": count,
                    **({"mean_chars": round(self._chars[name] / count, 1)} if name in FIELDS else {}),
                }
                for name, count in self.filled.items()
            },
            "notes": self.notes,
        }
        write_report(directory, facts, _markdown(facts))


def _markdown(facts: dict[str, Any]) -> str:
    files = [
        (file["file"], file["format"], file["encoding"], file["shape"], file["rows_read"],
         file["rows_dropped"],
         "; ".join(f"{field} ← {column}" for field, column in file["columns"].items()))
        for file in facts["files"]
    ]  # fmt: skip
    parts = [
        f"# Loaded {facts['source']}",
        f"{facts['rows_read']:,} rows read, {facts['rows_kept']:,} kept, {facts['rows_dropped']:,} dropped. "
        f"Purpose: {facts['purpose']}.",
        markdown_table(("File", "Format", "Encoding", "Shape", "Rows", "Bad", "Fields"), files),
        *(f"- {note}" for note in facts["notes"]),
        *(f"- {file['file']}: {note}" for file in facts["files"] for note in file["notes"]),
    ]
    if facts["reasons"]:
        parts += ["## Bad rows", markdown_table(("Reason", "Rows"), facts["reasons"].items())]
        places = [(bad["file"], bad["place"], bad["reason"]) for bad in facts["bad_rows"]]
        parts.append(markdown_table(("File", "Where", "Reason"), places))
    return "\n\n".join(parts)
