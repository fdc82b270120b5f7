"""Counts verdicts as they come in, tells how far the judging is, and stops what can no longer succeed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nodegraph import Context, NodeFailure
from nodes.judge._asking import Outcome
from nodes.judge._prompt import Rubric
from nodes.judge._rubric_params import Params

_HOPELESS = 20


class Tally:
    """Counts outcomes as they come in, tells how far it is, and stops what can no longer succeed."""

    def __init__(self, params: Params, rubric: Rubric, items: int, canaries: int, ctx: Context) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._params, self._rubric, self._ctx = params, rubric, ctx
        self._items, self._total = items, items + canaries
        self._sum = 0.0
        self._scored = 0
        self._errors = 0

    def add(self, place: int, outcome: Outcome) -> None:
        """Keep an outcome; fails where more samples went wrong than may."""
        self.outcomes[place] = outcome
        if place < self._items:
            self._count(place, outcome)
        message = f"mean {self._sum / self._scored:.2f}" if self._scored else ""
        self._ctx.progress(len(self.outcomes), self._total, "samples", message)

    def _count(self, place: int, outcome: Outcome) -> None:
        if outcome.scores is not None:
            self._scored += 1
            self._sum += self._rubric.weighted(outcome.scores)
            self._ctx.metric("score", self._sum / self._scored, step=self._scored)
            return
        self._ctx.log(f"Sample {place + 1} could not be judged: {outcome.error}", "warning")
        if self._params.on_error == "fail":
            hint = (
                "Set on_error to count to go on without such samples; verdicts so far are kept for a retry."
            )
            raise NodeFailure(
                "infrastructure", f"Sample {place + 1} could not be judged: {outcome.error}", hint
            )
        self._errors += 1
        hopeless = self._errors >= _HOPELESS and not self._scored
        if hopeless or self._errors > self._params.max_error_rate * self._items:
            raise too_many_errors([entry for at, entry in self.outcomes.items() if at < self._items])


def too_many_errors(outcomes: Sequence[Outcome]) -> NodeFailure:
    errors = Counter(outcome.error for outcome in outcomes if outcome.scores is None)
    usual = "; ".join(f"{count} × {error}" for error, count in errors.most_common(3))
    return NodeFailure(
        "infrastructure",
        f"{sum(errors.values())} of {len(outcomes)} samples could not be judged: {usual}",
        "Check the service; a retry asks only for the verdicts that are missing.",
    )
