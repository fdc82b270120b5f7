"""`nodegraph demo`: the editor with the example pipeline open, ready to run or running."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser

from executor.services.workspace import Workspace
from nodegraph.errors import NotFound
from nodegraph.format import dump
from ui.commands import serve
from ui.i18n import Language, speaking
from ui.site import Site

SUMMARY = "start the editor with an example pipeline, ready to run"
NAME = "demo"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `demo` takes: what `serve` takes, and whether to run at once."""
    serve.arguments(parser)
    parser.add_argument("--run", action="store_true", help="start a run of the example as well")


def execute(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from ui import server

    options = serve.options_of(args)
    server.check_options(options)
    with (
        server.listening(options) as sock,
        Workspace(args.data_dir, engine=True, exclusive=True, nodes_root=args.nodes_root) as workspace,
    ):
        prepare(workspace)
        if args.run:
            start(workspace)
        address = serve.address(options, f"/pipelines/{NAME}")
        print(f"The example pipeline is at {address}", file=sys.stderr)
        if (
            os.environ.get("DISPLAY")
            or os.environ.get("WAYLAND_DISPLAY")
            or sys.platform in ("darwin", "win32")
        ):
            webbrowser.open(address)  # the socket listens already, so the page waits for the server
        return server.serve(Site(workspace, options), sock)


def prepare(workspace: Workspace) -> None:
    """Have the example among the pipelines, in this machine's language; one that is there stays as it is."""
    from ui.gallery.localised import localised

    try:
        workspace.pipelines.get(NAME)
    except NotFound:
        made = workspace.templates.instantiate(NAME)
        assert made.pipeline is not None
        with speaking(machine_language()):
            text = dump(localised(made.pipeline), original=made.text)
        workspace.pipelines.import_text(text)


def machine_language() -> Language:
    """The language of whoever uses this machine, as the locale tells; English for others than ours."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").startswith("zh") else "en"


def start(workspace: Workspace) -> int:
    """Start a run of the example, unless one is going on."""
    for run in workspace.runs.list(limit=20, pipeline=NAME):
        if not run.final:
            return run.id
    kept = workspace.pipelines.get(NAME)
    return workspace.runs.submit(kept.text, workspace.data_dir.root, version=kept.version)
