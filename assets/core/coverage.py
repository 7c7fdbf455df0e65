"""Until which day the feeds speak: an indicator that reads an absence must know that it would have seen a presence.

Belongs here: what was delivered, and the last day on which all of several feeds speak. Does not belong here: which
feeds an indicator needs (each indicator says so), and whether a delivery is late (`quality.gates`).

A worker without a permit in a feed that was not delivered, or ended in March, is not a worker without a permit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sql.warehouse import Session


@dataclass(frozen=True)
class Coverage:
    """The last day that each delivered feed speaks about; a feed that never held a row is not in it."""

    until: Mapping[str, date]

    def missing(self, feeds: Iterable[str]) -> list[str]:
        """Those of `feeds` that were not delivered, in order of name."""
        return sorted(set(feeds) - set(self.until))

    def without(self, feeds: Iterable[str]) -> str | None:
        """Why nothing can be said without some of `feeds`, as a clause for `not_assessed`; None when all are there."""
        absent = self.missing(feeds)
        if not absent:
            return None
        return f"{' and '.join(absent)} {'was' if len(absent) == 1 else 'were'} not delivered"

    def last_day(self, feeds: Iterable[str], as_of: date) -> date:
        """The last day, at most `as_of`, about which all of `feeds` speak; feeds not delivered are left out."""
        return min([as_of, *(self.until[feed] for feed in feeds if feed in self.until)])


def read_coverage(session: Session, as_of: date) -> Coverage:
    """What was delivered and loaded by `as_of`; nothing where no delivery was ever looked at."""
    if not session.exists("meta.deliveries"):
        return Coverage({})
    return Coverage(dict(session.rows("core/feed_coverage", as_of=as_of)))
