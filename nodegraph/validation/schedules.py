"""Whether schedules can fire: five fields in range, a date that exists, a time zone that is known."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from nodegraph.pipeline import Pipeline
from nodegraph.validation.report import Report

_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_NAMES = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "day of week": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?", re.ASCII)
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MACROS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}


def check_schedules(pipeline: Pipeline, report: Report) -> None:
    """Every cron expression and time zone."""
    for index, schedule in enumerate(pipeline.schedules):
        fault = cron_fault(schedule.cron)
        if fault:
            hint = 'Write five fields, such as "0 2 * * 1" for Mondays at 2:00.'
            report.add("bad-schedule", f"The schedule {schedule.cron!r}: {fault}", hint,
                       path=("schedules", index, "cron"))  # fmt: skip
        try:
            ZoneInfo(schedule.timezone)
        except Exception:
            report.add("bad-schedule", f"There is no time zone {schedule.timezone!r}.",
                       "Write one such as Asia/Shanghai or Europe/Berlin.",
                       path=("schedules", index, "timezone"))  # fmt: skip


def cron_fault(expression: str) -> str:
    """What is wrong with a cron expression; empty where nothing is."""
    if expression.strip().lower() in _MACROS:
        return ""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, not five."
    values = []
    for text, (name, low, high) in zip(parts, _FIELDS, strict=True):
        found = _values(text, name, low, high)
        if not found:
            return f"{text!r} is no {name} ({low} to {high})."
        values.append(found)
    days, months = values[2], values[3]
    any_weekday = parts[4].startswith("*")
    if any_weekday and min(days) > max(_LONGEST_MONTHS[month - 1] for month in months):
        return "it never fires: no such month has that day."
    return ""


def _values(text: str, name: str, low: int, high: int) -> set[int]:
    """The numbers a field stands for; empty where it is wrong."""
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return set()
        star, first, last, step = match.groups()
        start = low if star else _number(first, name, low)
        end = high if star or (step and not last) else _number(last or first, name, low)
        if start is None or end is None or not low <= start <= end <= high or step == "0":
            return set()
        found.update(range(start, end + 1, int(step or 1)))
    return found


def _number(text: str, name: str, low: int) -> int | None:
    if text.isdigit():
        return int(text) if len(text) < 4 else None
    names = _NAMES.get(name, [])
    return names.index(text.lower()) + low if text.lower() in names else None
