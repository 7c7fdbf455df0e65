"""`python -m quality.lint`: are the contracts sound, recorded, and is SQL kept in its place?

Belongs here: the command and the list of what it looks at. Does not belong here: the rules themselves
(`quality.contract_rules`, `quality.versions`, `quality.source_rules`).

Exit code 0 when nothing is wrong; else 1, and every problem is one sentence with its file and what to do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from quality.contract_rules import feed_problems, product_problems
from quality.source_rules import python_problems, sql_problems
from quality.versions import bump, record, version_problems

ROOT = Path(__file__).parent.parent


def contract_folders(root: Path) -> tuple[Path, Path]:
    """The folders of the feeds' contracts and of our own tables below `root`."""
    return root / "quality" / "contracts", root / "quality" / "products"


def content_problems(root: Path) -> list[str]:
    """What is wrong inside the contracts of `root`, in sentences."""
    feeds, products = contract_folders(root)
    found = [sentence for path in sorted(feeds.glob("*.odcs.yaml")) for sentence in feed_problems(path)]
    found += [sentence for path in sorted(products.glob("*.odcs.yaml")) for sentence in product_problems(path)]
    return found


def lint(root: Path = ROOT) -> list[str]:
    """Everything that is wrong with the contracts, their versions and the SQL of the project at `root`."""
    found = content_problems(root)
    if not found:
        found += [sentence for folder in contract_folders(root) for sentence in version_problems(folder)]
    return [*found, *sql_problems(root), *python_problems(root)]


def record_versions(root: Path = ROOT) -> list[str]:
    """Record every contract of `root`; the reasons when a contract is unsound or changed without a version."""
    return content_problems(root) or [sentence for folder in contract_folders(root) for sentence in record(folder)]


def bump_versions(names: Sequence[str], root: Path = ROOT) -> list[str]:
    """Raise the minor version of the contracts called `names`; the reasons where that cannot be done."""
    found = []
    for name in names:
        paths = [folder / f"{name}.odcs.yaml" for folder in contract_folders(root)]
        there = [path for path in paths if path.is_file()]
        if there:
            bump(there[0])
        else:
            found.append(f"there is no contract {name}: name a file of quality/contracts or quality/products.")
    return found


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m quality.lint", description="Lint contracts and SQL.")
    parser.add_argument("--record", action="store_true", help="record the contracts in versions.lock")
    parser.add_argument("--bump", nargs="+", metavar="NAME", default=[], help="raise the minor version, then record")
    options = parser.parse_args(arguments)
    if options.record or options.bump:
        found = bump_versions(options.bump, root) or record_versions(root)
        done = "Recorded the version of every contract."
    else:
        found = lint(root)
        done = "Contracts, versions and SQL are in order."
    sys.stdout.write("\n".join(found or [done]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
