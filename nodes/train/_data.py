"""From a dataset to batches: render, tokenise, hold back, say what was cut or left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nodegraph import Context, Inputs, NodeFailure
from nodes.common.dataset import read_rows, require_rows
from nodes.train import _ranks
from nodes.train._render import Rendered, Renderer
from nodes.train._rows import RowWriter, TokenRows

_BATCH = 512
Ready = Callable[[TokenRows, str], TokenRows]


@dataclass(frozen=True)
class Data:
    """What is trained on, and what is evaluated on."""

    train: TokenRows
    validation: TokenRows | None


def load_data(
    inputs: Inputs,
    renderer: Renderer,
    max_length: int | None,
    share: float,
    seed: int,
    ready: Ready,
    ctx: Context,
) -> Data:
    """Tokenise what is wired; `ready` turns rows into what batches are made of (blocks, packed rows, …).

    Of several processes the first does, and the others map what it wrote.
    """
    made: list[Data] = []

    def make() -> list[dict[str, Any] | None]:
        made.append(_made(inputs, renderer, max_length, share, seed, ready, ctx))
        parts = (made[0].train, made[0].validation)
        return [
            rows.written(ctx.scratch, name) if rows is not None and _ranks.count() > 1 else None
            for name, rows in zip(("train", "validation"), parts, strict=True)
        ]

    train, validation = _ranks.shared(ctx, "data", make)
    if made:
        return made[0]
    return Data(TokenRows.of(train), TokenRows.of(validation) if validation else None)


def _made(
    inputs: Inputs,
    renderer: Renderer,
    max_length: int | None,
    share: float,
    seed: int,
    ready: Ready,
    ctx: Context,
) -> Data:
    rows = ready(tokenise(inputs["dataset"], "dataset", renderer, max_length, ctx), "dataset")
    given = inputs.get("validation")
    if given is not None:
        return Data(rows, ready(tokenise(given, "validation", renderer, max_length, ctx), "validation"))
    if not share:
        return Data(rows, None)
    rows, held = hold_back(rows, share, seed)
    ctx.log(f"{len(held):,} of {len(rows) + len(held):,} rows are held back for validation.")
    return Data(rows, held)


def tokenise(
    directory: Path, port: str, renderer: Renderer, max_length: int | None, ctx: Context
) -> TokenRows:
    """The rows of a dataset as tokens, cut to `max_length`; rows that teach nothing are left out."""
    require_rows(directory, port)
    writer = RowWriter(ctx.scratch, port)
    rows = (renderer.row(row, number) for number, row in enumerate(read_rows(directory), 1))
    cut = dropped = total = 0
    for ids, learned in _encoded(rows, renderer.tokenizer):
        total += 1
        cut += max_length is not None and len(ids) > max_length
        ids, learned = ids[:max_length], learned[:max_length]
        # The first token is never predicted, so it teaches nothing.
        if any(learned[1:]):
            writer.add(ids, learned)
        else:
            dropped += 1
    if cut:
        ctx.log(
            f"{cut:,} of {total:,} rows on {port} are longer than {max_length} tokens and were cut.",
            "warning",
        )
    if dropped:
        ctx.log(
            f"{dropped:,} of {total:,} rows on {port} hold nothing to learn and were left out.", "warning"
        )
    if dropped == total:
        raise NodeFailure(
            "input",
            f"No row of the dataset on the input {port} holds anything to learn within {max_length} tokens.",
            "Raise max_length, or check that answers are not empty.",
        )
    return writer.rows()


def hold_back(rows: TokenRows, share: float, seed: int) -> tuple[TokenRows, TokenRows]:
    """Split rows at random, the same way for the same seed; both parts have at least one row."""
    import numpy as np

    if len(rows) < 2:
        raise NodeFailure(
            "input", "All text fits one row, so none can be held back.", "Set validation_share to 0."
        )
    order = np.random.default_rng(seed).permutation(len(rows))
    count = min(max(1, round(len(rows) * share)), len(rows) - 1)
    return rows.select(sorted(order[count:].tolist())), rows.select(sorted(order[:count].tolist()))


def _encoded(rows: Iterator[Rendered], tokenizer: Any) -> Iterator[tuple[list[int], list[bool]]]:
    """Tokens of each row, part by part: a prompt gets the tokens that it will have when it is asked."""
    start, end = _surroundings(tokenizer)
    while batch := list(islice(rows, _BATCH)):
        texts = [part.text for rendered in batch for part in rendered.parts]
        encoded = iter(
            tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"] if texts else []
        )
        for rendered in batch:
            ids, learned = (list(start), [False] * len(start)) if rendered.special else ([], [])
            for part in rendered.parts:
                tokens = next(encoded)
                ids += tokens
                learned += [part.learned] * len(tokens)
            empty = not any(learned)
            if rendered.special and not empty:
                ids += end
                learned += [True] * len(end)
            yield ids, learned


def _surroundings(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The tokens before and after a plain text: those the tokenizer adds, and always one that ends it."""
    added = tokenizer("")["input_ids"]
    start = [token for token in added[:1] if token == tokenizer.bos_token_id]
    if tokenizer.eos_token_id is None:
        raise NodeFailure(
            "input",
            "The tokenizer has no token that ends a text, so the model could not learn to stop.",
            "Use a model whose tokenizer sets eos_token.",
        )
    return start, [tokenizer.eos_token_id]
