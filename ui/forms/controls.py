"""The control of a planned field where it depends on this server: what pickers there are."""

from __future__ import annotations

from dataclasses import replace

from ui.forms.plan import FieldPlan
from ui.i18n import t
from ui.kit import controls
from ui.kit.controls import Control
from ui.site import Site

_PICKERS = {
    "dataset": ("database", "Choose a dataset"),
    "path": ("folder", "Choose a file"),
    "model": ("box", "Choose a model"),
}


def control_of(plan: FieldPlan, site: Site | None) -> Control:
    """The control of a field."""
    if site is not None and plan.widget in _PICKERS and plan.control.kind == "text":
        glyph, label = _PICKERS[plan.widget]
        return controls.text(glyph=glyph, choose=t(label), mono=True)
    if site is not None and plan.widget == "secret":
        return secret_choice(site, plan.nullable)
    return _translated(plan.control)


def _translated(control: Control) -> Control:
    """Its unit, the words among its choices and the titles of its columns in the reader's language.

    A choice that is shown as it stands in the file stays as it is.
    """
    options = dict(control.options)
    if options.get("unit"):
        options["unit"] = t(options["unit"])
    if control.kind in ("segments", "select", "search"):
        options["options"] = [
            option if option["label"] == option["value"] else {**option, "label": t(option["label"])}
            for option in options["options"]
        ]
    if control.kind == "records":
        options["columns"] = [{**column, "title": t(column["title"])} for column in options["columns"]]
    return replace(control, options=options)


def secret_choice(site: Site, nullable: bool = False) -> Control:
    """The secrets that are set, and “Add secret”."""
    names = site.workspace.secrets.names()
    labels: dict[str | None, str] = {None if nullable else "": t("None"), **{name: name for name in names}}
    return controls.choice(labels, action=t("Add secret"))
