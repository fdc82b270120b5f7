"""Templates: pipeline files in templates/ whose parameters are filled in to make a pipeline of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodegraph.format import dump, load
from nodegraph.parameters import parameter_values
from nodegraph.pipeline import Parameter, Pipeline
from nodegraph.problems import Problem, errors_of

DEFAULT_ROOT = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True)
class Template:
    """A pipeline file in the gallery; where it cannot be read, `problems` say why and `pipeline` is None."""

    name: str
    path: Path
    text: str
    pipeline: Pipeline | None
    problems: list[Problem] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What the gallery shows."""
        return (self.pipeline.title if self.pipeline else "") or self.name

    @property
    def description(self) -> str:
        """What the template does, in a sentence or two."""
        return self.pipeline.description if self.pipeline else ""

    @property
    def tags(self) -> list[str]:
        """Words to filter by."""
        return self.pipeline.tags if self.pipeline else []

    @property
    def parameters(self) -> dict[str, Parameter]:
        """What is asked for."""
        return self.pipeline.parameters if self.pipeline else {}

    @property
    def node_count(self) -> int:
        """How many nodes it has."""
        return len(self.pipeline.nodes) if self.pipeline else 0


@dataclass(frozen=True)
class Instance:
    """A pipeline made from a template, and its file; both None where the values given are wrong."""

    pipeline: Pipeline | None
    text: str | None
    problems: list[Problem] = field(default_factory=list)


def list_templates(root: Path = DEFAULT_ROOT) -> list[Template]:
    """Every template in the folder, by name."""
    return [_read(path) for path in sorted(root.glob("*.yaml"))]


def find_template(name: str, root: Path = DEFAULT_ROOT) -> Template | None:
    """The template of that name, None where there is none."""
    return next((template for template in list_templates(root) if template.name == name), None)


def instantiate(template: Template, values: Mapping[str, Any] | None = None) -> Instance:
    """The template with `values` as the new defaults of its parameters, comments kept.

    Text is read by the parameter's kind; a parameter left without a value is a warning.
    """
    if template.pipeline is None:
        return Instance(None, None, template.problems)
    given = values or {}
    checked, problems = parameter_values(template.pipeline, given, partial=True)
    if errors_of(problems):
        return Instance(None, None, problems)
    parameters = {
        name: parameter.model_copy(update={"default": checked[name]}) if name in given else parameter
        for name, parameter in template.pipeline.parameters.items()
    }
    pipeline = template.pipeline.model_copy(update={"parameters": parameters})
    return Instance(pipeline, dump(pipeline, original=template.text), problems)


def _read(path: Path) -> Template:
    text = path.read_text(encoding="utf-8", errors="replace")
    loaded = load(text)
    name = loaded.pipeline.name if loaded.pipeline else path.stem
    return Template(name, path, text, loaded.pipeline, loaded.problems)
