"""Validation: everything that is wrong with a pipeline, at once, each with a place and a hint."""

from nodegraph.validation.checking import Checked, check_text, validate

__all__ = ["Checked", "check_text", "validate"]
