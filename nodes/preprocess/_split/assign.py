"""Says for each row which split it goes to: at random, in order, by stratum, or with its group."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from nodegraph import NodeFailure
from nodes.preprocess._split.sizes import SPLITS
from nodes.preprocess._split.strata import allotted

Assignment = list[list[int]]


def by_strata(strata: Sequence[Hashable], totals: Sequence[int], order: Sequence[int]) -> Assignment:
    """The rows of each split, in `order`; with one stratum this is a plain split."""
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row in order:
        members[strata[row]].append(row)
    # Large strata first, then by first appearance: the order does not depend on how values are spelled.
    names = sorted(members, key=lambda name: (-len(members[name]), min(members[name])))
    split_of = [0] * len(strata)
    table = allotted([len(members[name]) for name in names], totals)
    for name, cells in zip(names, table, strict=True):
        rows = iter(members[name])
        for split, count in enumerate(cells):
            for _ in range(count):
                split_of[next(rows)] = split
    return _collected(split_of, order, len(totals))


def by_groups(
    groups: Sequence[Hashable], strata: Sequence[Hashable], totals: Sequence[int], rng: random.Random
) -> Assignment:
    """The rows of each split such that no group is torn apart, as near to `totals` and strata as that allows.

    Groups are dealt out from the largest, each to the split that lacks most of what it holds.
    """
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    wanted = [split for split, total in enumerate(totals) if total > 0]
    if len(members) < len([split for split in wanted if split < len(SPLITS)]):
        raise NodeFailure(
            "input",
            f"{len(members)} {'group' if len(members) == 1 else 'groups'} cannot fill {len(wanted)} splits.",
            "Group by another field, or set the share of a split to 0.",
        )
    names = list(members)
    rng.shuffle(names)
    names.sort(key=lambda name: -len(members[name]))
    sizes = Counter(strata)
    rows = len(strata)
    lacking = [{name: total * count / rows for name, count in sizes.items()} for total in totals]
    empty = set(wanted) - set(range(len(SPLITS), len(totals)))
    split_of = [0] * rows
    for place, group in enumerate(names):
        held = Counter(strata[row] for row in members[group])
        left = len(names) - place
        open_splits = sorted(empty) if len(empty) >= left else wanted
        split = max(open_splits, key=lambda split: (_need(lacking[split], held), -split))
        empty.discard(split)
        for name, count in held.items():
            lacking[split][name] -= count
        for row in members[group]:
            split_of[row] = split
    return _collected(split_of, range(rows), len(totals))


def _need(lacking: dict[Hashable, float], held: Counter[Hashable]) -> float:
    """How much smaller the squared errors of the split, by stratum and in all, become with this group."""
    by_stratum = sum(lacking[name] * count for name, count in held.items())
    return by_stratum + sum(lacking.values()) * held.total()


def _collected(split_of: Sequence[int], order: Sequence[int], splits: int) -> Assignment:
    found: Assignment = [[] for _ in range(splits)]
    for row in order:
        found[split_of[row]].append(row)
    return found
