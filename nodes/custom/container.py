"""Runs any container image: your command reads and writes the folders that its variables name.

An input `data` lies in the folder that NODEGRAPH_INPUT_DATA names, an output `model` goes into the one that
NODEGRAPH_OUTPUT_MODEL names. The command is a list of words, which no shell looks at.
"""

from __future__ import annotations

import re

from pydantic import field_validator

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, OwnImage, Port
from nodegraph.kinds import Kind

# registry.local:5000/team/name:tag@sha256:…
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_RESERVED = re.compile(r"NODEGRAPH_|LD_|DYLD_")


class Params(NodeParams):
    """What runs, with what, and what goes in and out."""

    image: str = Field(
        "python:3.11-slim", title="Image", min_length=1,
        help="The name of a container image with a shell, fetched when it is not there.",
    )  # fmt: skip
    command: list[str] = Field(
        [], title="Command", widget="json",
        help="The program and its arguments as a list of words; empty runs the image's own command.",
    )  # fmt: skip
    environment: dict[str, str] = Field(
        {}, title="Variables", widget="keyvalue",
        help="Environment variables; a value may name a secret: ${secrets.NAME}.",
    )  # fmt: skip
    inputs: dict[str, Kind] = Field(
        {}, title="Inputs", widget="keyvalue", group="Ports",
        help="Name and kind of each input: dataset, model, adapter, metrics, report, service, text or image.",
    )  # fmt: skip
    outputs: dict[str, Kind] = Field(
        {"text": "text"}, title="Outputs", widget="keyvalue", group="Ports", min_length=1,
        help="Name and kind of each output; the command must write something into each.",
    )  # fmt: skip

    @field_validator("image")
    @classmethod
    def _image(cls, image: str) -> str:
        if not _IMAGE.fullmatch(image):
            raise ValueError("This is no name of an image; write it like registry/name:tag.")
        return image

    @field_validator("command")
    @classmethod
    def _command(cls, command: list[str]) -> list[str]:
        if command and (not command[0] or command[0].startswith("-")):
            raise ValueError("The first word of the command is a program, and starts with no dash.")
        if any("\0" in word for word in command):
            raise ValueError("A word of the command holds a NUL character.")
        return command

    @field_validator("environment")
    @classmethod
    def _environment(cls, environment: dict[str, str]) -> dict[str, str]:
        for name, value in environment.items():
            if not _NAME.fullmatch(name) or _RESERVED.match(name) or "\0" in value:
                raise ValueError(
                    f"{name} cannot be set: names are letters, digits and underscores, not NODEGRAPH_…."
                )
        return environment

    @field_validator("inputs", "outputs")
    @classmethod
    def _ports(cls, ports: dict[str, Kind]) -> dict[str, Kind]:
        if wrong := [name for name in ports if not _NAME.fullmatch(name)]:
            raise ValueError(f"{wrong[0]} is no name of a port: use letters, digits and underscores.")
        if len({name.upper() for name in ports}) < len(ports):
            raise ValueError("Two ports differ only in capital letters, and their variables not at all.")
        return ports


NODE = NodeType(
    title="Container",
    category="custom",
    params=Params,
    inputs=lambda params: {name: Port(kind) for name, kind in params.inputs.items()},
    outputs=lambda params: {name: Port(kind) for name, kind in params.outputs.items()},
    own_image=lambda params: OwnImage(params.image, tuple(params.command), params.environment),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Never called where there is Docker: the image runs instead."""
    raise NodeFailure(
        "input",
        "This node runs a container image, which processes cannot.",
        "Run it with the launcher docker; `nodegraph doctor` says whether there is an engine.",
    )
