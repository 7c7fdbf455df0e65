"""Every feed keeps the rules that its contract makes: the same questions to all seventeen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quality.contract import Field, feed_contracts
from tests.interface.deliveries import (
    DAY,
    Row,
    arrow,
    book,
    columns,
    csv_file,
    deliver,
    fields,
    load,
    parquet_file,
    raw,
    rejected,
    typed,
    valid_row,
)

FEEDS = sorted(feed_contracts())


def _wrong_values(field: Field) -> Iterator[tuple[str, str | None]]:
    """Values that break the contract of one column, with a word for what they break."""
    if field.required:
        yield "missing", None
        yield "only spaces", "   "
    if field.pattern:
        yield "form", "#"
        yield "form with something behind it", f"{valid_row_value(field)}#"
        yield "form with a line end behind it", f"{valid_row_value(field)}\n#"
    if field.closed_list:
        yield "list", "77" if field.kind == "integer" else "no_such_value"
        if field.kind == "string":
            yield "list in another case", str(field.closed_list[0]).swapcase()
    if field.minimum is not None:
        yield "under the least", f"{field.minimum - 1:.0f}"
    if field.maximum is not None:
        yield "over the most", f"{field.maximum + 1:.0f}"
    if field.kind in ("integer", "number", "boolean", "date"):
        yield "type", "abc"
    if field.kind == "date":
        yield "no day of the calendar", "2026-02-30"
        yield "before 1900", "1899-12-31"
        yield "after 2100", "2101-01-01"
    if field.kind == "string" and (field.key_position or field.pattern or field.closed_list or field.is_identifier):
        yield "control character", f"{valid_row_value(field)[:1]}\x07{valid_row_value(field)[1:]}"


def valid_row_value(field: Field) -> str:
    for feed in FEEDS:
        for candidate in fields(feed):
            if candidate is field:
                return str(valid_row(feed, 999)[field.name] or "x")
    raise KeyError(field.name)


@dataclass(frozen=True)
class Spoiled:
    """One row with one wrong value."""

    column: str
    what: str
    row: Row


def spoiled_rows(feed: str) -> list[Spoiled]:
    found = []
    for field in fields(feed):
        for what, value in _wrong_values(field):
            row = valid_row(feed, 100 + len(found)) | {field.name: value}
            found.append(Spoiled(field.name, what, row))
    return found


def bare_row(feed: str, number: int) -> Row:
    """A row with every optional value left out, of a case in which that is allowed."""
    case = {"verdict": "unclear"} if feed == "review_verdicts" else {}
    return valid_row(feed, number, **case) | {f.name: None for f in fields(feed) if not f.required}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One delivery of each feed: good rows as CSV and as Parquet, and a row for each wrong value."""
    data = tmp_path_factory.mktemp("feeds")
    for feed in FEEDS:
        rows = [spoiled.row for spoiled in spoiled_rows(feed)]
        deliver(
            data,
            feed,
            csv_file(feed, good_rows(feed)[:2], "a.csv"),
            csv_file(feed, rows, "b.csv"),
            parquet_file(arrow(feed, good_rows(feed)[2:]), "c.parquet"),
        )
        load(data, feed)
    return data


def good_rows(feed: str) -> list[Row]:
    """Four rows: optional values given and left out, twice."""
    return [valid_row(feed, 1), bare_row(feed, 2), valid_row(feed, 3), bare_row(feed, 4)]


@pytest.mark.parametrize("feed", FEEDS)
def test_rows_that_keep_the_contract_arrive_with_their_values_from_csv_and_from_parquet(
    loaded: Path, feed: str
) -> None:
    shown = [f for f in fields(feed) if f.classification not in ("audit_only", "direct_identifier")]
    expected = [tuple(typed(f, row[f.name]) for f in shown) for row in good_rows(feed)]
    found = [tuple(row[f.name] for f in shown) for row in raw(loaded, feed)]
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_accepted_row_is_valid_from_its_day_of_delivery(loaded: Path, feed: str) -> None:
    spells = {
        (str(r["delivered_on"]), str(r["valid_from_delivery"]), r["valid_until_delivery"]) for r in raw(loaded, feed)
    }
    assert spells == {(DAY, DAY, None)}


@pytest.mark.parametrize("feed", FEEDS)
def test_raw_holds_the_columns_of_the_contract_and_the_validity(loaded: Path, feed: str) -> None:
    shown = {f.name for f in fields(feed) if f.classification != "audit_only"}
    assert set(raw(loaded, feed)[0]) == shown | {"delivered_on", "valid_from_delivery", "valid_until_delivery"}


@pytest.mark.parametrize("feed", FEEDS)
def test_every_value_that_breaks_the_contract_rejects_its_row_and_no_other(loaded: Path, feed: str) -> None:
    turned_away = {row["row_number"]: row for row in rejected(loaded, feed, DAY)}
    wrong = dict(enumerate(spoiled_rows(feed), start=1))
    accepted = [f"{s.column}: {s.what}" for number, s in wrong.items() if number not in turned_away]
    assert not accepted, f"accepted in {feed}: {accepted}"
    assert set(turned_away) == set(wrong)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_reason_names_the_column_and_the_row_is_kept_as_json(loaded: Path, feed: str) -> None:
    for row in rejected(loaded, feed, DAY):
        spoiled = spoiled_rows(feed)[row["row_number"] - 1]
        assert row["reason_code"]
        assert spoiled.column in row["reason"], (spoiled.what, row["reason"])
        assert row["file"] == "b.csv"
        assert row["run_id"] == "run-1"
        assert set(json.loads(row["row_json"])) == set(columns(feed))


@pytest.mark.parametrize("feed", FEEDS)
def test_rows_accepted_and_rejected_are_the_rows_delivered(loaded: Path, feed: str) -> None:
    entry = book(loaded, feed)
    assert entry["rows_delivered"] == 4 + len(spoiled_rows(feed))
    assert entry["rows_accepted"] == 4
    assert entry["rows_rejected"] == len(rejected(loaded, feed, DAY)) == entry["rows_delivered"] - 4
