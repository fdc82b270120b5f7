"""Our fine-tuning beside TRL's own trainer, same settings: `python tests/benchmarks/training.py`.

On a GPU: `python tests/benchmarks/training.py --preset 300m --gpu`. Both run in turns in one process.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nodes.common.metrics import read_indicators  # noqa: E402
from tests.support import dataset, run_node  # noqa: E402

RANK = 16
TARGET = 0.98


@dataclass
class Settings:
    """What both trainers are given."""

    preset: str
    gpu: bool
    method: str
    steps: int
    batch: int
    length: int

    @property
    def precision(self) -> str:
        return "bf16" if self.gpu else "fp32"


@dataclass
class Measured:
    """Tokens per second and peak memory of the rounds of one trainer."""

    speeds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    @property
    def speed(self) -> float:
        return statistics.median(self.speeds)

    @property
    def peak(self) -> float:
        return statistics.median(self.peaks)


def rows(settings: Settings) -> list[dict[str, str]]:
    """Prompts and completions of random words, about as long as a row may be."""
    random.seed(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(random.choices(letters, k=random.randint(2, 8))) for _ in range(5000)]
    count = settings.batch * settings.steps
    long = settings.length // 2
    return [
        {
            "prompt": " ".join(random.choices(words, k=random.randint(long // 2, long))),
            "completion": " " + " ".join(random.choices(words, k=random.randint(long // 8, long // 4))),
        }
        for _ in range(max(count, 200))
    ]


def ours(settings: Settings, base: Path, data: Path, folder: Path) -> tuple[float, float]:
    """Tokens per second and last loss of train.sft."""
    result = run_node(
        "train.sft", folder, {"model": base, "dataset": data}, method=settings.method, lora_rank=RANK,
        max_steps=settings.steps, batch_size=settings.batch, max_length=settings.length, learning_rate=1e-4,
        scheduler="constant", warmup=0, save_every="never", precision=settings.precision, logging_steps=10,
        gradient_checkpointing="off", attention="sdpa",
    )  # fmt: skip
    training = read_indicators(result.outputs["metrics"])["training"]
    return training["tokens"] / training["seconds"], training["train_loss"]


def theirs(settings: Settings, base: Path, data: Path, folder: Path) -> tuple[float, float]:
    """Tokens per second and last loss of TRL's trainer, called as its documentation shows."""
    import torch
    from datasets import load_dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    lora = settings.method == "lora"
    dtype = torch.bfloat16 if lora and settings.gpu else torch.float32
    model = AutoModelForCausalLM.from_pretrained(base, dtype=dtype, attn_implementation="sdpa")
    args = SFTConfig(
        output_dir=str(folder / "trl"), max_steps=settings.steps, per_device_train_batch_size=settings.batch,
        max_length=settings.length, learning_rate=1e-4, lr_scheduler_type="constant", save_strategy="no",
        logging_steps=10, report_to="none", disable_tqdm=True, use_cpu=not settings.gpu, bf16=settings.gpu,
        gradient_checkpointing=False, dataloader_pin_memory=settings.gpu, seed=42,
    )  # fmt: skip
    adapter = LoraConfig(r=RANK, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    table = load_dataset("json", data_files=str(data / "data.jsonl"), cache_dir=str(folder / "cache"))[
        "train"
    ]
    trainer = SFTTrainer(
        model, args=args, train_dataset=table, processing_class=AutoTokenizer.from_pretrained(base),
        peft_config=adapter if lora else None,
    )  # fmt: skip
    started = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - started
    logs = [entry for entry in trainer.state.log_history if "num_tokens" in entry and "loss" in entry]
    return logs[-1]["num_tokens"] / seconds, logs[-1]["loss"]


@contextmanager
def peak_memory(gpu: bool, measured: Measured) -> Iterator[None]:
    """The peak of GPU memory, or by how much the process grows at most."""
    import gc

    import psutil
    import torch

    gc.collect()
    if gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        yield
        measured.peaks.append(torch.cuda.max_memory_allocated() / 1e9)
        return
    process, done, highest = psutil.Process(), threading.Event(), 0

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.02):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    measured.peaks.append(highest / 1e9)


def compare(settings: Settings, base: Path, data: Path, folder: Path, rounds: int) -> float:
    """Run both in turns, print their medians, answer the ratio of speeds."""
    results = {"NodeGraph": Measured(), "TRL": Measured()}
    trainers = {"NodeGraph": ours, "TRL": theirs}
    for number in range(rounds + 1):
        for name, train in trainers.items():
            # The first round warms up and does not count.
            measured = results[name] if number else Measured()
            with peak_memory(settings.gpu, measured), redirect_stdout(io.StringIO()):
                speed, loss = train(settings, base, data, folder)
            measured.speeds.append(speed)
            measured.losses.append(loss)
    ratio = results["NodeGraph"].speed / results["TRL"].speed
    for name, measured in results.items():
        spread = f"{min(measured.speeds):,.0f}-{max(measured.speeds):,.0f}"
        print(
            f"{settings.method:<8}{name:<12}{measured.speed:>12,.0f}{spread:>22}{measured.peak:>10.2f}"
            f"{measured.losses[-1]:>10.4f}" + (f"{ratio:>8.2f}" if name == "NodeGraph" else ""),
            flush=True,
        )
    return ratio


def measure_evaluation(base: Path, data: Path, folder: Path) -> None:
    """How many prompts evaluate.text answers in a second."""
    result = run_node(
        "evaluate.text", folder, {"model": base, "dataset": data}, limit=64, max_new_tokens=32, batch_size=16,
        metrics=["exact_match", "throughput", "latency"],
    )  # fmt: skip
    found = read_indicators(result.outputs["metrics"])
    shown = {name: found[name] for name in ("throughput_rps", "latency_p99") if name in found}
    print(f"evaluate.text: {shown}")


def main() -> int:
    """Print a table; exit status 1 where we are slower than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="1m")
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--methods", nargs="+", default=["full", "lora"], choices=["full", "lora"])
    options = parser.parse_args()
    if not options.gpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = Settings(options.preset, options.gpu, "full", options.steps, options.batch, options.length)
        data = dataset(folder / "data", rows(first))
        init = run_node(
            "train.init", folder, {"dataset": data}, preset=options.preset, max_length=options.length
        )
        base = init.outputs["model"]
        print(f"\n{init.metric('parameters'):,.0f} parameters, batch {first.batch}, length {first.length}")
        print(
            f"{'method':<8}{'trainer':<12}{'tokens/s':>12}{'range':>22}"
            f"{'peak GB':>10}{'loss':>10}{'ratio':>8}"
        )
        ratios = []
        for method in options.methods:
            settings = Settings(
                options.preset, options.gpu, method, options.steps, options.batch, options.length
            )
            ratios.append(compare(settings, base, data, folder, options.rounds))
        measure_evaluation(base, data, folder)
    print(f"ours/TRL: {min(ratios):.2f} at least; the target is {TARGET}")
    return 0 if min(ratios) >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
