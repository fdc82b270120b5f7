"""The dialog that asks what a host is: its name and address, labels, GPUs, prices, TLS files."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from executor.services.hosts import HostView
from nodegraph.errors import InvalidInput, NodeGraphError
from nodegraph.problems import Problem
from ui import kit
from ui.forms.fixes import sentences
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import UNSET, Field, FieldProblem
from ui.kit.sections import Section

Keep = Callable[[str, dict[str, Any]], Coroutine[Any, Any, None]]
_FORM = "host-form"
_TLS = {"ca": "Authority (ca.pem)", "cert": "Certificate (cert.pem)", "key": "Key (key.pem)"}
_WAYS = {"auto": "find out", "shared": "shared", "streamed": "streamed"}
_CACHE_GB = 200.0
# Problems with TLS name no file of the three.
_PLACES = {"tls": "ca"}


class HostDialog:
    """Opens itself. `keep(name, fields)` may raise; what it raises is shown, and the dialog stays."""

    def __init__(self, host: HostView | None, keep: Keep) -> None:
        self._host, self._keep = host, keep
        self._fields: dict[str, Field] = {}
        title = t("Add a host") if host is None else t("Change {name}", name=host.name)
        with kit.dialog(title, name="host", width=560) as self._dialog:
            form = kit.el("form", "host-form", id=_FORM, autocomplete="off")
            form.on("submit.prevent", self._submitted, [])
            with form:
                self._build(host)
                self._said = kit.div("said")
            with self._dialog.foot:
                kit.div("grow")
                kit.button(t("Cancel"), self._dialog.close, action="cancel-host")
                with kit.el("button", "btn primary", type="submit", form=_FORM, data_action="save-host"):
                    kit.text(t("Add host") if host is None else t("Save host"))
        self._follow()

    def _build(self, host: HostView | None) -> None:
        if host is None:
            self._add(
                "name", t("Name"), controls.text(mono=True), placeholder="gpu-1", required=True,
                help=t("Small letters, digits and hyphens; pipelines may ask for it by this name."),
            )  # fmt: skip
        local = host is not None and host.local
        if not local:
            self._build_address(host)
        self._add(
            "labels", t("Labels"), controls.chips(), host.labels if host else [],
            help=t("Nodes may ask for a host by a label, such as big or building-2."),
        )  # fmt: skip
        self._add(
            "gpus", t("Declared GPUs"), controls.chips(), host.declared_gpus if host else [],
            help=t("Only where its engine shows none: 4xA100:80 is four A100 of 80 GB each."),
        )  # fmt: skip
        self._add(
            "prices", t("Prices per hour"), controls.pairs(simple=True), host.prices if host else {},
            help=t("By kind of GPU, such as A100; cpu is the price of one core."),
        )  # fmt: skip
        if not local:
            with Section(t("Files"), name="host.files"):
                self._build_files(host)

    def _build_address(self, host: HostView | None) -> None:
        self._add(
            "address", t("Address"), controls.text(mono=True), host.address if host else UNSET,
            placeholder="ssh://me@gpu-1", required=True, on_change=self._follow,
            help=t("ssh://user@machine, tcp://machine:2376 with TLS files, or unix:///path of a socket."),
        )  # fmt: skip
        self._tls = kit.div("host-tls")
        with self._tls:
            for key, label in _TLS.items():
                given = host.tls.get(key, UNSET) if host else UNSET
                place = f"/etc/docker/{key}.pem"
                self._add(key, t(label), controls.text(mono=True), given, placeholder=place)

    def _build_files(self, host: HostView | None) -> None:
        ways = {key: t(label) for key, label in _WAYS.items()}
        self._add(
            "files", t("How files get there"), controls.choice(ways), host.files if host else "auto",
            help=t("Shared is for hosts that see this data directory at the same path."),
        )  # fmt: skip
        cache = host.cache_gb if host else _CACHE_GB
        self._add("cache_gb", t("Cache of artifacts"), controls.number(unit="GB"), cache)

    def _add(
        self,
        name: str,
        label: str,
        control: controls.Control,
        value: Any = UNSET,
        on_change: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        self._fields[name] = Field(label, control, value, name=name, on_change=on_change, **options)

    def _follow(self, _value: Any = None) -> None:
        """TLS files are asked for where the address needs them."""
        if "address" in self._fields:
            self._tls.set_visibility(str(self._value("address", "")).strip().startswith("tcp://"))

    def _value(self, name: str, empty: Any) -> Any:
        value = self._fields[name].value
        return empty if value is UNSET else value

    def _given(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "labels": list(self._value("labels", [])), "gpus": list(self._value("gpus", [])),
            "prices": dict(self._value("prices", {})),
        }  # fmt: skip
        if "address" in self._fields:
            tls = {key: str(self._value(key, "")).strip() for key in _TLS}
            wanted = str(self._value("address", "")).strip()
            needs = wanted.startswith("tcp://")
            given |= {
                "address": wanted, "tls": {key: path for key, path in tls.items() if path and needs},
                "files": self._value("files", "auto"), "cache_gb": self._value("cache_gb", _CACHE_GB),
            }  # fmt: skip
        return given

    async def _submitted(self) -> None:
        name = self._host.name if self._host else str(self._value("name", "")).strip()
        try:
            await self._keep(name, self._given())
        except NodeGraphError as error:
            self._show(error)
        else:
            self._dialog.close()

    def _show(self, error: NodeGraphError) -> None:
        problems = list(error.problems) if isinstance(error, InvalidInput) else []
        found = _by_field(problems, self._fields)
        for name, field in self._fields.items():
            field.show_problems(found.get(name, []))
        if found:
            next(field for name, field in self._fields.items() if name in found).focus()
        self._said.clear()
        if not found:
            with self._said:
                kit.message(t_message(error.message, error.hint), "error")


def _by_field(problems: Iterable[Problem], fields: Mapping[str, Field]) -> dict[str, list[FieldProblem]]:
    found: dict[str, list[FieldProblem]] = {}
    for problem in problems:
        place = _PLACES.get(problem.param or "", problem.param or "")
        # What the page shows no field for stands under the address.
        place = place if place in fields else "address"
        found.setdefault(place, []).append(FieldProblem(sentences(problem.message, problem.hint)))
    return found
