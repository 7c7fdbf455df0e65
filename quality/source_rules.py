"""How the program may speak SQL: one query a file, and no query put together in Python.

Belongs here: rules on `.sql` and `.py` files that no general linter knows. Does not belong here: style (ruff)
and what a query means (its tests).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

PACKAGES = ("pipelines", "assets", "sql", "quality", "reports", "tests")

_FILE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HEADER = re.compile(r"-- \S.*")
#: Text that begins as a statement does; a sentence that begins with a capital ("Select ...") is none.
_STATEMENT = re.compile(
    r"""\s*(
        select\s | from\s+\S+\s+(select|where|join)\s | with\s+(recursive\s+)?\S+\s+as\s*\(
        | insert\s+(or\s+\w+\s+)?into\s | delete\s+from\s | truncate\s | update\s+\S+\s+set\s
        | (create|drop)\s+(or\s+replace\s+)?(temp\s+|temporary\s+)?(table|view|macro|schema|index|type|function)\s
        | alter\s+(table|view)\s | comment\s+on\s | copy\s+(\(|\S+\s+(to|from)\s) | attach\s+(database\s+)?['{]
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SENTENCE = re.compile(r"\s*[A-Z][a-z]")


def sql_problems(root: Path) -> list[str]:
    """What is wrong with the query files below `root`/sql, in sentences."""
    found = []
    for path in sorted((root / "sql").rglob("*.sql")):
        file = path.relative_to(root).as_posix()
        found += [f"{file}: {sentence}" for sentence in _query_rules(path)]
    return found


def _query_rules(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if not _FILE_NAME.fullmatch(path.stem):
        yield "not a plain name: use small letters, digits and underscores."
    if not _HEADER.fullmatch(text.split("\n", 1)[0]):
        yield "its first line does not say what it gives: begin with '-- ' and one sentence."
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "it does not end with exactly one newline: end it so."
    try:
        statements = len(duckdb.extract_statements(text))
    except duckdb.Error as error:
        reason = " ".join(str(error).split())
        yield f"the database cannot parse it: {reason}. Correct the query."
        return
    if statements != 1:
        yield f"it holds {statements} statements: one query a file."


def python_problems(root: Path) -> list[str]:
    """Where a Python file below the packages of `root` puts a query together, in sentences."""
    found = []
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            file = path.relative_to(root).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"), filename=file)
            found += [
                f"{file}:{line}: SQL is put together in Python: move the query to a file under sql/ and give "
                "its values as $parameters, or build a syntax tree where names come from a contract."
                for line in sorted({n.lineno for n in ast.walk(tree) if isinstance(n, ast.expr) and _is_built_query(n)})
            ]
    return found


def _is_built_query(node: ast.expr) -> bool:
    """True for an f-string, a sum, a `%` or a `.format` whose text begins as a statement does."""
    match node:
        case ast.JoinedStr(values=parts):
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
            return any(isinstance(p, ast.FormattedValue) for p in parts) and begins_as_statement(text)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add() | ast.Mod()):
            return begins_as_statement(text + " {} ")
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return begins_as_statement(text)
        case _:
            return False


def begins_as_statement(text: str) -> bool:
    """True when `text` begins as a statement of SQL does, in small letters or in capitals."""
    return bool(_STATEMENT.match(text)) and not _SENTENCE.match(text)
