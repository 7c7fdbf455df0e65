"""The history of a feed is the same in any order of loading: random deliveries against a naive model."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.feeds.history import create_feed_tables, merge_delivery, stored_table
from quality.contract import FeedContract, Field, Table, product_tables
from sql.ddl import delete_statement
from sql.warehouse import Session, Warehouse

Row = tuple[str, int | None, str | None]  # place, year, colour


@dataclass(frozen=True)
class Delivery:
    """What a supplier sent under one day."""

    delivered_on: date
    mode: str
    rows: tuple[Row, ...]


FIELDS = (
    Field("place", "string", "Place.", "", True, "internal", 1),
    Field("year", "integer", "Year of the picture.", "", False, "internal", 2),
    Field("colour", "string", "Colour.", "", False, "internal"),
)
DELTA_FEED, PICTURE_FEED = (
    FeedContract(name, "1.0.0", "X", mode, True, "daily", "", "", Table("raw", name, "one row per place", FIELDS))  # type: ignore[arg-type]
    for name, mode in (("places_by_delta", "delta"), ("places_by_year", "full"))
)

colours = st.sampled_from(["red", "blue", None])


@st.composite
def delivery_rows(draw: st.DrawFn, keys: Sequence[tuple[str, int | None]]) -> tuple[Row, ...]:
    chosen = draw(st.lists(st.sampled_from(keys), unique=True))
    return tuple((place, year, draw(colours)) for place, year in chosen)


@st.composite
def deliveries(draw: st.DrawFn, keys: Sequence[tuple[str, int | None]], modes: Sequence[str]) -> tuple[Delivery, ...]:
    days = draw(st.lists(st.integers(1, 5), unique=True, min_size=1))
    made = [
        Delivery(date(2026, 1, day), draw(st.sampled_from(modes)), draw(delivery_rows(keys))) for day in sorted(days)
    ]
    return tuple(draw(st.permutations(made)))


def naive_history(feed: FeedContract, sent: Sequence[Delivery]) -> list[tuple[object, ...]]:
    """Replay by day with a dictionary: what is known of each key after each delivery, kept as versions."""
    by_year = feed.snapshot_field is not None
    known: dict[tuple[str, int | None], tuple[str | None, date]] = {}
    written: list[tuple[object, ...]] = []
    for delivery in sorted(sent, key=lambda d: d.delivered_on):
        said = {(place, year): colour for place, year, colour in delivery.rows}
        years = {year for _, year in said}
        for key, (colour, since) in list(known.items()):
            replaced = delivery.mode == "full" and (not by_year or key[1] in years)
            ends = said[key] != colour if key in said else replaced
            if ends:
                written.append((*key, colour, since, delivery.delivered_on))
                del known[key]
        for key, colour in said.items():
            known.setdefault(key, (colour, delivery.delivered_on))
    return sorted([*written, *((*key, colour, since, None) for key, (colour, since) in known.items())], key=repr)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    path: Path = tmp_path_factory.mktemp("history") / "warehouse.duckdb"
    with Warehouse(path).writing() as opened:
        create_feed_tables(opened, DELTA_FEED)
        create_feed_tables(opened, PICTURE_FEED)
        yield opened


def load(session: Session, feed: FeedContract, sent: Sequence[Delivery]) -> tuple[list[tuple[object, ...]], ...]:
    """The versions and the books after loading `sent` in the order given, into empty tables."""
    books = product_tables()
    for table in (stored_table(feed), books["raw.confirmations"], books["raw.full_deliveries"]):
        session.connection.execute(delete_statement(table))
    for delivery in sent:
        schema = {"place": pl.String, "year": pl.Int64, "colour": pl.String}
        frame = pl.DataFrame(list(delivery.rows), schema=schema, orient="row")
        session.connection.register("accepted_rows", frame.to_arrow())
        merge_delivery(session, feed, "accepted_rows", delivery.delivered_on, delivery.mode)
        session.connection.unregister("accepted_rows")
    versions = session.table(f"raw.{feed.feed}").drop("delivered_on").rows()
    return (
        sorted(versions, key=repr),
        sorted(session.table("raw.confirmations").rows()),
        sorted(session.table("raw.full_deliveries").rows(), key=repr),
    )


quick = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@quick
@given(sent=deliveries([("Delft", 1), ("Delft", None), ("Ede", 1)], ["delta", "delta", "full"]))
def test_a_feed_of_deltas_and_reloads_is_the_same_in_any_order_of_loading(
    session: Session, sent: tuple[Delivery, ...]
) -> None:
    versions, *books = load(session, DELTA_FEED, sent)
    assert versions == naive_history(DELTA_FEED, sent)
    _, *books_in_order = load(session, DELTA_FEED, sorted(sent, key=lambda d: d.delivered_on))
    assert books == books_in_order


@quick
@given(sent=deliveries([("Delft", 2024), ("Ede", 2024), ("Delft", 2025)], ["full"]))
def test_a_feed_of_dated_pictures_is_the_same_in_any_order_of_loading(
    session: Session, sent: tuple[Delivery, ...]
) -> None:
    versions, *books = load(session, PICTURE_FEED, sent)
    assert versions == naive_history(PICTURE_FEED, sent)
    _, *books_in_order = load(session, PICTURE_FEED, sorted(sent, key=lambda d: d.delivered_on))
    assert books == books_in_order


def test_all_orders_of_four_deliveries_that_confirm_change_and_reload_give_one_history(
    session: Session,
) -> None:
    sent = (
        Delivery(date(2026, 1, 1), "delta", (("Delft", 1, "red"), ("Ede", 1, "grey"))),
        Delivery(date(2026, 1, 2), "delta", (("Delft", 1, "blue"),)),
        Delivery(date(2026, 1, 3), "delta", (("Delft", 1, "red"), ("Ede", 1, "grey"))),
        Delivery(date(2026, 1, 4), "full", (("Delft", 1, "red"),)),
    )
    expected = naive_history(DELTA_FEED, sent)
    for order in itertools.permutations(sent):
        assert load(session, DELTA_FEED, order)[0] == expected


def test_the_naive_model_itself_ends_starts_and_keeps_versions() -> None:
    one, two, three = (date(2026, 1, day) for day in (1, 2, 3))
    sent = (
        Delivery(three, "delta", (("Delft", 1, "red"),)),
        Delivery(one, "delta", (("Delft", 1, "red"), ("Ede", 1, None))),
        Delivery(two, "full", (("Delft", 1, "red"),)),
    )
    assert naive_history(DELTA_FEED, sent) == [("Delft", 1, "red", one, None), ("Ede", 1, None, one, two)]
