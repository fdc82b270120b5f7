"""Who is to be told of a run: an end to tell of, and an address that can be one."""

from __future__ import annotations

import pytest

from nodegraph.validation import check_text


@pytest.mark.parametrize(
    ("entry", "line", "sentence"),
    [
        ("{on: [failed], email: team@example.com}", None, ""),
        ("{on: [failed], webhook: 'https://chat.lan:8065/hook/x?y=1'}", None, ""),
        ("{on: [failed], webhook: '${secrets.HOOK}'}", None, ""),
        ("{on: [failed], email: '${parameters.who}'}", None, ""),
        ("{on: [], email: team@example.com}", 2, "names no state"),
        ("{on: [failed]}", 2, "says nobody"),
        ("{on: [failed], email: 'a@x.org, b@x.org'}", 2, "it is no e-mail address"),
        ("{on: [failed], email: 'a@x.org\\nBcc: b@x.org'}", 2, "it is no e-mail address"),
        ("{on: [failed], email: '${secrets.WHO}'}", 2, "it is no e-mail address"),
        ("{on: [failed], webhook: 'https://me:pw@x.org/'}", 2, "must not hold a name or password"),
        ("{on: [failed, soon], email: a@x.org}", 2, ""),
    ],
)
def test_an_entry_is_checked_where_it_stands(registry, entry, line, sentence):
    text = f"name: x\nnotify: [{entry}]\nparameters: {{who: {{}}}}\nnodes:\n"
    text += "  a: {type: preprocess.load, params: {source: a}}\n"
    found = [problem for problem in check_text(text, registry).problems if problem.severity == "error"]
    assert [problem.line for problem in found] == ([] if line is None else [line])
    assert all(sentence in problem.message and problem.hint for problem in found)


def test_a_secret_that_is_not_set_is_warned_of(registry):
    text = (
        "name: x\nnotify: [{on: [failed], webhook: '${secrets.HOOK}'}]\nnodes:\n"
        "  a: {type: preprocess.load, params: {source: a}}\n"
    )
    (problem,) = check_text(text, registry, secrets=["OTHER"]).problems
    assert (problem.code, problem.severity) == ("missing-secret", "warning")
    assert check_text(text, registry, secrets=["HOOK"]).problems == []


def test_nobody_can_have_a_thousand_people_told(registry):
    text = "name: x\nnotify:\n" + "  - {on: [failed], email: a@x.org}\n" * 51
    text += "nodes:\n  a: {type: preprocess.load, params: {source: a}}\n"
    assert len(check_text(text, registry).problems) == 1
