"""The words of a page, from `texts/nl*.yaml`: read, looked up by path, filled with quoted figures.

Belongs here: texts. Does not belong here: figures; no number is ever typed in a text.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

FOLDER = Path(__file__).parent / "texts"


@cache
def _texts(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = {}
    for path in sorted(FOLDER.glob(f"{language}*.yaml")):
        loaded |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def lookup(path: str, language: str = "nl") -> Any:
    """What stands at `path` (`section.name`); KeyError naming the path when there is nothing."""
    found: Any = _texts(language)
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            raise KeyError(f"texts/{language}.yaml has no {path}")
        found = found[part]
    return found


def say(path: str, **words: object) -> Markup:
    """The text at `path` with its places filled; what is filled in is escaped unless it is a quoted figure."""
    return Markup(" ".join(str(lookup(path)).split())).format(**words)  # noqa: S704 - our own texts


def plain(path: str, **words: object) -> str:
    """The text at `path` with its places filled, for titles and descriptions; not HTML."""
    return " ".join(str(lookup(path)).split()).format(**words)


def name_of(path: str, key: str, otherwise: str | None = None) -> str:
    """The Dutch name of a code from the list at `path`, or `otherwise`, or the code itself."""
    names: dict[str, str] = lookup(path)
    return names.get(key, otherwise or key)
