"""The dialog that asks how a run is to be started: with which parameters, by which launcher, when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from executor.services.submission import Submission, check_options
from executor.services.times import next_time
from nodegraph.errors import InvalidInput
from nodegraph.pipeline import seconds
from ui import kit
from ui.editor.run_params import RunParams
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import UNSET, Field, FieldProblem
from ui.kit.sections import Section

_FORM = "run-options-form"
# The fields that the service may refuse.
_FIELD_OF = {"priority": "priority", "resubmits": "resubmits", "time_limit": "time_limit", "not_before": "at"}


class RunOptions:
    """Opens itself; `start(**options)` is given what was chosen. What was chosen last is offered again."""

    def __init__(self, session: Session, start: Callable[..., Awaitable[None]]) -> None:
        self._session, self._start = session, start
        self._fields: dict[str, Field] = {}
        self._params: RunParams | None = None
        self._how: Section | None = None
        with (
            session.where,
            kit.dialog(t("Start with options"), name="run-options", width=440) as self._dialog,
        ):
            form = kit.el("form", "run-options", id=_FORM, autocomplete="off")
            form.on("submit.prevent", self._submitted, [])
            with form:
                self._ask()
            with self._dialog.foot:
                kit.div("grow")
                kit.button(t("Cancel"), self._dialog.close, action="cancel-options")
                with kit.el("button", "btn primary", type="submit", form=_FORM, data_action="start-run"):
                    kit.icon("play", "s")
                    kit.text(t("Run"))

    def _ask(self) -> None:
        """The pipeline's parameters first, where it has any; then how it is run."""
        pipeline = self._session.document.pipeline
        if not pipeline.parameters:
            self._build()
            return
        given = self._session.run_options.get("params", {})
        self._params = RunParams(self._session.site, pipeline, given)
        with Section(t("How it is run"), name="run.options", starts_open=True) as self._how:
            self._build()

    def _build(self) -> None:
        ways = {"process": t("a process"), "docker": t("a container")}
        self._add("launcher", t("Each node as"), controls.choice(ways), "process")
        self._add(
            "use_cache", t("Use what was computed before"), controls.toggle(), True,
            help=t("Off: every node computes anew."),
        )  # fmt: skip
        self._add(
            "at", t("Start at"), controls.text(), placeholder=t("at once"),
            help=t("Such as 22:00 or 2026-11-30 08:00, by the clock of the server."),
        )  # fmt: skip
        self._add(
            "priority", t("Priority"), controls.number(), default=0,
            help=t("Runs of higher priority go first; from -100 to 100."),
        )  # fmt: skip
        self._add(
            "time_limit", t("Ended after"), controls.text(), placeholder=t("none"),
            help=t("Such as 6h; what is not done by then is ended."),
        )  # fmt: skip
        self._add(
            "resubmits", t("Submitted again"), controls.number(unit=t("times")), default=0,
            help=t("How often, where a host or the network fails it; from 0 to 20."),
        )  # fmt: skip

    def _add(
        self, name: str, label: str, control: controls.Control, value: Any = UNSET, **options: Any
    ) -> None:
        given = self._session.run_options.get(name, value)
        self._fields[name] = Field(label, control, given, name=name, **options)

    async def _submitted(self) -> None:
        given = {name: field.value for name, field in self._fields.items()}
        options = self._options(given)
        params = self._params
        # Both are checked, so that each says what is wrong with it; the cursor goes to the first.
        if (params is not None and not params.check()) or options is None:
            return
        self._session.run_options = {**given, "at": UNSET}  # another run starts at another time
        if params is not None:
            self._session.run_options["params"] = params.given
            options["params"] = params.differing
        self._dialog.close()
        await self._start(**options)

    def _options(self, given: dict[str, Any]) -> dict[str, Any] | None:
        """The fields of a Submission; None where one cannot be read, which its field then says."""
        wrong: dict[str, str] = {}
        options: dict[str, Any] = {"launcher": given["launcher"], "use_cache": bool(given["use_cache"])}
        for name in ("priority", "resubmits"):
            value = given[name] if given[name] not in (UNSET, None) else 0
            if isinstance(value, int):
                options[name] = value
            else:
                wrong[name] = t("Write a whole number.")
        if at := _text(given["at"]):
            try:
                options["not_before"] = next_time(at)
            except ValueError:
                wrong["at"] = t("Write a time that is to come, such as 22:00 or 2026-11-30 08:00.")
        if limit := _text(given["time_limit"]):
            try:
                options["time_limit"] = seconds(limit)
            except ValueError:
                wrong["time_limit"] = t("Write a number and a unit, such as 30m or 6h.")
        return self._checked(options, wrong)

    def _checked(self, options: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any] | None:
        for name, field in _FIELD_OF.items():
            if name in options:
                try:
                    check_options(Submission("", **{name: options[name]}))
                except InvalidInput as error:
                    wrong[field] = t_message(error.message, error.hint)
        for name, shown in self._fields.items():
            shown.show_problems([FieldProblem(wrong[name])] if name in wrong else [])
        if wrong:
            if self._how is not None:
                self._how.reveal()
            self._fields[next(iter(wrong))].focus()
        return None if wrong else options


def _text(value: Any) -> str:
    return "" if value is UNSET else str(value).strip()
