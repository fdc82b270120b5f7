"""What a notification says: of a run that has ended, for people as text and HTML, for programs as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from executor.notifications.model import Letter
from executor.services.amounts import hours, money
from executor.services.durations import duration
from executor.services.usage import currency
from executor.services.views import NodeView, RunView

_MOST_FAILURES = 20
_COUNTED = ("succeeded", "failed", "cached", "cancelled", "skipped")


def _as_it_is(text: str, /, **values: Any) -> str:
    return text.format(**values) if values else text


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


@dataclass(frozen=True)
class Words:
    """Says our own texts (`t`), finished sentences of others (`message`) and seconds in a language."""

    t: Callable[..., str] = _as_it_is
    message: Callable[..., str] = _joined
    duration: Callable[[float | None], str] = duration


def letter_of(run: RunView, title: str, link: str, words: Words, key: str) -> Letter:
    """The notification of a run under the id `key`; `link` leads to its page, or is empty."""
    name = title or run.pipeline
    subject = words.t("{pipeline}: run {run} {state}", pipeline=name, run=run.id, state=words.t(run.state))
    facts = _facts(run, words)
    failures = [node for node in run.nodes.values() if node.state == "failed"]
    told = [_told(node, words) for node in failures[:_MOST_FAILURES]]
    if len(failures) > _MOST_FAILURES:
        told.append((words.t("and {n} more", n=len(failures) - _MOST_FAILURES), ""))
    text = _text(subject, facts, told, link)
    run_payload = _payload(run, title, link, failures[:_MOST_FAILURES])
    payload = {"id": key, "text": text, "subject": subject, "run": run_payload}
    return Letter(key, subject, text, _html(subject, facts, told, link), payload)


def trial_letter(words: Words, link: str, key: str) -> Letter:
    """What is sent to see whether mail arrives."""
    subject = words.t("NodeGraph: a test")
    text = words.t("Mail from this server arrives.")
    return Letter(key, subject, _text(text, {}, [], link), _html(text, {}, [], link), {})


def _facts(run: RunView, words: Words) -> dict[str, str]:
    t, usage = words.t, run.usage
    counted = [f"{run.counts[state]} {t(state)}" for state in _COUNTED if run.counts.get(state)]
    trigger = ", ".join(filter(None, (t(run.trigger), run.user)))
    found = {
        t("Pipeline"): run.pipeline,
        t("Trigger"): trigger,
        t("Duration"): words.duration(run.seconds),
        t("Nodes"): ", ".join(counted),
        t("Cost"): money(usage.cost),
        t("CPU hours"): hours(usage.cpu_hours),
        t("Memory, GB hours"): hours(usage.memory_gb_hours),
        t("GPU hours"): hours(usage.gpu_hours),
    }
    return {label: value for label, value in found.items() if value}


def _told(node: NodeView, words: Words) -> tuple[str, str]:
    """That a node failed, and why."""
    error = node.error or {}
    category = words.t(str(error.get("category", "node")))
    head = words.t("{node} failed: {category}.", node=node.title or node.node, category=category)
    return head, words.message(str(error.get("message", "")), str(error.get("hint", "")))


def _text(subject: str, facts: Mapping[str, str], told: list[tuple[str, str]], link: str) -> str:
    parts = [subject, "\n".join(f"{label}: {value}" for label, value in facts.items())]
    parts += ["\n".join(filter(None, one)) for one in told]
    return "\n\n".join(filter(None, [*parts, link]))


def _html(subject: str, facts: Mapping[str, str], told: list[tuple[str, str]], link: str) -> str:
    """The same with a table. Whatever stands in names and messages is text."""
    rows = "".join(
        f'<tr><td style="padding:2px 16px 2px 0;color:#666">{escape(label)}</td><td>{escape(value)}</td></tr>'
        for label, value in facts.items()
    )
    failures = "".join(f"<p><b>{escape(head)}</b><br>{escape(why)}</p>" for head, why in told)
    shown = f'<p><a href="{escape(link)}">{escape(link)}</a></p>' if link else ""
    style = "font:14px/1.5 system-ui,sans-serif"
    return f'<div style="{style}"><h3>{escape(subject)}</h3><table>{rows}</table>{failures}{shown}</div>'


def _payload(run: RunView, title: str, link: str, failures: list[NodeView]) -> dict[str, Any]:
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "title": title,
        "version": run.version,
        "state": run.state,
        "trigger": run.trigger,
        "user": run.user,
        "started": run.started,
        "finished": run.finished,
        "seconds": round(run.seconds or 0.0, 3),
        "nodes": run.counts,
        "usage": {**run.usage.rounded(), "currency": currency()},
        "failures": [{"node": node.node, "title": node.title, **(node.error or {})} for node in failures],
        "url": link or None,
    }
