"""Runs a gate: hands the batches to Great Expectations in a child process and reads the answers back.

Belongs here: the child process and its protocol (JSON in, JSON out). Why a child: importing Great Expectations
takes seconds and hundreds of modules, which nothing else in a night needs; and its leftovers end with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quality.gates.check import Batch, CheckResult


class GateError(RuntimeError):
    """The gate itself could not run; nothing is known about the data."""


def run_gate(gate: str, database: Path, batches: Sequence[Batch]) -> list[CheckResult]:
    """Ask every check of every batch of the database at `database`, which nobody may be writing.

    Returns:
        One result per check, in the order asked.

    Raises:
        GateError: when the child process ends without an answer; its last words are in the message.
    """
    with tempfile.TemporaryDirectory(prefix="waterbed-gate-") as folder:
        request, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
        request.write_text(
            json.dumps({"gate": gate, "database": str(database), "batches": [asdict(b) for b in batches]}),
            encoding="utf-8",
        )
        environment = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-m", "quality.gates.child", str(request), str(answer)],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if done.returncode != 0 or not answer.exists():
            last_words = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise GateError(f"the {gate} gate could not run (exit {done.returncode}): {last_words}")
        answers: list[dict[str, Any]] = json.loads(answer.read_text(encoding="utf-8"))
    return [CheckResult(**item) for item in answers]
