"""What the gallery says of each template: title, category, what it needs, how long it took here."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from executor.services.workspace import Workspace
from nodegraph.contract import Resources
from nodegraph.pipeline import Pipeline
from nodegraph.registry import Registry
from nodegraph.templates import Template
from ui.gallery.picture import Picture, picture_of
from ui.i18n import t

# In the order in which they stand above the cards.
CATEGORIES = {"training": "Training", "evaluation": "Evaluation", "data": "Data", "release": "Release"}
# What a newcomer should see first.
HEROES = ("demo", "sft-lora", "compare")
_LOOKED_AT = 20


@dataclass(frozen=True)
class Card:
    """One template. `seconds` is how long its runs took on this machine, None where there is none yet."""

    template: Template
    pipeline: Pipeline
    registry: Registry
    seconds: float | None = None

    @property
    def name(self) -> str:
        """The template's name."""
        return self.template.name

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return t(self.template.title)

    @property
    def description(self) -> str:
        """What it does, in the reader's language."""
        return t(self.template.description)

    @property
    def category(self) -> str:
        """The first of its tags that is a category."""
        return next((tag for tag in self.template.tags if tag in CATEGORIES), "")

    @property
    def tags(self) -> list[str]:
        """The tags to show; what the foot says already is left out."""
        return [tag for tag in self.template.tags if tag not in ("offline", "gpu")]

    @property
    def offline(self) -> bool:
        """Whether it needs no network."""
        return "offline" in self.template.tags

    @cached_property
    def picture(self) -> Picture:
        """Its graph."""
        return picture_of(self.pipeline, self.registry)

    @cached_property
    def resources(self) -> list[Resources]:
        """What its nodes ask for."""
        found = []
        for node in self.pipeline.nodes.values():
            registered = self.registry.get(node.type)
            found.append((registered.node.resources if registered else Resources()).merged(node.resources))
        return found

    @property
    def uses_gpu(self) -> bool:
        """Whether a node takes a GPU where there is one."""
        return any(each.gpu for each in self.resources)

    @property
    def memory_gb(self) -> float:
        """The memory of its largest node, in GB."""
        return max((each.memory_gb for each in self.resources), default=0)

    @cached_property
    def words(self) -> str:
        """What a search looks through, in both languages."""
        texts = [self.name, self.template.title, self.template.description, self.title, self.description]
        texts += [*self.template.tags, *(t(tag) for tag in self.template.tags)]
        texts += [node.type for node in self.pipeline.nodes.values()]
        return " ".join(texts).casefold()


def cards_of(workspace: Workspace) -> list[Card]:
    """A card for each template that can be read; those for newcomers first."""
    found = [
        Card(template, template.pipeline, workspace.registry, _seconds(workspace, template.name))
        for template in workspace.templates.list()
        if template.pipeline is not None
    ]
    return sorted(found, key=lambda card: HEROES.index(card.name) if card.name in HEROES else len(HEROES))


def matching(
    cards: Iterable[Card], query: str = "", category: str = "", *, cpu: bool = False, offline: bool = False
) -> list[Card]:
    """The cards that have every word of the query, and what else is asked for."""
    words = query.casefold().split()
    return [
        card
        for card in cards
        if all(word in card.words for word in words)
        and category in ("", card.category)
        and not (cpu and card.uses_gpu)
        and (card.offline or not offline)
    ]


def _seconds(workspace: Workspace, name: str) -> float | None:
    """The median of runs of a pipeline of that name in which nothing came from cache."""
    runs = workspace.runs.list(_LOOKED_AT, pipeline=name, state="succeeded")
    took = [run.seconds for run in runs if run.seconds and not run.counts.get("cached")]
    return statistics.median(took) if took else None
