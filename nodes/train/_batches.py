"""Makes batches of tokenised rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodes.train._rows import IGNORED, TokenRows, flags

Parts = Mapping[str, TokenRows]


class Collator:
    """Rows of one width padded on the right, labels where tokens count.

    Packed rows get positions that begin anew with each text, by which attention tells them apart.
    """

    def __init__(self, parts: Parts, pad: int) -> None:
        self._parts = dict(parts)
        self._uniform = {name: rows.uniform for name, rows in parts.items()}
        self._pad = pad

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """The batch of these rows, as tensors."""
        import torch

        part = examples[0]["part"]
        rows, chosen = self._parts[part], [example["row"] for example in examples]
        shape = (len(chosen), max(int(rows.lengths[index]) for index in chosen))
        ids = torch.full(shape, self._pad, dtype=torch.int64)
        labels = torch.full(shape, IGNORED, dtype=torch.int64)
        mask = torch.zeros(shape, dtype=torch.int64)
        for place, index in enumerate(chosen):
            tokens, learned = rows.row(index)
            row = torch.tensor(tokens, dtype=torch.int64)
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
            labels[place, : len(row)] = row if learned is None else row.where(torch.tensor(learned), IGNORED)
        batch = {"input_ids": ids, "labels": labels}
        if rows.documents is not None:
            batch["position_ids"] = _positions([rows.documents[index] for index in chosen], labels)
        elif not self._uniform[part]:
            batch["attention_mask"] = mask
        return batch


def _positions(documents: list[list[int]], labels: Any) -> Any:
    """Positions that restart at each text; its first token is not to be predicted from the text before it."""
    import torch

    positions = torch.zeros_like(labels)
    for place, lengths in enumerate(documents):
        start = 0
        for length in [*lengths, labels.shape[1] - sum(lengths)]:
            if length:
                positions[place, start : start + length] = torch.arange(length)
                labels[place, start] = IGNORED
            start += length
    return positions


class FlatCollator:
    """One long row without padding, for attention that takes the lengths of its texts."""

    def __init__(self, parts: Parts, pad: int) -> None:
        from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

        self._parts = dict(parts)
        self._collate = DataCollatorForLanguageModeling(pad_token_id=pad, padding_free=True)

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """The batch of these rows, as tensors."""
        rows = self._parts[examples[0]["part"]]
        batch: dict[str, Any] = self._collate([_plain_row(rows, example["row"]) for example in examples])
        return batch


def _plain_row(rows: TokenRows, index: int) -> dict[str, Any]:
    tokens, learned = rows.row(index)
    ids = tokens.tolist()
    counted = zip(ids, flags(tokens, learned), strict=True)
    row = {"input_ids": ids, "labels": [token if flag else IGNORED for token, flag in counted]}
    return row if rows.documents is None else row | {"seq_lengths": rows.documents[index]}
