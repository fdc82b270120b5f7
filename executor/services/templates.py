"""Templates as people use them: the gallery, and a pipeline file made from one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean
from nodegraph.templates import DEFAULT_ROOT, Instance, Template, find_template, instantiate, list_templates


class Templates:
    """The templates of a folder."""

    def __init__(self, root: Path = DEFAULT_ROOT) -> None:
        self._root = root

    def list(self) -> list[Template]:
        """Every template, by name."""
        return list_templates(self._root)

    def get(self, name: str) -> Template:
        """One template; NotFound with the nearest known name."""
        found = find_template(name, self._root)
        if found is None:
            names = [template.name for template in self.list()]
            raise NotFound(f"There is no template {name}.", did_you_mean(name, names))
        return found

    def instantiate(self, name: str, values: Mapping[str, Any] | None = None) -> Instance:
        """The pipeline and its file; InvalidInput with the problems where values are wrong."""
        made = instantiate(self.get(name), values)
        if made.pipeline is None:
            raise InvalidInput(f"No pipeline can be made from the template {name}.", problems=made.problems)
        return made
