"""Fields: a label with its key, a control, help and problems.

The page keeps what is being typed to itself and says so 250 ms after the last key, at Enter and when the
field is left. Python changes a field without touching one that is being typed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.i18n import Language, language, t
from ui.kit import controls
from ui.kit.controls import Control
from ui.kit.preloading import preload
from ui.kit.written import plain

FIELD_PARTS = {"nodegraph-fields": str(Path(__file__).parent / "field_parts")}
_REFERENCE = re.compile(r"\$\{((?:parameters|secrets)\.[^${}]+)\}")
_WORDS = (
    "Add", "Remove", "Reset to the default", "Use a parameter", "Write a value instead", "Search",
    "Nothing found", "Name", "Value", "Show", "Hide",
)  # fmt: skip


@cache
def _words(_language: Language) -> dict[str, str]:
    return {word: t(word) for word in _WORDS}


class Unset:
    """No value of its own: the default holds."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with a field's value; `label` names what `fix` does about it."""

    sentence: str
    severity: Literal["error", "warning"] = "error"
    label: str = ""
    fix: Callable[[], Any] | None = None


class Field(Element, component="field.js", esm=FIELD_PARTS):
    """A field. `on_change(value)` hears of what a person enters; UNSET where they take the value back.

    `empty` is what an emptied line means: UNSET, or a value such as None. `references` are the texts such as
    `${parameters.x}` that may stand in place of a value; None where none may. `on_action(name)` hears of the
    buttons that a control has, `choose` and `add`.
    """

    def __init__(
        self,
        label: str,
        control: Control,
        value: Any = UNSET,
        *,
        on_change: Callable[[Any], Any] | None = None,
        on_action: Callable[[str], Any] | None = None,
        name: str = "",
        key: str = "",
        help: str = "",
        default: Any = UNSET,
        placeholder: str = "",
        empty: Any = UNSET,
        references: Sequence[str] | None = None,
        draft: str = "",
        required: bool = False,
    ) -> None:
        super().__init__()
        preload(*FIELD_PARTS)
        self.value = value
        self._control, self._default, self._empty = control, default, empty
        self._on_change, self._on_action = on_change, on_action
        self._problems: Sequence[FieldProblem] = ()
        if not placeholder and control.line and default not in (UNSET, None):
            placeholder = control.write(default)
        spec = {
            **control.options, "kind": control.kind, "label": label, "name": name, "key": key, "help": help,
            "placeholder": placeholder, "references": references, "draft": draft, "required": required,
            "words": _words(language()), "resets": default is not UNSET,
        }  # fmt: skip
        self._put(spec=spec, problems=[], revision=0, heard=0)
        self._hold()
        self.on("change", self._changed)
        self.on("action", self._acted)

    def set_value(self, value: Any) -> None:
        """Show another value; nothing happens to a field that shows it already."""
        if not _same(value, self.value):
            self.value = value
            self._show()

    def show_problems(self, problems: Sequence[FieldProblem]) -> None:
        """Show what is wrong with the value; replaces what was shown before."""
        shown = [{"sentence": p.sentence, "severity": p.severity, "label": p.label} for p in problems]
        self._problems = problems
        if shown != self._props["problems"]:
            self._props["problems"] = shown

    def set_references(self, references: Sequence[str]) -> None:
        """Offer other references."""
        if references != self._props["spec"]["references"]:
            self._props["spec"] = {**self._props["spec"], "references": references}

    def set_control(self, control: Control) -> None:
        """Offer other options; the value stays."""
        self._control = control
        self._props["spec"] = {**self._props["spec"], **control.options, "kind": control.kind}
        self._show()

    def focus(self) -> None:
        """Put the cursor into it, and it into view."""
        self.run_method("focus")

    def _show(self) -> None:
        self._hold()
        self._put(revision=self._props["revision"] + 1)
        self.update()

    def _hold(self) -> None:
        """Put the value into the props, for now or for when the page shows the element again."""
        mode, wire = self._written()
        changed = not (self.value is UNSET or _equal(self.value, self._default))
        self._put(mode=mode, value=wire, changed=changed)

    def _put(self, **props: Any) -> None:
        """Set props without telling the page yet. NiceGUI would watch each list and object in them."""
        dict.update(self._props, props)

    def _written(self) -> tuple[str, Any]:
        shown = self._default if self.value is UNSET else self.value
        if isinstance(shown, str) and self._props["spec"]["references"] is not None:
            match = _REFERENCE.fullmatch(shown)
            if match:
                return "reference", match[1]
        if self._control.line and (self.value is UNSET or shown is None):
            keeps = self.value is UNSET and self._empty is None and self._default not in (UNSET, None)
            return "", self._control.write(self._default) if keeps else ""
        if shown is UNSET or (shown is None and not self._control.fits(None)):
            return "", _BLANK.get(self._control.kind, "")
        if self._control.fits(shown):
            return "", self._control.write(shown)
        if self._control.line and isinstance(shown, (str, int, float, bool)):
            return "", plain(shown)
        if self._control.kind in ("segments", "select", "search") and isinstance(shown, (str, int, float)):
            return "", plain(shown)
        return "raw", controls.raw().write(shown)

    def _changed(self, event: GenericEventArguments) -> Any:
        wire = event.args["value"]
        self._put(heard=event.args["told"])
        if self._props["mode"] == "raw":
            return self._take(controls.raw().read(wire))
        if self._control.line and wire == "":
            return self._take(self._empty)
        return self._take(self._control.read(wire))

    def _acted(self, event: GenericEventArguments) -> Any:
        name, detail = event.args["name"], event.args.get("detail")
        if name == "reset":
            return self.enter(UNSET)
        if name == "link":
            return self.enter(str(detail))
        if name == "unlink":
            return self.enter(UNSET)
        if name == "fix":
            problem = self._problems[int(detail)] if int(detail) < len(self._problems) else None
            return problem.fix() if problem and problem.fix else None
        return self._on_action(name) if self._on_action else None

    def enter(self, value: Any) -> Any:
        """Show a value and tell of it, as if a person had entered it."""
        if _same(value, self.value):
            return None
        self.value = value
        self._show()
        return self._on_change(value) if self._on_change else None

    def _take(self, value: Any) -> Any:
        """What the page says: it shows that already."""
        if _same(value, self.value):
            return None
        was = self._props["mode"], self._props["changed"]
        self.value = value
        self._hold()
        if (self._props["mode"], self._props["changed"]) != was:
            self.update()
        return self._on_change(value) if self._on_change else None


_BLANK: Mapping[str, Any] = {
    "toggle": False, "checkbox": False, "chips": [], "several": [], "pairs": [], "records": []
}  # fmt: skip


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and bool(one == other))


def _equal(one: Any, other: Any) -> bool:
    """Whether both mean the same to a node: 3 and 3.0 do, 1 and true do not."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
