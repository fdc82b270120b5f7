"""Says markup wherever a node can say something."""

from __future__ import annotations

import os

from nodegraph import Field, NodeFailure, NodeParams, NodeType, Port

MARKUP = '<img src=x onerror="window.hacked=1"><b class="hacked">bold</b>'


class Params(NodeParams):
    fail: bool = Field(False, title=f"Fail {MARKUP}", help=MARKUP)
    word: str = Field("", title="Word")


NODE = NodeType(
    title=f"Hostile {MARKUP}",
    category="custom",
    params=Params,
    inputs={"after": Port("text", optional=True, help=MARKUP)},
    outputs={"text": Port("text")},
)


def run(params, inputs, outputs, ctx):
    os.write(1, f"\x1b[31m{MARKUP}\x1b[0m\x00\xff\n".encode("latin-1"))
    ctx.log(MARKUP)
    ctx.progress(1, 2, MARKUP, MARKUP)
    for step in range(3):
        ctx.metric(MARKUP, step / 2, step)
        ctx.metric(f"eval_{MARKUP}", step / 3, step)
    if params.fail:
        raise NodeFailure("input", f"It failed: {MARKUP}", f"Do this: {MARKUP}")
    (outputs["text"] / "text.txt").write_text(MARKUP)


def preview(outputs):
    return [
        {"type": "table", "title": MARKUP, "columns": [MARKUP], "rows": [[MARKUP]]},
        {"type": "values", "title": MARKUP, "values": {MARKUP: MARKUP}},
        {"type": "text", "title": MARKUP, "text": MARKUP},
        {
            "type": "chart",
            "title": MARKUP,
            "x": MARKUP,
            "series": [{"name": MARKUP, "x": [1, 2], "y": [1, 2]}],
        },
    ]
