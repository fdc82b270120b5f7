"""The environments that node types run in: named sets of requirements, satisfied here or made as venvs."""

from executor.environments.environments import Environments

__all__ = ["Environments"]
