"""Makes the rules that the parameters ask for, in the order in which they run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from nodes.common.dataset import Row, text_of
from nodes.common.row_text import map_strings, map_texts
from nodes.preprocess._clean import filters
from nodes.preprocess._clean import text as texts
from nodes.preprocess._clean.duplicates import ExactDuplicates, NearDuplicates, part_of
from nodes.preprocess._clean.language import LanguageFilter
from nodes.preprocess._clean.params import Params
from nodes.preprocess._clean.personal import masked
from nodes.preprocess._clean.rule import Removed, Rule


def rules_for(params: Params) -> list[Rule]:
    """The rules: first what changes texts, then what removes rows, cheap ones before dear ones."""
    rules = [*_text_rules(params), Rule("empty", "Rows without text", filters.drop_empty)]
    if params.drop_empty_answers:
        rules.append(Rule("empty_answer", "Rows with an empty answer", filters.drop_empty_answer))
    if params.required:
        names = ", ".join(params.required)
        rules.append(Rule("required", f"Rows without {names}", filters.required(params.required)))
    rules += filters.length_rules(params)
    if params.drop_patterns:
        drop = filters.drop_matching(params.drop_patterns)
        rules.append(Rule("drop_patterns", "Rows that match a pattern to drop", drop))
    if params.keep_patterns:
        keep = filters.keep_matching(params.keep_patterns)
        rules.append(Rule("keep_patterns", "Rows that match no pattern to keep", keep))
    if params.languages:
        rules.append(Rule("language", f"Rows not in {', '.join(params.languages)}", _language(params)))
    if params.pii != "none":
        rules.append(_personal_rule(params))
    if params.dedup != "none":
        rules.append(_exact_rule(params))
    if params.dedup == "near":
        rules.append(_near_rule(params))
    return rules


def _text_rules(params: Params) -> list[Rule]:
    wanted: list[tuple[bool, str, str, Callable[[str], str]]] = [
        (params.strip_control, "control", "Control characters and line ends", texts.without_controls),
        (params.unicode != "none", "unicode", f"Unicode as {params.unicode}",
         lambda text: texts.normalised(text, params.unicode)),
        (params.strip_html, "html", "HTML tags", texts.without_html),
        (params.collapse_whitespace, "whitespace", "Runs of white space", texts.collapsed),
        (params.trim, "trim", "White space at the ends", str.strip),
    ]  # fmt: skip
    return [Rule(name, title, _on_texts(change)) for on, name, title, change in wanted if on]


def _on_texts(change: Callable[[str], str]) -> Callable[[Row], Row]:
    return lambda row: map_texts(row, lambda text, _field, _role: change(text))


def _language(params: Params) -> Callable[[Row], Row]:
    languages = LanguageFilter(params.languages, params.language_confidence)

    def apply(row: Row) -> Row:
        if other := languages.other(
            text_of(row) if params.language_on == "row" else part_of(row, params.language_on)
        ):
            raise Removed(f"is in {other}")
        return row

    return apply


def _personal_rule(params: Params) -> Rule:
    found: Counter[str] = Counter()

    def apply(row: Row) -> Row:
        here: Counter[str] = Counter()
        clean: Row = map_strings(row, lambda text: masked(text, params.pii_kinds, here))
        found.update(here)
        rule.details = dict(found)
        if here and params.pii == "drop":
            raise Removed(f"holds {', '.join(here)}")
        return clean

    title = "Personal data" if params.pii == "mask" else "Rows with personal data"
    rule = Rule("pii", title, apply)
    return rule


def _exact_rule(params: Params) -> Rule:
    seen = ExactDuplicates()

    def apply(row: Row) -> Row:
        if (earlier := seen.first(part_of(row, params.dedup_on), rule.row_number)) is not None:
            raise Removed(f"repeats row {earlier}")
        return row

    rule = Rule("exact_duplicates", "Rows that repeat an earlier one", apply)
    return rule


def _near_rule(params: Params) -> Rule:
    seen = NearDuplicates(params.near_threshold, params.near_chars)

    def apply(row: Row) -> Row:
        text = text_of(row) if params.dedup_on == "row" else part_of(row, params.dedup_on)
        if (earlier := seen.first(text, rule.row_number)) is not None:
            raise Removed(f"is nearly row {earlier}")
        return row

    rule = Rule("near_duplicates", "Rows nearly like an earlier one", apply)
    return rule
