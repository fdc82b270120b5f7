"""What tests share: running a node in this process, small datasets, and tiny real models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.contract import InputArtifact, Inputs, Outputs
from nodegraph.events import NodeEvent, decode
from nodegraph.harness.context import EventFile, RunContext
from nodegraph.harness.job import Job
from nodegraph.registry import DEFAULT_ROOT, Registered, load_type

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass
class NodeResult:
    """The outputs of a node that ran, by port, and the events it sent."""

    outputs: dict[str, Path]
    events: list[NodeEvent]
    resume: Path

    def rows(self, port: str = "dataset") -> list[dict[str, Any]]:
        return read_jsonl(self.outputs[port] / "data.jsonl")

    def metric(self, name: str) -> float | None:
        values = [e.value for e in self.events if e.event == "metric" and e.name == name]
        return values[-1] if values else None


def run_node(
    type_id: str,
    tmp_path: Path,
    inputs: dict[str, Path | list[Path]] | None = None,
    *,
    secrets: dict[str, str] | None = None,
    related: dict[str, Path] | None = None,
    **params: Any,
) -> NodeResult:
    """Run one node here: strict parameters, real files, real events; failures are raised as NodeFailure."""
    registered = load_type(type_id, DEFAULT_ROOT)
    assert isinstance(registered, Registered), registered
    checked = registered.node.params.model_validate(params)
    directory = tmp_path / f"{type_id}-{len(list(tmp_path.glob(type_id + '-*')))}"
    (directory / "scratch").mkdir(parents=True)
    (directory / "resume").mkdir()
    ports = registered.node.output_ports(checked)
    job = Job(
        run="test", node="node", attempt=1, type=type_id, nodes_root=str(DEFAULT_ROOT), params=params,
        related={digest: str(path) for digest, path in (related or {}).items()},
        output_dir=str(directory / "out"), scratch_dir=str(directory / "scratch"),
        resume_dir=str(directory / "resume"), events_file=str(directory / "events.jsonl"),
        preview_file=str(directory / "preview.json"),
    )  # fmt: skip
    outputs = {port: directory / "out" / port for port in ports}
    for path in outputs.values():
        path.mkdir(parents=True)
    context = RunContext(job, EventFile(job.events_file, secrets or {}), secrets or {})
    registered.run(checked, _artifacts(inputs or {}), Outputs(outputs), context)
    if check := registered.optional("check"):
        check(Outputs(outputs))
    if preview := registered.optional("preview"):
        json.dumps(preview(Outputs(outputs)))
    lines = Path(job.events_file).read_bytes().splitlines()
    return NodeResult(outputs, [event for line in lines if (event := decode(line))], Path(job.resume_dir))


def _artifacts(inputs: dict[str, Path | list[Path]]) -> Inputs:
    found = {}
    for port, given in inputs.items():
        paths = given if isinstance(given, list) else [given]
        found[port] = [InputArtifact(path, _kind(path), path.name) for path in paths]
    return Inputs(found)


def _kind(path: Path) -> Any:
    if (path / "adapter_config.json").exists():
        return "adapter"
    return "model" if (path / "config.json").exists() else "dataset"


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def dataset(directory: Path, rows: list[dict[str, Any]]) -> Path:
    """A normalised dataset of these rows."""
    from nodes.common.dataset import write_dataset

    write_dataset(directory, rows)
    return directory


CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny_model(directory: Path, seed: int = 0, hidden_size: int = 32) -> Path:
    """A Qwen2 model with random weights, some ten thousand parameters and a byte-level BPE tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(["the quick brown fox jumps over the lazy dog", "你好，世界"], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=CHAT_TEMPLATE,
    )
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(fast), hidden_size=hidden_size, intermediate_size=2 * hidden_size, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True,
        eos_token_id=fast.eos_token_id, pad_token_id=fast.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    Qwen2ForCausalLM(config).save_pretrained(directory)
    fast.save_pretrained(directory)
    return directory
