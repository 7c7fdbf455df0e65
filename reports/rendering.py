"""Charts to SVG in a process of its own.

Belongs here: starting that process and saying clearly when it died. Does not belong here: what a chart shows
(`charts`) and what is done to its SVG (`svg`).

The renderer aborts the whole process on some control characters in a label, which no `except` can catch. In a
child process that costs the brief, with a clear error, and not the night.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

#: Seconds for all charts of one brief; measured: under three.
TIME_LIMIT = 120


class RenderingError(RuntimeError):
    """The charts could not be drawn."""


def render(specs: Sequence[dict[str, Any]], *, time_limit: float = TIME_LIMIT) -> list[str]:
    """SVG texts of Vega-Lite charts, in the given order.

    Args:
        specs: charts as Vega-Lite, data included.
        time_limit: seconds for all of them.

    Raises:
        RenderingError: when the process that draws dies, takes too long or reports an error.
    """
    if not specs:
        return []
    try:
        done = subprocess.run(  # our own interpreter and module, no shell
            [sys.executable, "-m", "reports.render_child"],
            input=json.dumps(list(specs), ensure_ascii=True),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise RenderingError(f"drawing the charts took longer than {time_limit:g} seconds") from late
    if done.returncode < 0:
        raise RenderingError(f"the process that draws the charts died of signal {-done.returncode}")
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if "Error" in line] or ["no message"]
        raise RenderingError(f"the charts could not be drawn: {told[-1].strip()}")
    drawn: list[str] = json.loads(done.stdout)
    return drawn
