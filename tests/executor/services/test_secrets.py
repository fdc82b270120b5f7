"""Secrets: values go in and never come out; what people may know is where they are and who needs them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from executor.services.secret_uses import secret_uses
from executor.services.secrets import Secrets
from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput, NotFound

JUDGE = """\
nodegraph: 1
name: {name}
parameters:
  key: {{kind: secret, default: DEFAULT_KEY}}
nodes:
  judge:
    type: judge.rubric
    params: {{base_url: "http://localhost:1/v1", model: m, api_key: {key}}}
"""


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path)


def test_a_value_is_kept_for_its_owner_only(secrets: Secrets, tmp_path: Path) -> None:
    secrets.set("JUDGE_KEY", "sk-1")
    assert secrets.value("JUDGE_KEY") == "sk-1"
    assert stat.S_IMODE((tmp_path / "JUDGE_KEY").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["JUDGE_KEY"]


def test_a_value_is_replaced_and_removed(secrets: Secrets) -> None:
    secrets.set("JUDGE_KEY", "sk-1")
    secrets.set("JUDGE_KEY", "sk-2")
    assert secrets.value("JUDGE_KEY") == "sk-2"
    secrets.remove("JUDGE_KEY")
    assert secrets.value("JUDGE_KEY") is None
    with pytest.raises(NotFound):
        secrets.remove("JUDGE_KEY")


@pytest.mark.parametrize("name", ["", "1KEY", "A-B", "../x", "A.B", "A B", "密钥", "A\n", "X" * 129])
def test_a_name_must_do_for_an_environment_variable(secrets: Secrets, name: str) -> None:
    with pytest.raises(InvalidInput):
        secrets.set(name, "value")


@pytest.mark.parametrize("value", ["", "a\x00b"])
def test_a_value_must_do_for_an_environment_variable(secrets: Secrets, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        secrets.set("KEY", value)
    assert "a\x00b" not in refused.value.message


def test_the_overview_has_no_values(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.set("KEPT", "sk-kept")
    secrets.set("BOTH", "sk-kept")
    monkeypatch.setenv("BOTH", "sk-environment")
    monkeypatch.setenv("OUTSIDE", "sk-environment")
    monkeypatch.delenv("ABSENT", raising=False)
    found = {view.name: view for view in secrets.overview({"OUTSIDE": ["one"], "ABSENT": ["one", "two"]})}
    assert list(found) == ["ABSENT", "BOTH", "KEPT", "OUTSIDE"]
    assert [view.is_set for view in found.values()] == [False, True, True, True]
    assert found["BOTH"].in_environment and found["BOTH"].in_directory
    assert found["KEPT"].changed is not None and found["OUTSIDE"].changed is None
    assert found["ABSENT"].used_by == ["one", "two"]
    assert "sk-" not in repr(found)


def test_uses_are_found_in_the_latest_versions(tmp_path: Path) -> None:
    with Workspace(tmp_path) as workspace:
        workspace.pipelines.save(JUDGE.format(name="named", key="JUDGE_KEY"))
        workspace.pipelines.save(JUDGE.format(name="asked", key='"${parameters.key}"'))
        workspace.pipelines.save(JUDGE.format(name="old", key="OLD_KEY"))
        workspace.pipelines.save(JUDGE.format(name="old", key="JUDGE_KEY"))
        uses = secret_uses(workspace.pipelines.list(), workspace.registry)
    assert uses == {"JUDGE_KEY": ["named", "old"], "DEFAULT_KEY": ["asked"]}


def test_what_the_server_itself_needs_is_given_to_no_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODEGRAPH_PASSWORD", "of-the-server")
    with Workspace(tmp_path) as workspace:
        workspace.notifications.set_password("of-the-mail-server")
        for name in ("NODEGRAPH_PASSWORD", "NODEGRAPH_SMTP_PASSWORD"):
            assert workspace.secrets.values([name]) == {}
            with pytest.raises(InvalidInput, match="the server's own"):
                workspace.secrets.set(name, "x")
        assert workspace.secrets.names() == []
        assert workspace.notifications.secrets.value("NODEGRAPH_SMTP_PASSWORD") == "of-the-mail-server"
    (kept,) = (tmp_path / "secrets").rglob("NODEGRAPH_*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
