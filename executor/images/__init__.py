"""The container images of environments: made from the same requirements as their venvs."""
