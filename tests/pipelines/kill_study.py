"""Kills a night at random moments and asks that the next night equals one that was never killed.

Run as a study with ten moments: `python -m tests.pipelines.kill_study DATA [MOMENTS] [SEED]`, where DATA has
deliveries in landing. The suite runs a short form of it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.pipelines.published import content


def start(data: Path, as_of: str) -> subprocess.Popen[bytes]:
    """A night in a process group of its own, so that a kill takes its children too."""
    code = "from pipelines.cli import run; run()"
    command = [sys.executable, "-c", code, "nightly", "--data", str(data), "--as-of", as_of, "--review-lane"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def copy_of_landing(source: Path, target: Path) -> Path:
    """A new data folder with the same deliveries."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    subprocess.run(["cp", "-al", str(source / "landing"), str(target / "landing")], check=True)
    (target / "keys").mkdir(mode=0o750)
    shutil.copy2(source / "keys" / "pseudonym.key", target / "keys" / "pseudonym.key")
    return target


def seconds(moment: float) -> Callable[[Path], None]:
    """Waits so many seconds."""
    return lambda _: time.sleep(moment)


def told(line: str, patience_seconds: float = 600) -> Callable[[Path], None]:
    """Waits until the log of a night says `line`."""

    def wait(data: Path) -> None:
        give_up = time.monotonic() + patience_seconds
        while not any(line in log.read_text() for log in (data / "logs").glob("*/night.log")):
            if time.monotonic() > give_up:
                raise AssertionError(f"the night never said {line!r}")
            time.sleep(0.02)

    return wait


def killed_then_run_again(
    source: Path, target: Path, as_of: str, until: Callable[[Path], None]
) -> tuple[bool, dict[str, int]]:
    """Kill a night at a moment, run the next one, and return whether the kill hit and the content."""
    data = copy_of_landing(source, target)
    night = start(data, as_of)
    until(data)
    hit = night.poll() is None
    if hit:
        os.killpg(night.pid, signal.SIGKILL)
    night.wait()
    again = start(data, as_of)
    if again.wait() != 0:
        raise AssertionError("the night after a kill did not publish")
    return hit, content(data)


def main() -> None:
    """The study: prints one line per moment and ends with exit code 1 when one differs."""
    source, moments = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    as_of = "2026-11-23"
    base = source.parent / f"{source.name}-kill"
    if not (source / "keys" / "pseudonym.key").exists():
        _make_key(source, as_of)
    reference_data = copy_of_landing(source, base / "reference")
    begun = time.monotonic()
    if start(reference_data, as_of).wait() != 0:
        raise SystemExit("the night that nobody kills did not publish")
    length = time.monotonic() - begun
    reference, differing = content(reference_data), 0
    for number in range(moments):
        moment = rng.uniform(0.3, length * 0.98)
        hit, found = killed_then_run_again(source, base / f"kill-{number}", as_of, seconds(moment))
        different = sorted(name for name in reference if reference[name] != found.get(name))
        differing += bool(different)
        how = "killed" if hit else "had ended"
        sys.stdout.write(f"{moment:6.1f} s of {length:.1f}: {how}; {different or 'equal'}\n")
        sys.stdout.flush()
        shutil.rmtree(base / f"kill-{number}")
    shutil.rmtree(base)
    raise SystemExit(int(differing > 0))


def _make_key(source: Path, as_of: str) -> None:
    data = source.parent / f"{source.name}-key"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    subprocess.run(["cp", "-al", str(source / "landing"), str(data / "landing")], check=True)
    start(data, as_of).wait()
    (source / "keys").mkdir(exist_ok=True)
    shutil.copy2(data / "keys" / "pseudonym.key", source / "keys" / "pseudonym.key")
    shutil.rmtree(data)


if __name__ == "__main__":
    main()
