"""The contract between a node type and everything else: parameters, ports, resources, context.

A node type is one module under nodes/<category>/ that defines `NODE = NodeType(...)` and
`run(params, inputs, outputs, ctx)`; it may define `check(outputs)`, `preview(outputs)` and
`estimate(params)`. Palette, form, validation, documentation and command line follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict
from pydantic import Field as PydanticField

from nodegraph.kinds import Kind

CATEGORIES = (
    "preprocess", "augment", "train", "evaluate", "judge", "merge", "quantize", "deploy", "custom"
)  # fmt: skip

Widget = Literal[
    "text", "textarea", "code", "model", "dataset", "path", "secret", "slider", "keyvalue", "json"
]


def Field(  # noqa: N802 - stands in for pydantic's Field and reads like it
    default: Any = ...,
    *,
    title: str,
    help: str = "",
    group: str = "Basic",
    widget: Widget | None = None,
    unit: str | None = None,
    shown: Mapping[str, list[Any]] | None = None,
    **constraints: Any,
) -> Any:
    """Declare a parameter once: default, range, title, help, group, widget.

    `shown={"method": ["lora"]}` shows the field only while another parameter has one of the values;
    `constraints` are pydantic's (ge, le, min_length, pattern, …). A field whose widget is `model`,
    `dataset` or `path` may name a local file: its content then counts in the node's cache key.
    A field whose widget is `secret` holds the name of a secret, never its value.
    """
    hints = {"group": group, "widget": widget, "unit": unit, "shown": shown}
    extra: Any = {key: value for key, value in hints.items() if value is not None}
    return PydanticField(
        default, title=title, description=help or None, json_schema_extra=extra, **constraints
    )


class NodeParams(BaseModel):
    """The parameters of a node type. Strict: "3" is no number, `no` no boolean, unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=(), validate_default=False
    )


@dataclass(frozen=True)
class Port:
    """A named, typed input or output: `many` takes a list, `full_weights` refuses adapters."""

    kind: Kind
    optional: bool = False
    many: bool = False
    full_weights: bool = False
    help: str = ""


class Resources(BaseModel):
    """What a node asks of its host: cores, memory in GB, GPUs, and whether it reaches the network.

    `disk_gb` is what an attempt may write: outputs, scratch space, checkpoints and log; where it is None,
    nine tenths of what was free when it started.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    cpu: float = PydanticField(default=1, gt=0, le=1024)
    memory_gb: float = PydanticField(default=2, gt=0, le=65536)
    gpu: int = PydanticField(default=0, ge=0, le=64)
    gpu_kind: str | None = None
    host: str | None = None
    disk_gb: float | None = PydanticField(default=None, gt=0, le=1_000_000)
    network: bool = False

    def merged(self, override: Resources | None) -> Resources:
        """These resources with the fields that `override` sets."""
        if override is None:
            return self
        return self.model_copy(update={name: getattr(override, name) for name in override.model_fields_set})


@dataclass(frozen=True)
class OwnImage:
    """A container image that a node runs instead of its own code: which, with what command and variables.

    An empty command means the image's own. The command finds its paths in NODEGRAPH_INPUT_NAME and
    NODEGRAPH_OUTPUT_NAME. Values may hold `${secrets.NAME}`.
    """

    image: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


Ports = Mapping[str, Port]
PortsOf = Ports | Callable[[Any], Ports]


@dataclass(frozen=True)
class NodeType:
    """What the registry knows of a node type. Ports may be a function of the parameters.

    `cached=False` is for types whose result cannot be kept, such as one that asks the outside world.
    `own_image` is for types that run a container image of the person's choice: they need Docker.
    `processes="per_gpu"` is for types that train in as many processes as they have GPUs, started by
    accelerate: each runs `run`, only the first is heard and checked, see `nodegraph.harness.ranks`.
    """

    title: str
    category: str
    params: type[NodeParams]
    inputs: PortsOf = field(default_factory=dict)
    outputs: PortsOf = field(default_factory=dict)
    environment: str = "base"
    resources: Resources = Resources()
    cached: bool = True
    own_image: Callable[[Any], OwnImage] | None = None
    processes: Literal["one", "per_gpu"] = "one"

    def input_ports(self, params: NodeParams) -> Ports:
        """The inputs of a node with these parameters."""
        return self.inputs(params) if callable(self.inputs) else self.inputs

    def output_ports(self, params: NodeParams) -> Ports:
        """The outputs of a node with these parameters."""
        return self.outputs(params) if callable(self.outputs) else self.outputs


@dataclass(frozen=True)
class InputArtifact:
    """An artifact that came in on an edge: where it lies, its kind and its content digest."""

    path: Path
    kind: Kind
    digest: str


class Inputs:
    """The artifacts of a node's inputs, by port: `inputs["dataset"]` is a directory."""

    def __init__(self, artifacts: Mapping[str, list[InputArtifact]]) -> None:
        self._artifacts = dict(artifacts)

    def __getitem__(self, port: str) -> Path:
        return self._artifacts[port][0].path

    def __contains__(self, port: str) -> bool:
        return bool(self._artifacts.get(port))

    def __iter__(self) -> Iterator[str]:
        return iter(self._artifacts)

    def get(self, port: str) -> Path | None:
        """The directory of an optional input, None where nothing is wired."""
        artifact = self.artifact(port)
        return artifact.path if artifact else None

    def many(self, port: str) -> list[Path]:
        """The directories of an input that takes a list, in the order of the file."""
        return [artifact.path for artifact in self.artifacts(port)]

    def artifacts(self, port: str) -> list[InputArtifact]:
        """The artifacts of an input that takes a list, with their digests, in the order of the file."""
        return list(self._artifacts.get(port, []))

    def artifact(self, port: str) -> InputArtifact | None:
        """The first artifact of a port with its kind and digest, None where nothing is wired."""
        found = self._artifacts.get(port)
        return found[0] if found else None


class Outputs:
    """Where a node writes: `outputs["model"]` is an empty directory, made for it."""

    def __init__(self, directories: Mapping[str, Path]) -> None:
        self._directories = dict(directories)

    def __getitem__(self, port: str) -> Path:
        return self._directories[port]

    def __contains__(self, port: str) -> bool:
        return port in self._directories

    def __iter__(self) -> Iterator[str]:
        return iter(self._directories)


class Context(Protocol):
    """What a running node may use besides its files: events, secrets, scratch space, its deadline."""

    @property
    def scratch(self) -> Path:
        """A directory for temporary files, removed after the attempt."""

    @property
    def resume(self) -> Path:
        """A directory that the next attempt of this node finds again: checkpoints go here."""

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Say something to the person who reads the log."""

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """Report a number; the last value of each name stands on the node."""

    def progress(self, done: float, total: float | None = None, unit: str = "", message: str = "") -> None:
        """Report how far the node is; time left is worked out from it."""

    def secret(self, name: str) -> str:
        """The value of a secret the parameters name; fails with category input where it is not set."""

    def related(self, digest: str) -> Path:
        """The directory of an artifact that an input's card requires, such as an adapter's base."""

    def seconds_left(self) -> float | None:
        """Seconds until the node's timeout, None where it has none."""
