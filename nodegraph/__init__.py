"""What a pipeline is: kinds, ports, the node contract, the file format, validation and planning.

Pure: no server, no database, no heavy library. Node modules import their contract from here.
"""

from nodegraph.contract import (
    Context,
    Field,
    Inputs,
    NodeParams,
    NodeType,
    Outputs,
    OwnImage,
    Port,
    Resources,
)
from nodegraph.errors import NodeFailure

__all__ = [
    "Context",
    "Field",
    "Inputs",
    "NodeFailure",
    "NodeParams",
    "NodeType",
    "Outputs",
    "OwnImage",
    "Port",
    "Resources",
]
