"""Graphs to look at: one of each state, a pipeline as people build it, and large ones."""

from __future__ import annotations

from typing import Any, get_args

from ui.canvas.views import EdgeView, GraphView, NodeCard, PortView, State

STATES: tuple[State, ...] = get_args(State)


def port(name: str, kind: str, *, accepts: list[str] | None = None, **more: Any) -> PortView:
    view: dict[str, Any] = {"optional": False, "many": False, "help": ""}
    accepted = accepts or (["model", "adapter"] if kind == "model" else [kind])
    return {"name": name, "kind": kind, "accepts": accepted, **view, **more}  # type: ignore[typeddict-item]


def card(name: str, x: float = 0, y: float = 0, **more: Any) -> NodeCard:
    view: dict[str, Any] = {
        "id": name, "type": "train.sft", "title": name, "icon": "flame", "x": x, "y": y,
        "inputs": [port("dataset", "dataset"), port("model", "model", optional=True)],
        "outputs": [port("model", "adapter"), port("metrics", "metrics")],
        "summary": ["Qwen2.5-7B · LoRA r16"], "state": "draft", "state_word": "draft",
        "foot": "draft: not run yet", "foot_strong": "", "time": "", "enabled": True, "problem": "",
        "problem_text": "", "activity": None, "cause": "", "actions": [],
    }  # fmt: skip
    return {**view, **more}  # type: ignore[typeddict-item, return-value]


def source(name: str, x: float = 0, y: float = 0, **more: Any) -> NodeCard:
    outputs = [port("dataset", "dataset"), port("report", "report")]
    kept: dict[str, Any] = {"type": "preprocess.load", "icon": "funnel", "inputs": [], "outputs": outputs}
    return card(name, x, y, **{**kept, "summary": ["12,480 rows, 37 dropped"], **more})


def edge(start: str, end: str, kind: str, **more: Any) -> EdgeView:
    from_node, from_port = start.split(".")
    to_node, to_port = end.split(".")
    view: dict[str, Any] = {
        "id": f"{start}>{end}", "source": from_node, "source_port": from_port, "target": to_node,
        "target_port": to_port, "kind": kind, "style": "rest", "label": "",
    }  # fmt: skip
    return {**view, **more}  # type: ignore[typeddict-item, return-value]


def graph(nodes: list[NodeCard], edges: list[EdgeView] | None = None, **more: Any) -> GraphView:
    rest: dict[str, Any] = {"notes": [], "selected": [], "viewport": None}
    return {"nodes": nodes, "edges": edges or [], **rest, **more}  # type: ignore[typeddict-item, return-value]


def small() -> GraphView:
    """A dataset, a training it feeds, and a second training that nothing feeds yet."""
    nodes = [source("raw", 40, 40), card("sft", 340, 40), card("dpo", 640, 120)]
    return graph(nodes, [edge("raw.dataset", "sft.dataset", "dataset")])


def activity(fraction: float | None = 0.61) -> dict[str, Any]:
    spark = [1.6 * 0.96**step + 0.05 * (step % 3) for step in range(60)]
    return {"spark": spark, "metric": "loss", "value": "0.431", "count": "612 / 1,001", "fraction": fraction}


_FEET: dict[State, dict[str, Any]] = {
    "draft": {"foot": "draft: not run yet"},
    "queued": {"foot": "waits for split"},
    "running": {"foot": "running", "time": "18 min left", "activity": activity()},
    "succeeded": {"foot": "succeeded", "time": "1 h 12 min"},
    "cached": {"foot": "cached from run 41"},
    "failed": {
        "foot_strong": "oom", "foot": "GPU memory full",
        "cause": "Needs 26.1 GB, 22.4 GB free. A batch of 32 fits.",
        "actions": [
            {"name": "retry", "title": "Retry with 32", "icon": "rotate-ccw", "primary": True},
            {"name": "log", "title": "Log"},
        ],
    },
    "cancelled": {"foot": "cancelled by Li Wei"},
    "skipped": {"foot": "skipped: f1 0.71 < 0.75"},
    "stale": {"foot": "stale: learning_rate"},
}  # fmt: skip


def states() -> GraphView:
    """A card in each of the nine states, one selected, one with a problem, one bypassed."""
    nodes = [
        card(name, 272 * (k % 5), 200 * (k // 5), title="First round: LoRA", state=name, state_word=name,
             **_FEET[name])
        for k, name in enumerate(STATES)
    ]  # fmt: skip
    late = {"state": "succeeded", "state_word": "succeeded", **_FEET["succeeded"]}
    nodes += [
        card("picked", 1088, 200, title="First round: LoRA", **late),
        card("warned", 0, 420, title="A title much longer than any card is wide", problem="warning",
             problem_text="Needs about 27 GB; one RTX 4090 has 24 GB. A batch of 8 fits.", **late),
        card("wrong", 272, 420, problem="error", problem_text="sft.dataset is not connected."),
        card("bypassed", 544, 420, enabled=False, foot="bypassed"),
    ]  # fmt: skip
    return graph(nodes, selected=["picked"])


def chain(count: int, columns: int = 20) -> GraphView:
    """A large pipeline: rows of cards, each feeding the next, now and then one of the next row."""
    nodes = [source("n0", 0, 0)] + [
        card(f"n{k}", 256 * (k % columns), 176 * (k // columns), state="queued", state_word="queued",
             foot="waits", inputs=[port("dataset", "dataset", many=True)],
             outputs=[port("dataset", "dataset"), port("metrics", "metrics")])
        for k in range(1, count)
    ]  # fmt: skip
    edges = [edge(f"n{k}.dataset", f"n{k + 1}.dataset", "dataset") for k in range(count - 1)]
    edges += [
        edge(f"n{k}.dataset", f"n{k + columns}.dataset", "dataset") for k in range(0, count - columns, 7)
    ]
    return graph(nodes, edges)


def running() -> GraphView:
    """The pipeline of the look's picture of a run."""
    done = {"state": "succeeded", "state_word": "succeeded", "foot": "succeeded"}
    kept = {"state": "cached", "state_word": "cached", "foot": "cached from run 41"}
    wait = {"state": "queued", "state_word": "queued"}
    parts = [port("train", "dataset"), port("validation", "dataset"), port("test", "dataset")]
    model = port("model", "model")
    nodes = [
        source("prefs", 14, 24, title="Preference pairs", outputs=[port("dataset", "dataset")], time="9 s",
               **{**done, "summary": ["3,261 pairs, 57 new"]}),
        source("raw", 14, 204, title="Support tickets", **kept),
        card("split", 240, 186, title="Split 90/5/5", type="preprocess.split", icon="funnel", outputs=parts,
             inputs=[port("dataset", "dataset")], **{**kept, "summary": ["By customer, seed 42"]}),
        card("sft", 490, 162, title="First round: LoRA", time="1 h 12 min",
             inputs=[port("model", "model", optional=True), port("dataset", "dataset"),
                     port("validation", "dataset", optional=True)],
             **{**done, "summary": ["loss 0.842 · 2,106 steps"]}),
        card("dpo", 716, 44, title="Preference round", type="train.dpo",
             inputs=[port("dataset", "dataset"), model], state="running", state_word="running",
             **_FEET["running"]),
        card("eval", 716, 300, title="Test metrics", type="evaluate.text", icon="gauge",
             inputs=[model, port("dataset", "dataset")], outputs=[port("metrics", "metrics"),
             port("samples", "dataset")], state="failed", state_word="failed", **_FEET["failed"]),
        card("merge", 240, 552, title="Merge adapters", type="merge.models", icon="git-merge",
             inputs=[port("models", "model", many=True), port("base", "model", optional=True)],
             outputs=[model], foot="waits for dpo", **{**wait, "summary": ["TIES · 0.4 / 0.6"]}),
        card("quant", 490, 552, title="Quantize nf4", type="quantize.model", icon="shrink", inputs=[model],
             outputs=[model, port("metrics", "metrics")], foot="waits for merge",
             **{**wait, "summary": ["nf4 · double quant"]}),
        card("deploy", 716, 552, title="Support service", type="deploy.service", icon="rocket",
             inputs=[model], outputs=[port("service", "service")], foot="blocked by eval",
             **{**wait, "summary": ["when eval f1 ≥ 0.75"]}),
    ]  # fmt: skip
    edges = [
        edge("prefs.dataset", "dpo.dataset", "dataset", label="3,261 rows · 4.1 MB"),
        edge("raw.dataset", "split.dataset", "dataset", label="9.6 MB"),
        edge("split.train", "sft.dataset", "dataset", label="11,198 rows"),
        edge("split.validation", "sft.validation", "dataset", label="622 rows"),
        edge("split.test", "eval.dataset", "dataset", label="623 rows · 0.5 MB"),
        edge("sft.model", "dpo.model", "adapter", style="flow", label="161 MB"),
        edge("sft.model", "eval.model", "adapter", label="161 MB"),
        edge("sft.model", "merge.models", "adapter", style="wait"),
        edge("dpo.model", "merge.models", "adapter", style="wait"),
        edge("merge.model", "quant.model", "model", style="wait"),
        edge("quant.model", "deploy.model", "model", style="wait"),
    ]
    frame = {"id": "align", "kind": "group", "x": 476, "y": 14, "width": 430, "height": 496,
             "text": "Alignment"}  # fmt: skip
    note = {"id": "note", "kind": "note", "x": 16, "y": 420, "width": 176, "height": 96,
            "text": "Before release\nF1 on the test set must reach 0.75."}  # fmt: skip
    return graph(nodes, edges, notes=[frame, note], selected=["dpo"], viewport={"x": 0, "y": 0, "zoom": 1})


GRAPHS = {"small": small, "states": states, "running": running, "large": lambda: chain(300)}
