"""The dialog that shows how to ask a service from a program: the address, curl, Python."""

from __future__ import annotations

from executor.services.deployments import Live, curl_example, python_example
from ui import kit
from ui.i18n import t


def show_code(live: Live) -> None:
    """Open it."""
    examples = {"curl": curl_example(live), "python": python_example(live)}
    with kit.dialog(t("Use {name} from code", name=live.name), name="code", width=640):
        kit.text(t("It speaks OpenAI’s interface, so every client of that can use it."), "sub", "p")
        with kit.div("field"):
            kit.text(t("Base URL"), "lab")
            with kit.div("row"):
                kit.text(live.base_url, "input mono grow", "code", data_field="base_url")
                kit.copy_button(live.base_url, tip=t("Copy the base URL"))
        if live.api_key:
            kit.message(
                t("Have the key in the environment variable {name}; it is not shown here.", name=live.api_key)
            )
        bar, shown = kit.div(), kit.div()

        def show(name: str) -> None:
            shown.clear()
            with shown, kit.div("code"):
                kit.text(examples[name], "", "pre", data_example=name, tabindex="0")
                kit.copy_button(examples[name], t("Copy"))
            if name == "python":
                with shown:
                    kit.text(t("It needs the package openai: pip install openai"), "dim xs", "p")

        with bar:
            kit.tabs({"curl": "curl", "python": "Python"}, "curl", show)
        show("curl")
