"""Every text that the code can show to a person, read from the syntax trees.

A text is given as a sample: the names in an f-string are replaced by marks («1», «2», …), so that a
translation can be asked for and it can be seen whether all values arrive. A condition inside an f-string
gives one sample for each of its outcomes.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
MARK = re.compile(r"«\d+»")

# Calls whose texts are not for people: the log, patterns, the prompt of a judge.
_UNSEEN = re.compile(r"(log|logger|re|warnings)\.\w+$|_log\.\w+$|ctx\.log$|print$|Field$|RuntimeError$")
# Calls whose texts people see although they are no whole sentences: faults, reasons, what is checked.
_SEEN = {
    "Problem", "NodeFailure", "InvalidInput", "NotFound", "Conflict", "BrokenWorld", "DataDirError",
    "Unavailable", "StoreError", "LaunchError", "ConditionError", "ValueError", "Failed", "Failure",
    "NodeOutlook", "Check", "Verdict", "finish", "progress", "_not_done", "_miss",
}  # fmt: skip
_SENTENCE = re.compile(r"(?!SELECT )[A-Z«`].* .*[.?]", re.DOTALL)
_WORDS = re.compile(r"[a-z]{2}.* |.* .*[a-z]{2}", re.DOTALL)

_PHRASE = re.compile(r"[A-Za-z]{2,}.* .*[A-Za-z]{2,}")
_COMMAND = re.compile(r"SELECT |PRAGMA |Bearer ")


@dataclass(frozen=True)
class Text:
    """A text that people see, and where it stands."""

    sample: str
    place: str


def texts(folder: str, without: tuple[str, ...] = ()) -> Iterator[Text]:
    """The texts for people in a folder of the repository, but not in the files `without`."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(without or ("-",)):
            for line, sample in _of_module(ast.parse(path.read_text(encoding="utf-8"))):
                yield Text(sample, f"{place}:{line}")


def _of_module(tree: ast.Module) -> Iterator[tuple[int, str]]:
    done = {*_docstrings(tree), *_never_seen(tree)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    seen = {
        node
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in _SEEN
        for given in (*call.args, *(keyword.value for keyword in call.keywords))
        for node in outcomes(given)
    }
    for node in ast.walk(tree):
        if node in done or not (samples := _samples(node)):
            continue
        done.update(ast.walk(node))
        for sample in samples:
            if _SENTENCE.fullmatch(sample) or (node in seen and _WORDS.match(sample)):
                yield node.lineno, sample


def _never_seen(tree: ast.Module) -> set[ast.AST]:
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _UNSEEN.search(ast.unparse(node.func))
    ]
    return {part for call in calls for part in ast.walk(call)}


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if isinstance(statement, ast.Expr):
                yield statement.value


def outcomes(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from outcomes(node.body)
        yield from outcomes(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from outcomes(value)
    else:
        yield node


def _samples(node: ast.AST) -> list[str]:
    """What a literal, an f-string or a sum of them can say; none for anything else."""
    pieces = _pieces(node)
    if pieces is None:
        return []
    samples = []
    for chosen in itertools.product(*pieces):
        marks = itertools.count(1)
        samples.append("".join(f"«{next(marks)}»" if piece is None else piece for piece in chosen))
    return samples


def _pieces(node: ast.AST) -> list[list[str | None]] | None:
    """For each piece of a text what it can be; None stands for a value."""
    if isinstance(node, ast.Constant):
        return [[node.value]] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return [piece for value in node.values for piece in _pieces(value) or [[None]]]
    if isinstance(node, ast.FormattedValue):
        return [_fixed(node.value) or [None]]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _pieces(node.left), _pieces(node.right)
        return None if left is None and right is None else [*(left or [[None]]), *(right or [[None]])]
    return None


def _fixed(node: ast.expr) -> list[str | None] | None:
    """The texts a condition inside an f-string chooses from, where all of them are literals."""
    if not isinstance(node, ast.IfExp):
        return None
    texts = [found.value for found in outcomes(node) if isinstance(found, ast.Constant)]
    return texts if len(texts) == len(list(outcomes(node))) else None


def phrases(path: str) -> Iterator[Text]:
    """Every text of two words or more in a module, whatever it is given to."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    done = {*_docstrings(tree), *_keys(tree), *_never_seen(tree)}
    for node in ast.walk(tree):
        if node in done or not (samples := _samples(node)):
            continue
        done.update(ast.walk(node))
        for sample in samples:
            if _PHRASE.search(sample) and not _COMMAND.match(sample):
                yield Text(sample, f"{path}:{node.lineno}")  # type: ignore[attr-defined]


def _keys(tree: ast.Module) -> set[ast.AST]:
    return {
        part for node in ast.walk(tree) if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)
    }
