"""The pipeline file: text to pipeline with every problem found, and back to the same text."""

from nodegraph.format.loading import MAX_BYTES, Loaded, load, load_object
from nodegraph.format.writing import dump

__all__ = ["MAX_BYTES", "Loaded", "dump", "load", "load_object"]
