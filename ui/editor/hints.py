"""What helps against a problem, as one does it on the canvas: the core says it for the file and commands."""

from __future__ import annotations

import re

from nodegraph.problems import Problem

# Patterns of the core's hints, and what to do in the editor instead.
_ON_CANVAS = {
    r"Add one under nodes\.": "Drag one from the palette onto the canvas.",
    r"Wire one, such as inputs: \{.+: NODE\.PORT\}\.": "Add a node that gives one, and drag an edge from it.",
    r"Wire one, such as inputs: \{.+: (?P<source>.+)\}\.": "Drag an edge to it, such as from {source}.",
    r"Write (?P<sources>[\w-]+\.\w+(?: or [\w-]+\.\w+)*)\.": "Drag an edge from {sources} instead.",
    r"Add (?P<param>\S+) under params\.": "Give it a value on the right.",
    r"Give one with --param (?P<param>\S+)=…, or a default in the file\.":
        "Give it a default, or its value for one run: Options… beside Run.",
    r"Declare it under parameters\.":
        "Add it to the pipeline's parameters: they are on the right while nothing is selected.",
    r"Write a name such as OPENAI_API_KEY; the key itself goes into the environment variable\.":
        "Choose a secret or add one; the key itself is no part of the pipeline.",
    r"Set the environment variable (?P<name>\w+), then run again\.":
        "Set it under Settings, or as the environment variable {name}.",
    r"Run it with the launcher docker; `nodegraph doctor` says whether there is an engine\.":
        "Run it in a container: Options… beside Run; Settings says whether there is a Docker engine.",
    r"Processes run on this machine only; run it with the launcher docker\.":
        "Processes run on this machine only; run it in a container: Options… beside Run.",
    r"No host has a GPU; add one that has with `nodegraph hosts add`, or ask for none\.":
        "No host has a GPU; add one that has on the page Hosts, or ask for none.",
}  # fmt: skip
_COMPILED = [(re.compile(pattern), words) for pattern, words in _ON_CANVAS.items()]


def on_canvas(problem: Problem) -> Problem:
    """The problem with the hint for who has the graph before them; as it is where that fits already."""
    for pattern, words in _COMPILED:
        if match := pattern.fullmatch(problem.hint):
            return problem.model_copy(update={"hint": words.format(**match.groupdict())})
    return problem
