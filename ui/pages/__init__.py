"""The pages, one module each; a module registers its addresses."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import FastAPI

from ui.site import Site


def register(app: FastAPI, site: Site) -> None:
    """Make every page known to the server."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}").register(app, site)
