"""Cleans a dataset: texts are tidied, unfit and duplicate rows removed, personal data masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodegraph import Context, Inputs, NodeFailure, NodeType, Outputs, Port, Resources
from nodegraph.suggest import did_you_mean
from nodes.common.dataset import Row, derive_dataset, read_card, read_rows, require_rows, text_of
from nodes.common.dataset_preview import dataset_blocks
from nodes.common.preview import Block, table, values
from nodes.common.report import markdown_table, read_report, write_report
from nodes.preprocess._clean.params import Params
from nodes.preprocess._clean.personal import KINDS, masked
from nodes.preprocess._clean.rule import Removed, Rule, around_change
from nodes.preprocess._clean.rules import rules_for

_EVERY = 500


NODE = NodeType(
    title="Clean data",
    category="preprocess",
    params=Params,
    inputs={"dataset": Port("dataset")},
    outputs={"dataset": Port("dataset"), "report": Port("report", help="What each rule removed and changed")},
    environment="data",
    resources=Resources(cpu=1, memory_gb=4),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Pass each row through the rules; the first that removes it ends its way."""
    require_rows(inputs["dataset"])
    card = read_card(inputs["dataset"])
    for name in params.required:
        if name not in card["fields"]:
            raise NodeFailure(
                "input", f"No row has the required field {name}.", did_you_mean(name, card["fields"])
            )
    rules = rules_for(params)
    total = card["counts"]["rows"]
    rows = _cleaned(read_rows(inputs["dataset"]), rules, total, ctx)
    kept = derive_dataset(outputs["dataset"], rows, card, {"step": "preprocess.clean", **_changed(params)})
    counts = {"rows_read": total, "rows_kept": kept, "rows_removed": total - kept}
    facts = {**counts, "rules": [rule.facts() for rule in rules]}
    if kept == 0:
        raise _all_gone(total, rules)
    write_report(outputs["report"], facts, _markdown(facts))
    ctx.metric("rows", kept)
    ctx.metric("rows_removed", total - kept)
    ctx.log(f"{kept:,} of {total:,} rows kept.")


def _cleaned(rows: Iterator[Row], rules: list[Rule], total: int, ctx: Context) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number % _EVERY == 0 or number == total:
            ctx.progress(number, total, "rows")
        clean = _through(row, rules, number)
        if clean is not None:
            yield clean


def _through(row: Row, rules: list[Rule], number: int) -> Row | None:
    for rule in rules:
        rule.row_number = number
        try:
            after = rule.apply(row)
        except Removed as reason:
            rule.removed += 1
            if rule.wants_examples:
                rule.note(number, _safe(text_of(row)), f"removed: {_safe(str(reason))}")
            return None
        if after is not row and after != row:
            rule.changed += 1
            if rule.wants_examples:
                rule.note(number, *around_change(_safe(text_of(row)), _safe(text_of(after))))
        row = after
    return row


def _safe(text: str) -> str:
    """A text for the report, which never repeats personal data."""
    return masked(text, KINDS)


def _changed(params: Params) -> dict[str, Any]:
    return {name: value for name, value in params.model_dump().items() if name in params.model_fields_set}


def _all_gone(total: int, rules: list[Rule]) -> NodeFailure:
    worst = max(rules, key=lambda rule: rule.removed)
    why = worst.examples[0]["after"] if worst.examples else ""
    return NodeFailure(
        "input",
        f"No row is left of {total:,}; most went by the rule {worst.name}: {worst.removed:,} rows"
        f"{f', for example {why}' if why else ''}.",
        "Loosen that rule.",
    )


def _markdown(facts: dict[str, Any]) -> str:
    rules = facts["rules"]
    parts = [
        "# Cleaned",
        f"{facts['rows_read']:,} rows read, {facts['rows_kept']:,} kept, {facts['rows_removed']:,} removed.",
        markdown_table(
            ("Rule", "Removed", "Changed"),
            [(rule["title"], rule["removed"], rule["changed"]) for rule in rules],
        ),
    ]
    for rule in rules:
        if rule["examples"]:
            examples = [(example["row"], example["before"], example["after"]) for example in rule["examples"]]
            parts += [f"## {rule['title']}", markdown_table(("Row", "Before", "After"), examples)]
    return "\n\n".join(parts)


def _counts(rules: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(rule["title"], rule["removed"], rule["changed"]) for rule in rules]


def preview(outputs: Outputs) -> list[Block]:
    """Counts, what each rule did, and the first rows."""
    report = read_report(outputs["report"])
    counts = {name: report[name] for name in ("rows_read", "rows_kept", "rows_removed")}
    return [
        values("Rows", counts),
        table("Rules", ("rule", "removed", "changed"), _counts(report["rules"])),
        *dataset_blocks(outputs["dataset"]),
    ]
