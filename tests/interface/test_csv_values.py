"""What each text in a CSV file says: numbers, dates, codes, empty values, control characters."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.interface.deliveries import (
    DAY,
    File,
    Row,
    book,
    columns,
    csv_text,
    deliver,
    deliver_rows,
    load,
    raw,
    rejected,
    table,
    valid_row,
)

NOTICES = "ind_sponsor_notices"

NO = object()
"""The row is rejected."""

WAGES, SIGHTINGS, PERMITS, REGISTER = "uwv_wages", "nla_sightings", "ind_permits", "ind_public_register"

VALUES: list[tuple[str, str, str, Any]] = [
    *[
        (WAGES, "hours_paid", text, value)
        for text, value in {
            "168": 168,
            "168.0": 168,
            "168.000": 168,
            " 168 ": 168,
            "0": 0,
            "400": 400,
            "168.5": NO,
            "1e2": NO,
            "1E2": NO,
            "1,0": NO,
            "1 000": NO,
            "1_0": NO,
            "0x10": NO,
            "168h": NO,
            "-1": NO,
            "401": NO,
            "99999999999999999999999": NO,
            "٤٢": NO,
            "４２": NO,
            "NULL": NO,
            "NaN": NO,
            "inf": NO,
            "true": NO,
            "": NO,
            "  ": NO,
            "--5": NO,
            "168.": NO,
        }.items()
    ],
    *[
        (WAGES, "wage_in_money_eur", text, value)
        for text, value in {
            "6200": 6200.0,
            "6200.50": 6200.5,
            " 6200.50 ": 6200.5,
            "-100.25": -100.25,
            "0": 0.0,
            "500000": 500000.0,
            "-500000": -500000.0,
            "500000.01": NO,
            "1e3": NO,
            "1E3": NO,
            "1.5e3": NO,
            "1,000": NO,
            "1,000.00": NO,
            "1.000,00": NO,
            "6200,50": NO,
            "1 000": NO,
            "€ 5": NO,
            "5 EUR": NO,
            "5%": NO,
            "NaN": NO,
            "nan": NO,
            "inf": NO,
            "-inf": NO,
            "Infinity": NO,
            "NULL": NO,
            "null": NO,
            "None": NO,
            "NA": NO,
            "-": NO,
            ".": NO,
            "1.2.3": NO,
            "0x1F": NO,
            "1_000": NO,
            "true": NO,
            "": NO,
        }.items()
    ],
    *[
        (WAGES, "holiday_allowance_eur", text, value)
        for text, value in {"": None, "   ": None, "0": 0.0, "200000": 200000.0, "-0.01": NO, "NULL": NO}.items()
    ],
    *[
        (SIGHTINGS, "random_sample", text, value)
        for text, value in {
            "true": True,
            "TRUE": True,
            "True": True,
            "tRuE": True,
            " true ": True,
            "false": False,
            "FALSE": False,
            "False": False,
            "1": NO,
            "0": NO,
            "t": NO,
            "f": NO,
            "yes": NO,
            "no": NO,
            "ja": NO,
            "waar": NO,
            "on": NO,
            "NULL": NO,
            "1.0": NO,
            "": NO,
        }.items()
    ],
    *[
        (PERMITS, "degree_on", text, value)
        for text, value in {
            "2024-02-29": date(2024, 2, 29),
            "2000-02-29": date(2000, 2, 29),
            " 2024-01-31 ": date(2024, 1, 31),
            "1900-01-01": date(1900, 1, 1),
            "2100-12-31": date(2100, 12, 31),
            "": None,
            "2023-02-29": NO,
            "1900-02-29": NO,
            "2026-02-30": NO,
            "2026-04-31": NO,
            "2026-13-01": NO,
            "2026-00-10": NO,
            "2026-01-00": NO,
            "1899-12-31": NO,
            "2101-01-01": NO,
            "0001-01-01": NO,
            "9999-12-31": NO,
            "10000-01-01": NO,
            "-2024-01-01": NO,
            "24-01-31": NO,
            "2024-1-31": NO,
            "2024-01-3": NO,
            "31-01-2024": NO,
            "31/01/2024": NO,
            "2024/01/31": NO,
            "2024.01.31": NO,
            "20240131": NO,
            "2024-01": NO,
            "2024": NO,
            "2024-W05-3": NO,
            "2024-031": NO,
            "2024-01-31 10:00:00": NO,
            "2024-01-31T10:00:00": NO,
            "2024-01-31 BC": NO,
            "2024-01-31 (BC)": NO,
            "infinity": NO,
            "-infinity": NO,
            "epoch": NO,
            "today": NO,
            "now": NO,
            "45322": NO,
            "NULL": NO,
            "２０２４-01-31": NO,
        }.items()
    ],
    *[
        (PERMITS, "sponsor_name", text, value)
        for text, value in {
            "NULL": "NULL",
            "null": "null",
            "None": "None",
            "NA": "NA",
            "NaN": "NaN",
            "  Janssen  B.V. ": "Janssen  B.V.",
            "": None,
            "   ": None,
            "=1+1": "=1+1",
            "007": "007",
            "1e3": "1e3",
            "true": "true",
            "\\N": "\\N",
        }.items()
    ],
    *[
        (PERMITS, "sponsor_kvk", text, value)
        for text, value in {
            "00000000": "00000000",
            " 30000001 ": "30000001",
            "": None,
            "3000001": NO,
            "300000011": NO,
            "30000001.0": NO,
            "3000000x": NO,
            "30 000 001": NO,
            "３０００００００": NO,
            "30000001\n": NO,
            "3000\t0001": NO,
            "NULL": NO,
        }.items()
    ],
    *[
        (PERMITS, "scheme", text, value)
        for text, value in {
            " hsm ": "hsm",
            "HSM": NO,
            "Hsm": NO,
            "hsm;blue_card": NO,
            "no_such_scheme": NO,
            "": NO,
            "h\u200bsm": NO,
        }.items()
    ],
    *[
        (WAGES, "income_kind", text, value)
        for text, value in {"15": 15, "15.0": 15, "12": NO, "15.5": NO, "": NO}.items()
    ],
    *[
        (REGISTER, "organisation", text, value)
        for text, value in {"NULL": "NULL", "  Stichting  ": "Stichting", "   ": NO, "": NO}.items()
    ],
]
KEYS = {WAGES: "employer_number", SIGHTINGS: "sighting_id", PERMITS: "application_id", REGISTER: "kvk"}


def _value_row(number: int) -> Row:
    feed, column, text, _ = VALUES[number]
    return valid_row(feed, number, **{column: text})


def _name(case: tuple[str, str, str, Any]) -> str:
    return f"{case[1]}={case[2]!r}"


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Row]]:
    """One delivery a feed, one row a text; by feed the accepted rows by their key."""
    data = tmp_path_factory.mktemp("values")
    found = {}
    for feed, key in KEYS.items():
        numbers = [number for number, case in enumerate(VALUES) if case[0] == feed]
        deliver_rows(data, feed, [_value_row(number) for number in numbers])
        load(data, feed)
        assert book(data, feed)["status"] == "loaded"
        assert len(raw(data, feed)) + len(rejected(data, feed)) == len(numbers)
        found[feed] = {row[key]: row for row in raw(data, feed)}
    return found


@pytest.mark.parametrize("number", range(len(VALUES)), ids=[_name(case) for case in VALUES])
def test_a_text_says(values: dict[str, dict[str, Row]], number: int) -> None:
    feed, column, _, expected = VALUES[number]
    found = values[feed].get(_value_row(number)[KEYS[feed]])
    if expected is NO:
        assert found is None, f"accepted as {found[column]!r}"
    else:
        assert found is not None, "rejected"
        assert (found[column], type(found[column])) == (expected, type(expected))


def test_a_quoted_empty_value_is_empty_and_a_quoted_number_is_a_number(tmp_path: Path) -> None:
    row = valid_row(WAGES, 1, holiday_allowance_eur=None)
    quoted = ",".join(f'"{row[name] or ""}"' for name in columns(WAGES))
    deliver(tmp_path, WAGES, File("part-000.csv", f"{csv_text([], columns(WAGES))}{quoted}\n".encode(), 1))
    load(tmp_path, WAGES)
    (found,) = raw(tmp_path, WAGES)
    assert (found["holiday_allowance_eur"], found["hours_paid"]) == (None, 1)


CONTROLS = {
    "a bell": "\x07",
    "a null": "\x00",
    "an escape": "\x1b",
    "a tab": "\t",
    "a delete": "\x7f",
    "a next-line": "\x85",
    "a line end": "\n",
    "a carriage return": "\r",
}


OVERRIDES = ["\u202e", "\u202a", "\u2066", "\u2069"]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of each control character: two names, a document, and a code with it; then names and keys with overrides."""
    data = tmp_path_factory.mktemp("marked")
    rows = []
    for number, mark in enumerate(CONTROLS.values()):
        first = 4 * number
        rows += [
            valid_row(PERMITS, first, sponsor_name=f"Jans{mark}sen"),
            valid_row(PERMITS, first + 1, sponsor_name=f"Pie{mark}ter{mark}sen"),
            valid_row(PERMITS, first + 2, travel_document=f"AB{mark}12"),
            valid_row(PERMITS, first + 3, scheme=f"h{mark}sm"),
        ]
    deliver_rows(data, PERMITS, rows, day="2026-11-18")
    deliver_rows(data, PERMITS, [valid_row(PERMITS, 900 + n, sponsor_name=f"A{m}B") for n, m in enumerate(OVERRIDES)])
    marks = [*CONTROLS.values(), *OVERRIDES]
    deliver_rows(data, NOTICES, [valid_row(NOTICES, n, notice_id=f"N{mark}{n}") for n, mark in enumerate(marks)])
    load(data, PERMITS)
    load(data, NOTICES)
    return data


def test_control_characters_reject_a_row_where_they_stand_in_an_identifier_or_a_code(marked: Path) -> None:
    numbers = [row["row_number"] for row in rejected(marked, PERMITS, "2026-11-18")]
    assert numbers == [number for number in range(1, 4 * len(CONTROLS) + 1) if (number - 1) % 4 in (2, 3)]


def test_control_characters_reject_a_row_where_they_stand_in_a_key(marked: Path) -> None:
    turned_away = {row["row_number"] for row in rejected(marked, NOTICES)}
    assert set(range(1, len(CONTROLS) + 1)) <= turned_away


def test_control_characters_go_from_a_name_and_are_counted(marked: Path) -> None:
    names = {row["sponsor_name"] for row in raw(marked, PERMITS) if str(row["delivered_on"]) == "2026-11-18"}
    assert names == {"Janssen", "Pietersen"}
    (warning,) = book(marked, PERMITS, "2026-11-18")["warnings"]
    assert "sponsor_name" in warning
    assert str(2 * len(CONTROLS)) in warning


def test_no_control_character_and_no_direction_override_reaches_raw_or_the_rejected_rows(marked: Path) -> None:
    tables = [str(raw(marked, PERMITS)), str(raw(marked, NOTICES)), str(table(marked, "raw.rejected_rows").to_dicts())]
    left = [repr(mark) for mark in [*CONTROLS.values(), *OVERRIDES] if any(repr(mark)[1:-1] in text for text in tables)]
    assert left == []
    assert {r["sponsor_name"] for r in raw(marked, PERMITS) if str(r["delivered_on"]) == DAY} == {"AB"}
