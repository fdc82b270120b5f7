"""Who may import whom: the layers of the code, read from its syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("nodegraph", "nodes", "executor", "ui", "templates", "tests")
PACKAGES = ("nodegraph", "nodes", "executor", "ui")

# Inside executor, upper layers import lower ones, never the other way round.
EXECUTOR = (
    ("cli", "api", "scheduler"),
    ("services",),
    ("engine", "deployments"),
    ("sources",),
    ("launchers", "hosts", "store", "database", "environments", "images", "notifications"),
)
LIGHT = {"pydantic", "pydantic_core", "networkx", "yaml"}
LIGHT_IN_EXECUTOR = LIGHT | {"httpx", "packaging", "psutil", "rich", "sqlalchemy", "sqlmodel"}
LIGHT_IN_NODES = {"httpx", "pydantic"}
BUILD = "ui.front.build"  # runs at installation, in an environment of its own
WEB = {"fastapi", "nicegui", "starlette", "uvicorn"}
# Only the server imports the REST interface, so commands start as fast without it.
LIGHT_IN_API = {"fastapi", "prometheus_client", "starlette"}


@cache
def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> list[tuple[str, str]]:
    """What a module imports, and when: at the start, in a function, or for the type checker only."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    return [(name, when) for node, when in _walk(tree, "start") for name in _names(node)]


def _walk(tree: ast.AST, when: str) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.iter_child_nodes(tree):
        inner = when
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = "function"
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            inner = "types"
        yield node, when
        yield from _walk(node, inner)


def is_program(module: str) -> bool:
    """Whether a module belongs to a package with a `__main__`, which runs in a process of its own."""
    parts = module.split(".")
    return any(".".join([*parts[:end], "__main__"]) in modules() for end in range(2, len(parts) + 1))


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports name the whole path"
        candidates = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in modules() else str(node.module) for name in candidates]
    return []


def breaks(package: str, allowed) -> list[str]:
    """Imports of our own packages that a module of `package` may not make."""
    return [
        f"{module} imports {name}"
        for module in modules()
        if module.split(".")[0] == package
        for name, _ in imports(module)
        if name.split(".")[0] in OURS and not allowed(module, name)
    ]


def test_nodegraph_imports_nothing_of_ours():
    assert breaks("nodegraph", lambda module, name: name.startswith("nodegraph")) == []


def test_a_node_imports_the_contract_and_helpers_only():
    """nodegraph, nodes.common, and the helpers of its own category, whose names start with an underscore."""

    def allowed(module: str, name: str) -> bool:
        parts = name.split(".")
        if parts[0] == "nodegraph" or name.startswith("nodes.common"):
            return True
        return parts[:2] == module.split(".")[:2] and (len(parts) < 3 or parts[2].startswith("_"))

    assert breaks("nodes", allowed) == []


def test_executor_knows_neither_nodes_nor_the_interface():
    assert breaks("executor", lambda module, name: name.split(".")[0] in ("nodegraph", "executor")) == []


def test_the_interface_reaches_the_executor_through_services_only():
    def allowed(module: str, name: str) -> bool:
        mounts = module == "ui.server" and name == "executor.api.app"
        return mounts or name.split(".")[0] in ("nodegraph", "ui") or name.startswith("executor.services.")

    assert breaks("ui", allowed) == []


def test_only_the_interface_knows_its_libraries():
    others = [
        f"{module} imports {name}"
        for module in modules()
        if module.split(".")[0] != "ui"
        for name, _ in imports(module)
        if name.split(".")[0] in ("nicegui", "plotly")
    ]
    assert others == []


def test_inside_executor_nothing_is_imported_upwards():
    height = {part: -index for index, layer in enumerate(EXECUTOR) for part in layer}

    def allowed(module: str, name: str) -> bool:
        one, other = (dotted.split(".")[1] if "." in dotted else "" for dotted in (module, name))
        if not name.startswith("executor.") or one == other:
            return True
        return height.get(one, -9) >= height.get(other, -9)

    assert breaks("executor", allowed) == []


def test_commands_and_routes_call_services_only():
    """`cli` and `api` reach engine, launchers, store and database through services."""
    below = {part for layer in EXECUTOR[2:] for part in layer}

    def allowed(module: str, name: str) -> bool:
        upper = module.split(".")[1:2] in (["cli"], ["api"], ["scheduler"])
        return not (upper and name.startswith("executor.") and name.split(".")[1] in below)

    assert breaks("executor", allowed) == []


def test_there_are_no_import_cycles():
    graph = nx.DiGraph(
        (module, name)
        for module in modules()
        for name, when in imports(module)
        if when != "types" and name in modules() and name != module
    )
    assert [knot for knot in nx.strongly_connected_components(graph) if len(knot) > 1] == []


@pytest.mark.parametrize(
    ("package", "light"),
    [
        ("nodegraph", LIGHT),
        ("executor", LIGHT_IN_EXECUTOR),
        ("nodes", LIGHT_IN_NODES),
        ("ui", {"httpx", "pydantic", *WEB}),
    ],
    ids=["nodegraph", "executor", "nodes", "ui"],
)
def test_heavy_libraries_are_imported_inside_functions(package, light):
    heavy = [
        f"{module} imports {name}"
        for module in modules()
        if module.split(".")[0] == package and not is_program(module) and module != BUILD
        for name, when in imports(module)
        if when == "start" and name.split(".")[0] not in {*light, *OURS, *sys.stdlib_module_names}
        if not (module.startswith("executor.api") and name.split(".")[0] in LIGHT_IN_API)
    ]
    assert heavy == []


def test_the_harness_needs_pydantic_only():
    """It travels into containers that hold an environment's requirements and nothing of the editor's."""
    waiting, seen = ["nodegraph.harness.__main__"], set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name, _ in imports(module):
            first = name.split(".")[0]
            assert first in {"nodegraph", "pydantic", *sys.stdlib_module_names}, f"{module} imports {name}"
            if name in modules():
                waiting.append(name)
    assert "nodegraph.contract" in seen
