"""The registry finds node types: every module under nodes/<category>/, its id being its path.

A module that cannot be imported, or breaks the contract, does not stop the others:
it is listed as broken, with its error.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from nodegraph.code_digest import code_files, digest_of
from nodegraph.contract import CATEGORIES, NodeType
from nodegraph.suggest import did_you_mean

DEFAULT_ROOT = Path(__file__).resolve().parent.parent / "nodes"


@dataclass(frozen=True)
class Registered:
    """A node type as the registry found it: its declaration and the functions of its module."""

    id: str
    node: NodeType
    module: ModuleType
    path: Path
    root: Path

    @property
    def run(self) -> Callable[..., Any]:
        """The function that does the work."""
        function: Callable[..., Any] = self.module.run
        return function

    def optional(self, name: str) -> Callable[..., Any] | None:
        """The module's `check`, `preview` or `estimate`, None where it has none."""
        return getattr(self.module, name, None)

    @property
    def summary(self) -> str:
        """The first paragraph of the module's docstring, on one line."""
        return " ".join((self.module.__doc__ or "").strip().split("\n\n")[0].split())

    @cached_property
    def code_files(self) -> list[Path]:
        """The module and the modules of nodes/ that it uses: what travels with a job."""
        return code_files(self.path, self.root)

    @cached_property
    def code_digest(self) -> str:
        """A digest over `code_files`, part of the cache key."""
        return digest_of(self.code_files, self.root)


@dataclass(frozen=True)
class Broken:
    """A module that is no usable node type, and why."""

    id: str
    path: Path
    error: str
    details: str = ""


@dataclass
class Registry:
    """The node types by id, and the modules that are broken."""

    types: dict[str, Registered] = field(default_factory=dict)
    broken: dict[str, Broken] = field(default_factory=dict)

    @classmethod
    def scan(cls, root: Path = DEFAULT_ROOT) -> Registry:
        """All node types under `root`, a folder with one folder per category."""
        registry = cls()
        for path in _module_files(root):
            type_id = f"{path.parent.name}.{path.stem}"
            found = load_type(type_id, root)
            if isinstance(found, Registered):
                registry.types[type_id] = found
            else:
                registry.broken[type_id] = found
        return registry

    def get(self, type_id: str) -> Registered | None:
        """The node type of that id, None where there is none."""
        return self.types.get(type_id)

    def suggestion(self, type_id: str) -> str:
        """A hint for an unknown id: the nearest known one."""
        return did_you_mean(type_id, self.types)

    def __iter__(self) -> Iterator[Registered]:
        order = {category: index for index, category in enumerate(CATEGORIES)}
        return iter(sorted(self.types.values(), key=lambda t: (order[t.node.category], t.id)))


def load_type(type_id: str, root: Path = DEFAULT_ROOT) -> Registered | Broken:
    """Import one node type from its file and hold it against the contract."""
    category, _, name = type_id.partition(".")
    path = root / category / f"{name}.py"
    try:
        module = _import(type_id, path, root)
        fault = _contract_fault(module, category)
    except Exception as error:
        return Broken(type_id, path, f"{type(error).__name__}: {error}", traceback.format_exc())
    if fault:
        return Broken(type_id, path, fault)
    return Registered(type_id, module.NODE, module, path, root)


def _module_files(root: Path) -> list[Path]:
    return [
        path
        for category in CATEGORIES
        for path in sorted((root / category).glob("*.py"))
        if not path.stem.startswith("_")
    ]


def _import(type_id: str, path: Path, root: Path) -> ModuleType:
    if root == DEFAULT_ROOT:
        return importlib.import_module(f"{root.name}.{type_id}")
    name = f"nodegraph_types_{abs(hash(root)):x}.{type_id}".replace(".", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _contract_fault(module: ModuleType, category: str) -> str | None:
    node = getattr(module, "NODE", None)
    if not isinstance(node, NodeType):
        return "the module defines no NODE = NodeType(...)"
    if node.category != category:
        return f"NODE.category is {node.category!r}, but the module lies in {category!r}"
    if not callable(getattr(module, "run", None)):
        return "the module defines no run(params, inputs, outputs, ctx)"
    if not (module.__doc__ or "").strip():
        return "the module has no docstring: its first sentence is what the palette shows"
    return None
