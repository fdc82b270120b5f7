"""The commands that need no run: exit statuses, JSON on standard output, hints on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from executor.cli.main import main

GOOD = """\
nodegraph: 1
name: tiny
nodes:
  data:
    type: preprocess.load
    params: {source: rows.jsonl}
"""


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_valid_file_exits_with_0(tmp_path, capsys):
    assert main(["validate", write(tmp_path / "p.yaml", GOOD)]) == 0
    assert "valid, 1 node\n" in capsys.readouterr().out


def test_problems_exit_with_2_and_name_place_and_hint(tmp_path, capsys):
    text = GOOD.replace("preprocess.load", "preprocess.laod")
    assert main(["validate", write(tmp_path / "p.yaml", text), "--json"]) == 2
    printed = json.loads(capsys.readouterr().out)
    (problem,) = printed["problems"]
    assert printed["valid"] is False
    assert problem["code"] == "unknown-type"
    assert problem["node"] == "data"
    assert "preprocess.load" in problem["hint"]


def test_a_valid_file_tells_what_training_will_need(tmp_path, capsys):
    model = "  model: {type: train.init, params: {preset: 1m}, inputs: {dataset: data.dataset}}\n"
    assert main(["validate", write(tmp_path / "p.yaml", GOOD + model), "--json"]) == 0
    need = json.loads(capsys.readouterr().out)["estimates"]["model"]
    assert 500_000 < need["parameters"] < 2_000_000
    assert need["memory_gb"] > 0


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path, capsys):
    assert main(["validate", str(tmp_path / "missing.yaml")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_new_writes_a_file_that_is_valid_and_never_overwrites(tmp_path, capsys):
    file = tmp_path / "demo.yaml"
    assert main(["new", "demo", "-o", str(file), "--param", "epochs=3"]) == 0
    assert main(["validate", str(file)]) == 0
    assert "default: 3" in file.read_text(encoding="utf-8")
    assert main(["new", "demo", "-o", str(file)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_parameter_out_of_range_is_refused(tmp_path, capsys):
    assert main(["new", "demo", "-o", str(tmp_path / "d.yaml"), "--param", "epochs=0"]) == 2
    assert "epochs" in capsys.readouterr().err
    assert not (tmp_path / "d.yaml").exists()


@pytest.mark.parametrize("type_id", ["preprocess.load", "train.sft", "evaluate.text", "deploy.service"])
def test_a_node_type_is_described_with_ports_and_schema(type_id, capsys):
    assert main(["nodes", type_id, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["id"] == type_id
    assert printed["parameters"]["properties"]


def test_a_node_type_is_described_in_lines_that_can_be_read(capsys):
    assert main(["nodes", "train.sft"]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert max(map(len, lines)) <= 110
    assert [line for line in lines if line in ("Basic", "Method", "Advanced")] == [
        "Basic",
        "Method",
        "Advanced",
    ]
    method = next(number for number, line in enumerate(lines) if line.split()[:1] == ["method"])
    assert lines[method].split() == ["method", "choice", '"full"', "Method"]
    assert lines[method + 1].strip() == "full, freeze, lora, qlora, dora"
    assert "Maximum length (tokens, ≥ 4, ≤ 1048576)" in printed


def test_an_unknown_node_type_gets_a_suggestion(capsys):
    assert main(["nodes", "train.stf"]) == 2
    assert "train.sft" in capsys.readouterr().err


def test_all_eight_categories_have_a_node_type(capsys):
    assert main(["nodes", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    wanted = {"preprocess", "augment", "train", "evaluate", "judge", "merge", "quantize", "deploy"}
    assert {node["category"] for node in printed["nodes"]} >= wanted
    assert printed["broken"] == []


def test_validate_loads_no_heavy_library_and_no_database(tmp_path):
    file = write(tmp_path / "p.yaml", GOOD)
    code = (
        "import sys; from executor.cli.main import main; status = main(['validate', sys.argv[1]]);"
        "heavy = {'torch', 'transformers', 'trl', 'datasets', 'numpy', 'sqlmodel'} & set(sys.modules);"
        "sys.exit(status or str(heavy) if heavy else status)"
    )
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
