"""The figures above the table: what happened in some days, and how that compares with those before."""

from __future__ import annotations

from executor.services.amounts import money
from executor.services.statistics import Statistics
from ui import kit
from ui.i18n import t
from ui.results.units import duration


def draw(now: Statistics, before: Statistics | None, days: str) -> None:
    """Figures of a stretch of days; without the days before it there is no comparison."""
    title = t("Runs") if days == "all" else t("Runs, {n} days", n=days)
    with kit.div("kpis"):
        _card(title, f"{now.runs:,}", *_more(now.runs, before.runs if before else None, days))
        share = _percent(now.succeeded)
        _card(
            t("Succeeded"), share, *_points(now.succeeded, before.succeeded if before else None, days),
            unit="%" if share != "—" else "",
        )  # fmt: skip
        _card(t("Median duration"), duration(now.median_seconds) or "—", *_faster(now, before, days))
        share = _percent(now.cached)
        below = t("saved {cost}", cost=money(now.saved)) if now.saved else t("of nodes that succeeded")
        _card(t("From cache"), share, below, unit="%" if share != "—" else "")
        failed = sum(point.state == "failed" for point in now.points)
        _card(t("Failed"), f"{failed:,}", *_fewer(failed, before, days))
        _card(t("Running now"), f"{now.running:,}", t("queued ones among them"))


def _card(label: str, value: str, below: str = "", mood: str = "", rest: str = "", unit: str = "") -> None:
    with kit.div("card kpi"):
        kit.text(label, "over", "div")
        with kit.div("v"):
            kit.text(value)
            if unit:
                kit.text(unit, "", "small")
        with kit.div("xs dim"):
            kit.text(below, mood)
            if rest:
                kit.text(f" {rest}")
            if not below:
                kit.text("\u00a0")


def _more(now: int, before: int | None, days: str) -> tuple[str, str, str]:
    return ("", "", "") if before is None else (f"{now - before:+,}", "", _than(days))


def _points(now: float | None, before: float | None, days: str) -> tuple[str, str, str]:
    if now is None or before is None:
        return "", "", ""
    change = round(100 * (now - before), 1)
    return f"{change:+.1f}", "up" if change > 0 else "down" if change < 0 else "", _than(days)


def _faster(now: Statistics, before: Statistics | None, days: str) -> tuple[str, str, str]:
    if now.median_seconds is None or before is None or before.median_seconds is None:
        return "", "", ""
    change = now.median_seconds - before.median_seconds
    sign = "−" if change < 0 else "+"
    return f"{sign}{duration(abs(change))}", "up" if change < 0 else "", _than(days)


def _fewer(now: int, before: Statistics | None, days: str) -> tuple[str, str, str]:
    if before is None:
        return "", "", ""
    change = now - sum(point.state == "failed" for point in before.points)
    return f"{change:+,}", "up" if change < 0 else "down" if change > 0 else "", _than(days)


def _than(days: str) -> str:
    return t("vs {n} days before", n=days)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f}".removesuffix(".0")
