"""The command `nodegraph`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status; Ctrl-C ends it without a word, from its first moment on."""
    try:
        # Half a second of imports, which Ctrl-C may end as well as anything later.
        from executor.cli.commands import run_command

        return run_command(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
