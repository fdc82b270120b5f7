"""One rule that makes answers and references comparable: the answer in a text, normalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nodegraph import NodeFailure
from nodes.evaluate._plan import Plan
from nodes.evaluate._texts import Step, extractor, normaliser


class Comparison:
    """Holds the references in their comparable form; the plan's labels take the same form."""

    def __init__(self, plan: Plan, steps: Sequence[Step], pattern: str) -> None:
        self._normalise = normaliser(steps)
        self._extract = extractor(plan.extraction, pattern, plan.labels)
        self.plan = replace(plan, labels=list(dict.fromkeys(map(self._expected, plan.labels))))
        self.truth = [self._expected(text) for text in plan.references]
        self._refuse_unknown_references()

    def answer(self, text: str) -> str:
        """The answer in a text, comparable with a reference."""
        return self._normalise(self._extract(text))

    def right(self, index: int, text: str) -> bool:
        """Whether a text answers as its reference does."""
        return self.answer(text) == self.truth[index]

    def bodies(self, texts: Sequence[str]) -> list[str]:
        """The parts of texts that BLEU and the like read: without what the extraction leaves out."""
        if self.plan.extraction in ("none", "label"):
            return list(texts)
        return [self._extract(text) for text in texts]

    def reference_bodies(self) -> list[str]:
        """The same for the references; one that has no such part stands as it is."""
        whole = self.plan.references
        return [body or text for body, text in zip(self.bodies(whole), whole, strict=True)]

    def _expected(self, text: str) -> str:
        # A reference or label without what is extracted from answers is itself the answer.
        return self.answer(text) or self._normalise(text)

    def _refuse_unknown_references(self) -> None:
        known = set(self.plan.labels)
        strange = next((i for i, text in enumerate(self.truth) if known and text not in known), None)
        if strange is not None:
            raise NodeFailure(
                "input",
                f"The reference in row {strange + 1}, {self.truth[strange][:80]!r}, is none of the labels.",
                "Add it to labels, or correct the dataset.",
            )
