"""The pipeline's own parameters in the dialog that starts a run: values for this run alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.parameters import parameter_values
from nodegraph.pipeline import Pipeline
from nodegraph.problems import Problem
from ui.forms import ParamsForm, schema_of
from ui.i18n import t
from ui.kit.sections import Section
from ui.site import Site


class RunParams:
    """Draws the form into the element one is in; `given` is what was entered before."""

    def __init__(self, site: Site, pipeline: Pipeline, given: Mapping[str, Any]) -> None:
        self._pipeline = pipeline
        self._given = {name: value for name, value in given.items() if name in pipeline.parameters}
        self._section = Section(t("Parameters"), name="run.parameters", starts_open=True)
        with self._section:
            self._form = ParamsForm(
                schema_of(pipeline.parameters), self._given, on_change=self._changed,
                on_reset=self._reset, site=site, grouped=False,
            )  # fmt: skip

    @property
    def given(self) -> dict[str, Any]:
        """What was entered."""
        return dict(self._given)

    @property
    def differing(self) -> dict[str, Any]:
        """What is not as the file has it."""
        declared = self._pipeline.parameters
        return {name: value for name, value in self._given.items() if value != declared[name].default}

    def check(self) -> bool:
        """Whether each parameter has a value that it can have; what is wrong is said at its field."""
        found = self._say(partial=False)
        if found:
            self._section.reveal()
            self._form.focus(next(iter(found)))
        return not found

    def _changed(self, name: str, value: Any) -> None:
        self._given[name] = value
        self._say(partial=True)

    def _reset(self, name: str) -> None:
        self._given.pop(name, None)
        self._say(partial=True)

    def _say(self, *, partial: bool) -> dict[str, list[Problem]]:
        _, problems = parameter_values(self._pipeline, self.differing, partial=partial)
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            found.setdefault(problem.param or "", []).append(problem)
        self._form.show_problems(found)
        return found
