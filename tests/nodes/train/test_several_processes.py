"""One model trained by several processes, as with several GPUs; here they share the cores of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from nodegraph.events import Done, Metric, NodeEvent, decode
from nodegraph.harness import ranks
from nodes.train._results import read_history
from nodes.train._rows import RowWriter, TokenRows, packed
from tests.nodes.train.attempts import job_of, logs
from tests.nodes.train.conftest import QUICK


def trained(directory: Path, inputs: dict[str, Path], **params: object) -> list[NodeEvent]:
    """Fine-tune in two processes, as launchers do it; the events."""
    job = job_of("train.sft", directory, inputs, {**QUICK, **params}).model_copy(update={"processes": 2})
    (directory / "job.json").write_text(job.model_dump_json())
    command = [sys.executable, "-P", "-m", job.module, str(directory / "job.json")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=directory)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = Path(job.events_file).read_bytes().splitlines()
    return [event for line in lines if (event := decode(line))]


def test_two_processes_train_one_model(base: Path, rows: Path, tmp_path: Path) -> None:
    found = trained(tmp_path, {"model": base, "dataset": rows}, epochs=8, batch_size=4, validation_share=0.2)
    summary = json.loads((tmp_path / "out/metrics/training.json").read_text())
    history = [entry["loss"] for entry in read_history(tmp_path / "out/metrics") if "loss" in entry]
    assert history[-1] < history[0] / 2
    # 36 rows, eight at a time: four by each of the two.
    assert (summary["processes"], summary["rows"], summary["steps"], summary["epochs"]) == (2, 36, 40, 8)
    assert len([event for event in found if isinstance(event, Done)]) == 1
    said = [(event.name, event.step) for event in found if isinstance(event, Metric)]
    assert len(said) == len(set(said)), "nothing is said twice"
    assert logs(tmp_path).count("are held back for validation") == 1
    assert "2 × cpu" in logs(tmp_path)
    assert len(list((tmp_path / "out/model").glob("*.safetensors"))) == 1
    assert not list((tmp_path / "resume").glob("checkpoints/checkpoint-*"))


def test_rows_that_another_process_has_read(tmp_path: Path) -> None:
    writer = RowWriter(tmp_path, "dataset")
    for length in (5, 3, 7):
        writer.add(list(range(length)), [number % 2 == 0 for number in range(length)])
    for rows in (writer.rows().select([2, 0]), packed(writer.rows(), 8, tmp_path, "dataset")):
        again = TokenRows.of(json.loads(json.dumps(rows.written(tmp_path, "train"))))
        assert (len(again), again.tokens, again.documents) == (len(rows), rows.tokens, rows.documents)
        for index in range(len(rows)):
            assert [part.tolist() for part in again.row(index)] == [p.tolist() for p in rows.row(index)]


def test_each_process_gets_its_share_of_the_cores(monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    ranks._share_cores(2)
    assert ranks.os.environ["OMP_NUM_THREADS"] == "3"
