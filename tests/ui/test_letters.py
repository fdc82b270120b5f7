"""Notifications in the language that is set for them."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

from executor.notifications.mail import composed
from executor.services.notification_text import letter_of
from executor.services.views import NodeView, RunView
from executor.services.workspace import Workspace
from ui.site import Site


def test_a_letter_speaks_chinese_where_that_is_set(tmp_path: Path) -> None:
    error = {"category": "oom", "message": "The secret HOOK is not set.", "hint": "Check the address."}
    node = NodeView(
        "a", "custom.make", "训练", "failed", "", 1.0, False, None, 1, error, {}, None, {}, None, None
    )
    view = RunView(
        7, "toy", None, "failed", "schedule", "process", {}, None, None, None, False, 0.0, 0.0, 205.0, 205.0,
        counts={"failed": 1, "cached": 2}, nodes={"a": node},
    )  # fmt: skip
    with Workspace(tmp_path) as space:
        notifications = Site(space).workspace.notifications
        letter = letter_of(view, "客服模型", "", notifications.words("zh"), "1")
    mail = message_from_bytes(composed(letter, "graph@x.org", "me@x.org").as_bytes(), policy=policy.default)
    assert mail["Subject"] == "客服模型：运行 7 失败"
    for part in (
        "用时: 3 分 25 秒",
        "节点: 1 失败, 2 缓存",
        "训练 失败：",
        "密钥 HOOK 没有设置。",
        "请检查地址",
    ):
        assert part in letter.text
