"""One host as a card: its state and what can be done with it, what it has, who holds its GPUs."""

from __future__ import annotations

from nicegui.element import Element

from executor.services.hosts import GpuView, HostView
from executor.services.usage import currency
from ui import kit
from ui.hosting import words
from ui.hosting.acting import Acting
from ui.i18n import t
from ui.results.units import moment, number
from ui.serving.part import Part


class HostCard:
    """Draws itself where it is made; `told` brings it up to date."""

    def __init__(self, acting: Acting, host: HostView) -> None:
        self._acting = acting
        self._root = kit.el("section", "card host", data_host=host.name, aria_label=_name(host))
        with self._root:
            with kit.el("header"):
                kit.icon("monitor" if host.local else "server")
                self._who = Part(kit.div("row who"), self._draw_who)
                self._buttons = Part(kit.div("row acts"), self._draw_buttons)
            self._where = Part(kit.div("where"), self._draw_where)
            self._why = Part(kit.div(), self._draw_why)
            self._body = kit.div("host-body")
            with self._body:
                self._facts = Part(kit.div("host-facts"), self._draw_facts)
                self._gpus = Part(kit.div("host-gpus"), self._draw_gpus)

    def told(self, host: HostView, checking: bool) -> None:
        """The host as it stands now."""
        self._root.props["data-state"] = words.state_of(host)
        self._who.show(host, key=(host.state, host.draining))
        self._where.show(host.address, host.labels)
        self._buttons.show(host, checking, key=(host.draining, checking))
        self._why.show(host, key=(host.state, host.reason, host.address))
        self._facts.show(host, moment(host.checked))
        self._gpus.show(host.gpus, host.declared, host.state != "unreachable")
        self._body.classes(remove="is-plain") if host.gpus else self._body.classes(add="is-plain")

    def move(self, target: Element, place: int) -> None:
        """Put it in its place among the others."""
        self._root.move(target, place)

    def remove(self) -> None:
        """The host is gone."""
        self._root.delete()

    def _draw_who(self, host: HostView) -> None:
        kit.text(_name(host), "cut", "b", title=host.name)
        words.chips(host)
        if host.local:
            kit.text(host.name, "mono dim")

    def _draw_where(self, address: str, labels: list[str]) -> None:
        if address:
            kit.text(address, "mono dim cut", title=address)
        for label in labels:
            kit.tag(label)

    def _draw_buttons(self, host: HostView, checking: bool) -> None:
        name, acting = host.name, self._acting
        label, glyph = (t("Looking…"), "loader-circle") if checking else (t("Check now"), "refresh-cw")
        kit.button(
            label, lambda: acting.check(name), size="mini", off=checking, glyph=glyph, action="host-check"
        )
        label, glyph = (t("Use again"), "play") if host.draining else (t("Drain"), "pause")
        tip = None if host.draining else t("Nothing more starts there; what runs goes on.")
        kit.button(
            label, lambda: acting.drain(name, not host.draining), size="mini", glyph=glyph, tip=tip,
            action="host-drain",
        )  # fmt: skip
        kit.button(
            "", lambda: acting.edit(name), kind="ghost", size="mini", glyph="pencil",
            tip=t("Change {name}", name=name), action="host-edit",
        )  # fmt: skip
        if not host.local:
            kit.button(
                "", lambda: acting.ask_to_remove(name), kind="ghost", size="mini", glyph="trash-2",
                tip=t("Remove {name}", name=name), action="host-remove",
            )  # fmt: skip

    def _draw_why(self, host: HostView) -> None:
        if host.state not in ("unreachable", "refused"):
            return
        with kit.div("why"), kit.message(words.why(host), "error"):
            kit.text(words.what_to_do(host), "sub hint")

    def _draw_facts(self, host: HostView, checked: str) -> None:
        taken = host.disk_gb - host.disk_free_gb
        _meter(t("Cores"), host.cpu_used, host.cpus, "cpus")
        _meter(t("Memory"), host.memory_used_gb, host.memory_gb, "memory", "GB")
        _meter(t("Disk"), taken, host.disk_gb, "disk", "GB")
        if not host.gpus:
            _fact(t("GPUs"), t("none") if host.state == "ready" else "—", "gpus")
        _fact(t("Running now"), number(host.running), "running")
        _fact(t("Engine"), f"Docker {host.engine}" if host.engine else "—", "engine")
        _fact(
            t("Price per hour, {currency}", currency=currency()),
            words.prices_in_words(host.prices) or t("none"), "prices",
        )  # fmt: skip
        _fact(t("Last look"), checked or "—", "checked")

    def _draw_gpus(self, gpus: list[GpuView], declared: bool, reached: bool) -> None:
        if not gpus:
            return
        # What nothing is known of takes no room: declared GPUs have no driver, for one.
        drivers = any(gpu.driver for gpu in gpus)
        at_work = any(gpu.utilisation is not None for gpu in gpus)
        more = [head for head, known in (("Driver", drivers), ("At work", at_work)) if known]
        heads = [t(head) for head in ("GPU", "Kind of GPU", "GPU memory", *more, "Held by")]
        with kit.table(heads, right=[2], classes="gpus"):
            for gpu in gpus:
                with kit.el("tr", data_gpu=str(gpu.index)):
                    kit.text(gpu.index, "", "td")
                    kit.text(gpu.kind, "name", "td", title=gpu.kind)
                    kit.text(f"{number(gpu.memory_gb)} GB" if gpu.memory_gb else "—", "r", "td")
                    if drivers:
                        kit.text(gpu.driver or "—", "sub", "td")
                    if at_work:
                        with kit.el("td", "busy"):
                            _busy(gpu.utilisation)
                    with kit.el("td", "holder"):
                        _holder(gpu, reached)
        if declared:
            kit.text(t("Declared by hand; its engine shows none."), "dim xs", "p")


def _name(host: HostView) -> str:
    return t("This machine") if host.local else host.name


def _fact(label: str, value: str, field: str) -> None:
    with kit.div("fact", data_fact=field):
        kit.text(label, "over", "div")
        kit.text(value, "cut", "div", title=value)


def _meter(label: str, amount: float, total: float, field: str, unit: str = "") -> None:
    with kit.div("fact", data_fact=field):
        kit.text(label, "over", "div")
        kit.text(words.used(amount, total, unit), "cut", "div")
        kit.progress_bar(min(1.0, max(0.0, amount / total)) if total else 0.0)


def _busy(share: float | None) -> None:
    if share is None:
        kit.text("—", "dim")
        return
    with kit.div("row"):
        kit.progress_bar(share)
        kit.text(f"{share:.0%}", "sub")


def _holder(gpu: GpuView, reached: bool) -> None:
    if gpu.run is None:
        kit.text(t("free") if reached else "—", "dim")
        return
    with kit.div("row"):
        kit.link(t("run {run}", run=gpu.run), f"/runs/{gpu.run}")
        kit.text(gpu.node or "", "mono dim cut", title=gpu.node)
