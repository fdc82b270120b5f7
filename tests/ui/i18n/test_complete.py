"""Everything that people can read has its Chinese: what is declared, and sentences with values."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.ui.i18n.declared import of_node_types, of_templates
from tests.ui.i18n.sentences import MARK, Text, phrases, texts
from ui.i18n.catalogue import entries, find

# English is what programs are told (the REST interface, an OpenAI client, SQL), what a judge reads, what a
# report file holds.
_NOT_SHOWN = (
    "executor/cli/", "executor/api/", "executor/database/rows.py", "executor/engine/journal.py",
    "nodes/judge/_prompt.py", "nodes/judge/_canaries.py", "nodes/quantize/_texts.py",
)  # fmt: skip
# Modules whose short reasons stand inside sentences of others.
_REASONS = (
    "nodegraph/bypass.py", "nodegraph/kinds.py", "nodegraph/conditions.py", "nodegraph/plan.py",
    "nodegraph/registry.py", "executor/engine/cache.py", "executor/engine/endings.py",
    "executor/engine/admission.py", "executor/engine/demands.py", "executor/engine/scheduling.py",
    "executor/engine/waiting.py", "executor/engine/wants.py",
    "executor/services/doctor.py", "executor/services/outlook.py",
    "executor/services/opening.py", "nodes/judge/_reply.py", "nodes/judge/_service.py",
    "nodes/preprocess/_clean/filters.py", "nodes/preprocess/_load/fields.py",
    "nodes/preprocess/_load/json_stream.py", "nodes/preprocess/_load/lines.py",
    "nodes/preprocess/_load/normalise.py", "nodes/preprocess/_load/preference.py",
    "nodes/preprocess/_load/table.py", "nodes/preprocess/_load/turns.py",
    "nodes/preprocess/_load/values.py",
)  # fmt: skip


def test_node_types_are_translated() -> None:
    assert _without_entry(of_node_types()) == {}


def test_templates_are_translated() -> None:
    assert _without_entry(of_templates()) == {}


@pytest.mark.parametrize("folder", ["nodegraph", "executor", "nodes"])
def test_sentences_are_recognised_with_all_their_values(folder: str) -> None:
    wrong = {text.sample: text.place for text in texts(folder, _NOT_SHOWN) if not _recognised(text)}
    assert wrong == {}, "give each an entry in ui/i18n/zh.json, with a {name} for each «mark»"


def test_reasons_inside_sentences_are_recognised() -> None:
    wrong = {text.sample: text.place for path in _REASONS for text in phrases(path) if not _recognised(text)}
    assert wrong == {}


def _without_entry(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    known = entries("zh")
    return {text: place for text, place in given if text and text not in known}


def _recognised(text: Text) -> bool:
    """Whether it has a translation that holds every value; a predicate is tried with a subject before it."""
    for sample, extra in ((text.sample, []), (f"«0» {text.sample}", ["«0»"])):
        found = find("zh", sample)
        if found is not None:
            return sorted(MARK.findall(found)) == sorted([*MARK.findall(text.sample), *extra])
    return False
