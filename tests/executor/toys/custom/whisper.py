"""Uses a secret, and tries to say it everywhere."""

from __future__ import annotations

import sys

from nodegraph import Field, NodeParams, NodeType, Port


class Params(NodeParams):
    key: str = Field("", title="Key", widget="secret")
    header: str = Field("", title="Header")
    shout: bool = Field(False, title="Fail with the secret in the message")


NODE = NodeType(title="Whisper", category="custom", params=Params, outputs={"text": Port("text")})


def run(params, inputs, outputs, ctx):
    value = ctx.secret(params.key) if params.key else params.header
    ctx.log(f"the key is {value}")
    print(value, file=sys.stderr)
    if params.shout:
        raise ValueError(f"refused: {value}")
    (outputs["text"] / "text.txt").write_text(str(len(value)))
