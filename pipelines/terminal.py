"""Where the commands speak: the terminal's error stream, so that standard output stays free for pipes."""

import sys

from rich.console import Console

#: Width of lines that go to a file or another program, which have no edge.
NO_TERMINAL_WIDTH = 160


def make_console() -> Console:
    """A console as wide as the terminal, or wide enough for our tables where there is none."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else NO_TERMINAL_WIDTH)
