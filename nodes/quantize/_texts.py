"""The texts on which perplexity is measured: rows of a dataset as a model reads them, or our own."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.common.dataset import Row, read_rows, require_rows
from nodes.common.row_text import field_text

SENTENCES = (
    "The ferry leaves the harbour at seven, so we had better pack our bags tonight.",
    "Water boils at a lower temperature in the mountains, because the air is thinner there.",
    "She read the letter twice, folded it, and put it back where she had found it.",
    "To bake bread you need flour, water, salt, a little yeast and a good deal of patience.",
    "The committee will publish its report on the new railway line before the end of the year.",
    "If the list is empty, the function returns zero; otherwise it returns the largest element.",
    "My grandfather repaired clocks in a small shop between the bakery and the post office.",
    "After three days of rain the river had risen to the lowest step of the old stone bridge.",
    "明天早上七点的渡轮，我们最好今晚就把行李收拾好。",
    "高山上的空气稀薄，所以水不到一百度就会沸腾。",
    "她把信读了两遍，折好，又放回了原来的地方。",
    "做面包需要面粉、水、盐和一点酵母，还要有足够的耐心。",
    "委员会将在年底之前公布新铁路线的调查报告。",
    "如果列表为空，函数返回零，否则返回其中最大的元素。",
    "爷爷在面包店和邮局之间的小铺子里修了一辈子钟表。",
    "连下了三天雨，河水涨到了老石桥最低的一级台阶。",
)


def texts_for(dataset: Path | None, limit: int, tokenizer: Any) -> list[str]:
    """At most `limit` texts of the dataset, as the model was trained to read them."""
    if dataset is None:
        return list(SENTENCES)
    require_rows(dataset)
    return [
        _text(row, number, tokenizer) for number, row in enumerate(islice(read_rows(dataset), limit), start=1)
    ]


def _text(row: Row, number: int, tokenizer: Any) -> str:
    """Conversations go through the chat template; plain prompt and answer stand one behind the other."""
    if "text" in row:
        return field_text(row["text"])
    parts = [row.get("messages") or row.get("prompt"), row.get("completion") or row.get("chosen")]
    turns = [turn for part in parts if isinstance(part, list) for turn in part]
    if not turns:
        return "".join(field_text(part) for part in parts)
    if not tokenizer.chat_template:
        raise NodeFailure(
            "input",
            "The dataset has conversations, but the model's tokenizer has no chat template.",
            "Wire a dataset with plain text, or leave the dataset out.",
        )
    try:
        text: str = tokenizer.apply_chat_template(turns, tokenize=False)
    except Exception as error:
        raise NodeFailure(
            "input",
            f"The chat template cannot render row {number} of the dataset: {error}",
            "Wire a dataset of the form that the model was trained on.",
        ) from error
    return text
