"""Tells the language of a text with py3langid, offline."""

from __future__ import annotations

from collections.abc import Sequence

from nodegraph import NodeFailure
from nodegraph.suggest import did_you_mean

_ENOUGH = 5_000
# Short texts are easily taken for a close relative of the language they are in; zxx is no language at all.
_RELATIVES = {"zh": ("wuu", "yue"), "en": ("pcm",), "ar": ("ary", "arz"), "no": ("nn",)}


class LanguageFilter:
    """Says which texts are surely in another language than the wanted ones."""

    def __init__(self, languages: Sequence[str], confidence: float) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._wanted = {language.lower().partition("-")[0] for language in languages}
        self._accepted = self._wanted.union(["zxx"], *(_RELATIVES.get(name, ()) for name in self._wanted))
        self._confidence = confidence
        for language in self._wanted:
            if language not in self._identifier.labels:
                raise NodeFailure(
                    "input",
                    f"The language {language} is not known.",
                    did_you_mean(language, self._identifier.labels),
                )

    def other(self, text: str) -> str | None:
        """The language of a text where it is surely none of the wanted ones; a doubtful text passes."""
        language, confidence = self._identifier.classify(text[:_ENOUGH])
        if language in self._accepted or confidence < self._confidence:
            return None
        return str(language)
