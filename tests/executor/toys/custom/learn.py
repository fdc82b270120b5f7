"""Says how it learns, step by step, as a training does."""

from __future__ import annotations

import json
import time

from nodegraph import Field, NodeParams, NodeType, Port


class Params(NodeParams):
    steps: int = Field(10, title="Steps")
    seconds: float = Field(0.05, title="Seconds a step")


NODE = NodeType(
    title="Learn", category="custom", params=Params,
    inputs={"after": Port("text", optional=True)},
    outputs={"dataset": Port("dataset"), "metrics": Port("metrics")},
)  # fmt: skip


def run(params, inputs, outputs, ctx):
    for step in range(1, params.steps + 1):
        time.sleep(params.seconds)
        ctx.metric("loss", 2.0 / step, step=step)
        ctx.metric("eval_loss", 2.2 / step, step=step)
        ctx.progress(step, params.steps, unit="steps")
        ctx.log(f"step {step}")
    with (outputs["dataset"] / "data.jsonl").open("w") as rows:
        for number in range(60):
            rows.write(json.dumps({"prompt": f"question {number}", "completion": "<b>answer</b>"}) + "\n")
    record = {"indicator": "accuracy_f1", "f1": 0.81, "samples": 60}
    (outputs["metrics"] / "accuracy_f1.json").write_text(json.dumps(record))


def preview(outputs):
    return [{"type": "values", "title": "Scores", "values": {"f1": 0.81}}]
