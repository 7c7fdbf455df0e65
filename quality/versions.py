"""The version of a contract says what its content is: `versions.lock` beside the contracts keeps them together.

Belongs here: the lock file, comparing with it, recording in it, raising a version. Does not belong here: what a
contract must contain (`quality.contract_rules`).

The content of a contract is everything in it but its version and its layout: moving a line or a comment is no
change, another word in a description is one.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

LOCK = "versions.lock"
HEADER = "# Written by `python -m quality.lint --record`: the version of each contract and the hash of its content.\n"
_VERSION_LINE = re.compile(r"^version: *(\S+) *$", re.MULTILINE)


@dataclass(frozen=True)
class Recorded:
    """One contract as it stands in the lock file."""

    version: str
    sha256: str

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to compare."""
        return tuple(int(part) for part in self.version.split("."))


def content_hash(path: Path) -> str:
    """SHA-256 of the content of a contract, without its version, comments and layout."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content.pop("version", None)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def present(folder: Path) -> dict[str, Recorded]:
    """The contracts in `folder` as they are now, by name."""
    found = {}
    for path in sorted(folder.glob("*.odcs.yaml")):
        version = yaml.safe_load(path.read_text(encoding="utf-8")).get("version")
        found[path.name.removesuffix(".odcs.yaml")] = Recorded(str(version), content_hash(path))
    return found


def recorded(folder: Path) -> dict[str, Recorded]:
    """The contracts in the lock file of `folder`, by name; none when there is no lock file."""
    path = folder / LOCK
    if not path.exists():
        return {}
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {name: Recorded(str(entry["version"]), str(entry["sha256"])) for name, entry in entries.items()}


def refusals(folder: Path) -> list[str]:
    """Changes that no recording can make good: other content under a version that is not higher."""
    before, sentences = recorded(folder), []
    for name, now in present(folder).items():
        then = before.get(name)
        file = f"quality/{folder.name}/{name}.odcs.yaml"
        if then is None:
            continue
        if now.order < then.order:
            sentences.append(
                f"{file}: version {now.version} is lower than the recorded {then.version}: raise the version."
            )
        elif now.sha256 != then.sha256 and now.version == then.version:
            sentences.append(
                f"{file}: the content changed and the version is still {now.version}: raise the version "
                f"(python -m quality.lint --bump {name})."
            )
    return sentences


def version_problems(folder: Path) -> list[str]:
    """Every difference between the contracts in `folder` and its lock file, in sentences."""
    sentences, refused = refusals(folder), set()
    refused = {sentence.split(":", 1)[0] for sentence in sentences}
    before, now = recorded(folder), present(folder)
    for name in sorted(before.keys() | now.keys()):
        file = f"quality/{folder.name}/{name}.odcs.yaml"
        if before.get(name) == now.get(name) or file in refused:
            continue
        state = "is gone but still recorded" if name not in now else "is not recorded in this version"
        sentences.append(f"{file}: it {state}: run python -m quality.lint --record.")
    return sentences


def record(folder: Path) -> list[str]:
    """Write the lock file of `folder`; writes nothing and returns the reasons when a change is refused."""
    refused = refusals(folder)
    if not refused:
        entries = {
            name: {"version": now.version, "sha256": now.sha256} for name, now in sorted(present(folder).items())
        }
        (folder / LOCK).write_text(HEADER + yaml.safe_dump(entries, sort_keys=True), encoding="utf-8")
    return refused


def bump(path: Path) -> str:
    """Raise the minor version in a contract file and return the new version.

    Raises:
        ValueError: when the file has no single line `version: 1.2.3`.
    """
    text = path.read_text(encoding="utf-8")
    found = _VERSION_LINE.findall(text)
    if len(found) != 1:
        raise ValueError(f"{path.name}: expected one line 'version: 1.2.3', found {len(found)}")
    major, minor, _ = found[0].strip("'\"").split(".")
    version = f"{major}.{int(minor) + 1}.0"
    path.write_text(_VERSION_LINE.sub(f"version: {version}", text), encoding="utf-8")
    return version
