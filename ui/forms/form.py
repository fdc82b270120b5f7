"""The form of a node's parameters, or of a pipeline's: made from their schema, kept up to date in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from nodegraph.problems import Problem
from ui import kit
from ui.forms.controls import control_of
from ui.forms.fixes import field_problem
from ui.forms.pickers import open_picker
from ui.forms.plan import BASIC, FieldPlan, plan_of
from ui.i18n import t
from ui.kit.fields import UNSET, Field
from ui.kit.sections import Section
from ui.site import Site

OnChange = Callable[[str, Any], Any]
OnReset = Callable[[str], Any]


class ParamsForm:
    """A form over `values`, of which only those are given that differ from the defaults or were set.

    `on_change(name, value)` and `on_reset(name)` hear of what a person enters, 250 ms after they rest; both
    may be coroutines. What is of the wrong type is passed on as it was typed: give what the core says of it
    to `show_problems`. `key` names what is edited (a pipeline and node): a draft that is being typed while
    the form is built again goes on in the next form of that key. `references` are texts such as
    `${parameters.x}` that may stand in place of values; `site` has the pickers' data, without it there are
    no pickers. `only` restricts the form to some parameters; `grouped=False` leaves the sections out.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        values: Mapping[str, Any],
        *,
        on_change: OnChange,
        on_reset: OnReset,
        problems: Mapping[str, Sequence[Problem]] | None = None,
        references: Sequence[str] = (),
        site: Site | None = None,
        only: Collection[str] | None = None,
        key: str = "",
        grouped: bool = True,
        off: bool = False,
    ) -> None:
        self._on_change, self._on_reset = on_change, on_reset
        self._references, self._site, self._key = references, site, key
        self._values = dict(values)
        self._problems: dict[str, Sequence[Problem]] = {}
        self._plans = {p.name: p for p in plan_of(schema) if only is None or p.name in only}
        self._fields: dict[str, Field] = {}
        self._sections: dict[str, Section] = {}
        self.root = kit.div("form", data_form=key or None)
        with self.root:
            self._build(grouped)
        self._follow()
        self.show_problems(problems or {})
        if off:
            self.set_off(True)

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show what is wrong, under the fields it is about; replaces what was shown."""
        self._problems = {name: list(found) for name, found in problems.items() if found}
        for name, field in self._fields.items():
            field.show_problems([self._problem(name, found) for found in self._problems.get(name, ())])
        self._follow()

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show other values; fields that show theirs already are not touched, nor is one being typed in."""
        self._values = dict(values)
        for name, field in self._fields.items():
            field.set_value(self._values.get(name, UNSET))
        self._follow()

    def set_references(self, references: Sequence[str]) -> None:
        """Offer other references in place of values."""
        self._references = references
        for name, field in self._fields.items():
            field.set_references(self._references_of(self._plans[name]))

    def set_off(self, off: bool) -> None:
        """Let nobody change anything, as while a run is looked at."""
        self.root.classes(add="is-off") if off else self.root.classes(remove="is-off")
        self.root.props["inert"] = off

    def focus(self, name: str) -> None:
        """Unfold the group of a field, bring it into view and put the cursor into it."""
        if name in self._fields:
            section = self._sections.get(self._plans[name].group)
            if section:
                section.reveal()
            self._fields[name].focus()

    def _build(self, grouped: bool) -> None:
        for group in dict.fromkeys(plan.group for plan in self._plans.values()):
            plans = [plan for plan in self._plans.values() if plan.group == group]
            if not grouped:
                self._add(plans)
                continue
            section = Section(t(group), name=group, starts_open=group == BASIC)
            self._sections[group] = section
            with section:
                self._add(plans)

    def _add(self, plans: Sequence[FieldPlan]) -> None:
        for plan in plans:
            self._fields[plan.name] = Field(
                t(plan.title), control_of(plan, self._site),
                self._values.get(plan.name, UNSET),
                on_change=partial(self._changed, plan.name),
                on_action=partial(self._acted, plan.name),
                name=plan.name, key=plan.name, help=t(plan.help), default=plan.default, empty=plan.empty,
                placeholder=t("Required") if plan.required else "",
                references=self._references_of(plan), required=plan.required,
                draft=f"{self._key}/{plan.name}" if self._key else "",
            )  # fmt: skip

    def _references_of(self, plan: FieldPlan) -> Sequence[str]:
        """Secrets stand in for text; what wants the name of a secret has a list of them itself."""
        if (
            plan.control.kind in ("text", "area")
            and plan.widget != "secret"
            and not plan.control.options.get("numeric")
        ):
            return self._references
        return [reference for reference in self._references if reference.startswith("${parameters.")]

    def _changed(self, name: str, value: Any) -> Any:
        if value is UNSET:
            self._values.pop(name, None)
        else:
            self._values[name] = value
        self._follow()
        return self._on_reset(name) if value is UNSET else self._on_change(name, value)

    def _follow(self) -> None:
        """Show the fields whose conditions hold, and say how much of each group was changed."""
        shown = {name for name, plan in self._plans.items() if self._is_shown(plan)}
        for name, field in self._fields.items():
            field.set_visibility(name in shown)
        for group, section in self._sections.items():
            names = [name for name in shown if self._plans[name].group == group]
            section.set_visibility(bool(names))
            changed = sum(self._is_changed(name) for name in names)
            section.show_note(t("{count} changed", count=changed) if changed else "")
        self._count()

    def _is_shown(self, plan: FieldPlan) -> bool:
        if plan.name in self._problems:
            return True
        return all(self._effective(other) in allowed for other, allowed in plan.shown.items())

    def _effective(self, name: str) -> Any:
        plan = self._plans.get(name)
        return self._values.get(name, plan.default if plan else None)

    def _is_changed(self, name: str) -> bool:
        return name in self._values and self._values[name] != self._plans[name].default

    def _count(self) -> None:
        for group, section in self._sections.items():
            found = [
                problem
                for name, problems in self._problems.items()
                if name in self._plans and self._plans[name].group == group
                for problem in problems
            ]
            section.show_badge(len(found), bad=any(problem.severity == "error" for problem in found))

    def _problem(self, name: str, problem: Problem) -> Any:
        field = self._fields[name]
        return field_problem(
            problem, self._plans[name], self._effective(name), field.enter, lambda: self._pick(name)
        )

    def _acted(self, name: str, _action: str) -> Any:
        return self._pick(name)

    def _pick(self, name: str) -> Any:
        field, plan = self._fields[name], self._plans[name]
        if self._site is None:
            return None
        return open_picker(self._site, plan.widget, field.value, partial(self._picked, name))

    def _picked(self, name: str, value: Any) -> Any:
        if self._site is not None:  # a secret may be new
            self._fields[name].set_control(control_of(self._plans[name], self._site))
        return self._fields[name].enter(value)
