"""Cutting the world into deliveries: who delivers on which day, and which rows were known by then.

Belongs here: the calendar, the cut by what was known, the files and their manifests. Does not belong here: what is
true (`world`), what a supplier sees of it (`suppliers`) and what goes wrong with rows (`faults`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from assets.standins.foundations.parameters import Parameters
from quality.contract import FeedContract, feed_contracts

DAY_ZERO = date(1970, 1, 1)
#: Turns the rows of one file of a delivery, with the number of that file, into what is really sent.
Spoil = Callable[[FeedContract, date, pl.DataFrame, int], pl.DataFrame]


def day_number(on: date) -> int:
    """Days since 1970-01-01."""
    return (on - DAY_ZERO).days


def _is_due(every: str, on: date) -> bool:
    match every:
        case "day":
            return True
        case "week":
            return on.weekday() == 0
        case "month":
            return on.day == 5
        case "quarter":
            return on.day == 15 and on.month in (1, 4, 7, 10)
        case "year":
            return (on.day, on.month) == (15, 7)
    raise ValueError(f"no supplier delivers every {every!r}")


def delivery_days(every: str, further: int, as_of: date) -> list[date]:
    """The day of a first delivery and of so many further ones, the last on or before the as-of date."""
    found: list[date] = []
    on = as_of
    while len(found) < further + 1:
        if _is_due(every, on):
            found.append(on)
        on -= timedelta(days=1)
    return sorted(found)


def days_between(every: str, after: date, until: date) -> list[date]:
    """Every delivery day after one date, up to and including another."""
    span = (until - after).days
    return [on for on in (after + timedelta(days=n) for n in range(1, span + 1)) if _is_due(every, on)]


@dataclass(frozen=True)
class Delivery:
    """One delivery as it was written."""

    feed: str
    delivered_on: date
    mode: str
    rows: int
    folder: Path


def known(piece: pl.DataFrame, contract: FeedContract, after: int | None, until: int) -> pl.DataFrame:
    """The last version of each row that became known after one day and until another."""
    rows = piece.filter(pl.col("known_on") <= until)
    if after is not None:
        rows = rows.filter(pl.col("known_on") > after)
    key = [field.name for field in contract.table.key]
    return rows.sort("known_on", maintain_order=True).unique(key, keep="last", maintain_order=True)


def in_contract(frame: pl.DataFrame, contract: FeedContract) -> pl.DataFrame:
    """The columns of the contract in its order and types; day numbers become dates."""
    columns = []
    for field in contract.table.fields:
        column = pl.col(field.name)
        match field.kind:
            case "date":
                columns.append(column.cast(pl.Int32).cast(pl.Date))
            case "integer":
                columns.append(column.cast(pl.Int64))
            case "number":
                columns.append(column.cast(pl.Float64))
            case "boolean":
                columns.append(column.cast(pl.Boolean))
            case _:
                columns.append(column.cast(pl.String))
    return frame.select(columns)


class OpenDelivery:
    """A delivery that is being written: files as their rows come, the manifest when it is closed.

    Attributes:
        contract: of the feed.
        on: the day that the delivery is dated.
        since: the day of the delivery before it, whose news it does not repeat; None: it holds everything so far.
        arrives_on: the day on which it really comes; later than `on` when the supplier holds it back.
        is_lost: it never comes.
        is_here: it has come by the as-of date.
        true_rows: rows that belong in it, whether it has come or not.
    """

    def __init__(
        self,
        landing: Path,
        contract: FeedContract,
        on: date,
        form: str,
        *,
        as_of: date,
        since: date | None = None,
        arrives_on: date | None = None,
        is_lost: bool = False,
    ) -> None:
        self.contract, self.on, self.form, self.since, self.is_lost = contract, on, form, since, is_lost
        self.arrives_on = on if arrives_on is None else arrives_on
        self.is_here = not is_lost and self.arrives_on <= as_of
        self.folder = landing / contract.feed / on.isoformat()
        (self.folder / "manifest.json").unlink(missing_ok=True)
        self.files: list[dict[str, str | int]] = []
        self.true_rows = 0

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return sum(int(file["rows"]) for file in self.files)

    def add(self, rows: pl.DataFrame) -> None:
        """Write some rows, in the columns of the contract, to a file of their own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"part-{len(self.files):03d}.{self.form}"
        if self.form == "csv":
            rows.write_csv(path)
        else:
            rows.write_parquet(path, compression="zstd", statistics=True, row_group_size=250_000)
        self.files.append({"name": path.name, "rows": len(rows), "sha256": _hash(path)})

    def send(self, rows: pl.DataFrame, spoil: Spoil) -> None:
        """Write some rows as they are really sent; those of a delivery that has not come are only counted."""
        self.true_rows += len(rows)
        if self.is_here:
            self.add(spoil(self.contract, self.on, rows, len(self.files)))

    def close(self, mode: str) -> Delivery:
        """Write the manifest; from now on this is a delivery."""
        if not self.files:
            self.add(_nothing(self.contract))
        period_from = self.on if mode == "full" or self.since is None else self.since
        manifest = {
            "feed": self.contract.feed,
            "contract_version": self.contract.version,
            "delivered_on": self.on.isoformat(),
            "mode": mode,
            "period_from": period_from.isoformat(),
            "period_until": self.on.isoformat(),
            "files": self.files,
            "stand_in": True,
        }
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        return Delivery(self.contract.feed, self.on, mode, self.rows, self.folder)


def repeated(delivery: Delivery, on: date) -> Delivery:
    """The same files delivered once more under another date."""
    folder = delivery.folder.parent / on.isoformat()
    shutil.copytree(delivery.folder, folder, ignore=shutil.ignore_patterns("manifest.json"))
    manifest = json.loads((delivery.folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["delivered_on"] = on.isoformat()
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return Delivery(delivery.feed, on, delivery.mode, delivery.rows, folder)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add_states(opened: dict[date, OpenDelivery], state: Callable[[int], pl.DataFrame], spoil: Spoil) -> None:
    """Write the state of a full feed on the day of each open delivery."""
    for on, delivery in opened.items():
        rows = _ordered(in_contract(state(day_number(on)), delivery.contract), delivery.contract)
        if len(rows):
            delivery.send(rows, spoil)


def add_versions(opened: dict[date, OpenDelivery], pieces: Iterable[pl.DataFrame], spoil: Spoil) -> None:
    """Write what became known of a delta feed: to each open delivery the news since the delivery before it.

    Pieces are worked out once and written to every day that they have news for, so that a nation of wage rows needs
    little memory.

    Args:
        opened: the open deliveries, by day.
        pieces: versions of rows; no key occurs in two pieces.
        spoil: adds faults.
    """
    for piece in pieces:
        for on, delivery in opened.items():
            after = None if delivery.since is None else day_number(delivery.since)
            rows = known(piece, delivery.contract, after, day_number(on))
            if len(rows):
                rows = _ordered(in_contract(rows, delivery.contract), delivery.contract)
                delivery.send(rows, spoil)


def close_states(opened: dict[date, OpenDelivery]) -> list[Delivery]:
    """Close the deliveries of a full feed; a state without rows is not delivered."""
    return [delivery.close("full") for delivery in opened.values() if delivery.files]


def close_versions(opened: dict[date, OpenDelivery]) -> list[Delivery]:
    """Close the deliveries of a delta feed that have come; one with everything so far is full."""
    return [
        delivery.close("full" if delivery.since is None else "delta")
        for delivery in opened.values()
        if delivery.is_here
    ]


def _ordered(rows: pl.DataFrame, contract: FeedContract) -> pl.DataFrame:
    return rows.sort([field.name for field in contract.table.key])


def _nothing(contract: FeedContract) -> pl.DataFrame:
    schema = {field.name: pl.Int32 for field in contract.table.fields}
    return in_contract(pl.DataFrame(schema=schema), contract)


def calendars(parameters: Parameters, as_of: date) -> dict[str, list[date]]:
    """The delivery days of every stand-in feed in a new world."""
    plans = parameters["deliveries"]
    missing = {name for name, c in feed_contracts().items() if c.is_stand_in} ^ set(plans)
    if missing:
        raise ValueError(f"the deliveries of the parameters do not match the stand-in feeds: {sorted(missing)}")
    return {feed: delivery_days(plan["every"], plan["further"], as_of) for feed, plan in plans.items()}
