"""Chat services that want the text of a message in a place of their own, and say no with HTTP 200.

Whatever stands in names and messages calls nobody: markup of theirs is taken for text. Slack, Mattermost and
others read `text`, Slack with its own markup (https://docs.slack.dev/messaging/formatting-message-text);
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot,
https://open.dingtalk.com/document/robots/custom-robot-access and
https://developer.work.weixin.qq.com/document/path/91770 describe the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

_SLACK = ("hooks.slack.com",)
_FEISHU = ("open.feishu.cn", "open.larksuite.com")
_DINGTALK = ("oapi.dingtalk.com", "qyapi.weixin.qq.com")


def shaped(host: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What this host is sent."""
    text = str(payload["text"])
    if host in _FEISHU:
        # It has no way to write a "<" that begins no mention.
        return {"msg_type": "text", "content": {"text": text.replace("<", "\N{FULLWIDTH LESS-THAN SIGN}")}}
    if host in _DINGTALK:
        return {"msgtype": "text", "text": {"content": text}}
    return {**payload, "text": escape(text, quote=False)} if host in _SLACK else dict(payload)


def chat_fault(host: str, content: bytes) -> str:
    """Why a chat service did not take a message although it answered with success; mostly empty."""
    if host not in (*_FEISHU, *_DINGTALK):
        return ""
    try:
        said = json.loads(content)
        code = said.get("errcode", said.get("code", 0))
        return f"{code} {said.get('errmsg', said.get('msg', ''))}".strip()[:200] if code else ""
    except (ValueError, AttributeError):
        return ""
