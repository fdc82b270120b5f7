"""The command `nodegraph`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status; Ctrl-C never ends in a traceback."""
    try:
        with _ended_by_interrupts():
            from nodegraph.uncollected import uncollected

            with uncollected():
                from executor.cli.commands import execute, parse

                args = parse(list(sys.argv[1:] if argv is None else argv))
        return execute(args)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


@contextmanager
def _ended_by_interrupts() -> Iterator[None]:
    """Ctrl-C ends the process at once: libraries crash where an exception meets them while being imported."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


if __name__ == "__main__":
    sys.exit(main())
