"""Queries by name: `sql/core/permits.sql` is the query `core/permits`.

Belongs here: finding and reading query files. Does not belong here: running them (`sql.warehouse`) or building
SQL from strings, which nobody does.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def load(query: str) -> str:
    """The text of the query called `query`; FileNotFoundError naming the file when there is none."""
    path = FOLDER / f"{query}.sql"
    if not path.is_file():
        raise FileNotFoundError(f"there is no query {query}: expected sql/{query}.sql")
    return path.read_text(encoding="utf-8")


def names(folder: str = "") -> list[str]:
    """The names of all queries below `folder`, sorted."""
    return sorted(str(p.relative_to(FOLDER).with_suffix("")) for p in (FOLDER / folder).rglob("*.sql"))


def header(query: str) -> str:
    """The one-line description at the top of a query file, without the comment marks."""
    first = load(query).split("\n", 1)[0]
    return first.removeprefix("--").strip()
