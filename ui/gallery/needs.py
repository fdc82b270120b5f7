"""What a template needs, in words: processor, memory, network, and how long it took here before."""

from __future__ import annotations

from ui import kit
from ui.gallery.cards import Card
from ui.i18n import t
from ui.results.units import duration


def processor(card: Card) -> str:
    """CPU, or CPU or GPU where a GPU is used if there is one."""
    return t("CPU or GPU") if card.uses_gpu else t("CPU")


def sentence(card: Card) -> str:
    """The needs in one line."""
    words = [processor(card)]
    if card.seconds:
        words.append(duration(card.seconds))
    if card.offline:
        words.append(t("offline"))
    return " · ".join(words)


def foot(card: Card) -> None:
    """The needs as the foot of a card."""
    _mark("gpu" if card.uses_gpu else "cpu", processor(card))
    if card.seconds:
        _mark("timer", duration(card.seconds), t("So long a run took on this machine"))
    if card.offline:
        _mark("wifi-off", t("offline"), t("Needs no network"))
    else:
        _mark("wifi", t("hub"), t("Takes models from the hub, or from a folder"))
    with kit.el("span", "end"):
        kit.icon("workflow", "t")
        kit.text(t("{n} nodes", n=len(card.pipeline.nodes)))


def listing(card: Card) -> None:
    """The needs line by line, and the node types."""
    kit.text(t("What it needs"), "over", "div")
    with kit.el("ul", "needs"):
        if card.uses_gpu:
            _need("gpu", t("A GPU where there is one, else the processor"))
        else:
            _need("cpu", t("The processor; no GPU"))
        _need("memory-stick", t("{n} GB of memory at most", n=f"{card.memory_gb:g}"))
        if card.offline:
            _need("wifi-off", t("No network"))
        else:
            _need("wifi", t("The hub, or models in a folder"))
        if card.seconds:
            _need("timer", t("About {time} on this machine", time=duration(card.seconds)))
    kit.text(f"{t('Nodes')} · {len(card.pipeline.nodes)}", "over", "div")
    kit.text(_types(card), "sub sm mono", "p")


def _mark(glyph: str, words: str, tip: str | None = None) -> None:
    with kit.el("span", "", title=tip):
        kit.icon(glyph, "t")
        kit.text(words)


def _need(glyph: str, words: str) -> None:
    with kit.el("li"):
        kit.icon(glyph, "s")
        kit.text(words, "grow")


def _types(card: Card) -> str:
    counts: dict[str, int] = {}
    for node in card.pipeline.nodes.values():
        counts[node.type] = counts.get(node.type, 0) + 1
    return ", ".join(f"{name} × {count}" if count > 1 else name for name, count in counts.items())
