"""CSV as suppliers write it: which files can be read, and what each text in them says."""

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
    day_number,
    deliver,
    deliver_rows,
    load,
    raw,
    rejected,
    table,
    valid_row,
)

SPONSORS = "ind_sponsors"
NOTICES = "ind_sponsor_notices"

HEADER = "kvk,recognised_on,name,category,ended_on,end_reason\n"
FIRST = "30000001,2020-01-01,Eerste B.V.,labour,,\n"
SECOND = "30000002,2020-01-01,Tweede B.V.,labour,,\n"
PLAIN = HEADER + FIRST + SECOND
NAMES = ["Eerste B.V.", "Tweede B.V."]

READ: dict[str, tuple[bytes, list[str]]] = {
    "LF": (PLAIN.encode(), NAMES),
    "CRLF": (PLAIN.replace("\n", "\r\n").encode(), NAMES),
    "a byte-order mark": (b"\xef\xbb\xbf" + PLAIN.encode(), NAMES),
    "a byte-order mark and CRLF": (b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode(), NAMES),
    "a byte-order mark and a quoted header": (
        b"\xef\xbb\xbf" + ('"kvk",recognised_on,"name",category,ended_on,end_reason\n' + FIRST).encode(),
        NAMES[:1],
    ),
    "no line end at the end": (PLAIN.rstrip("\n").encode(), NAMES),
    "no line end at the end after CRLF": (PLAIN.replace("\n", "\r\n").rstrip("\r\n").encode(), NAMES),
    "no line end after the only row": ((HEADER + FIRST).rstrip("\n").encode(), NAMES[:1]),
    "spaces around the names of columns": (
        (" kvk , recognised_on,name , category,ended_on ,end_reason \n" + FIRST).encode(),
        NAMES[:1],
    ),
    "columns in another order": (
        b"end_reason,ended_on,category,name,recognised_on,kvk\n,,labour,Eerste B.V.,2020-01-01,30000001\n",
        NAMES[:1],
    ),
    "every value quoted": (
        (HEADER + '"30000001","2020-01-01","Eerste B.V.","labour","",""\n').encode(),
        NAMES[:1],
    ),
    "a comma in quotes": ((HEADER + '30000001,2020-01-01,"Eerste, B.V.",labour,,\n').encode(), ["Eerste, B.V."]),
    "a quote in quotes": ((HEADER + '30000001,2020-01-01,"De ""Eerste""",labour,,\n').encode(), ['De "Eerste"']),
    "letters of other languages": (
        (HEADER + "30000001,2020-01-01,Żółć Ελλάδα 日本 🙂,labour,,\n").encode(),
        ["Żółć Ελλάδα 日本 🙂"],
    ),
    "a semicolon in a name": ((HEADER + "30000001,2020-01-01,Een;Twee,labour,,\n").encode(), ["Een;Twee"]),
    "a hash sign before a row": ((HEADER + '30000001,2020-01-01,"# geen commentaar",labour,,\n').encode(),
                                 ["# geen commentaar"]),
    "a backslash before a quote": ((HEADER + '30000001,2020-01-01,"pad\\",labour,,\n').encode(), ["pad\\"]),
    "a carriage return in quotes": ((HEADER + '30000001,2020-01-01,"Een\rTwee",labour,,\n').encode(), ["EenTwee"]),
    "an apostrophe": ((HEADER + "30000001,2020-01-01,'t Hoekje,labour,,\n").encode(), ["'t Hoekje"]),
    "a long name": ((HEADER + f"30000001,2020-01-01,{'x' * 300_000},labour,,\n").encode(), ["x" * 300_000]),
}  # fmt: skip

REFUSED: dict[str, tuple[bytes, int]] = {
    "a byte of Latin-1": ((HEADER + "30000001,2020-01-01,Café,labour,,\n").encode("latin-1"), 1),
    "a byte that is never UTF-8": (PLAIN.encode() + b"30000003,2020-01-01,\xff,labour,,\n", 3),
    "half a character at the end": (PLAIN.encode() + "30000003,2020-01-01,é".encode()[:-1], 3),
    "an encoded surrogate": (PLAIN.encode() + b"30000003,2020-01-01,\xed\xa0\x80,labour,,\n", 3),
    "UTF-16": (PLAIN.encode("utf-16"), 2),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), 2),
    "no header": ((FIRST + SECOND).encode(), 1),
    "a column twice": (("kvk," + HEADER + "30000001," + FIRST).encode(), 1),
    "a column twice after trimming": ((" kvk," + HEADER + "30000001," + FIRST).encode(), 1),
    "a column too many": (("remark," + HEADER + "x," + FIRST).encode(), 1),
    "a column without a name": ((HEADER.replace("\n", ",\n") + FIRST.replace("\n", ",\n")).encode(), 1),
    "a column too few": ((b"kvk,recognised_on,name,category,ended_on\n30000001,2020-01-01,A,labour,\n"), 1),
    "a column in another case": ((HEADER.replace("kvk", "KvK") + FIRST).encode(), 1),
    "semicolons": (PLAIN.replace(",", ";").encode(), 2),
    "tabs": (PLAIN.replace(",", "\t").encode(), 2),
    "single quotes for quotes": ((HEADER + "30000001,2020-01-01,'Een, Twee',labour,,\n").encode(), 1),
    "a row that is too short": ((PLAIN + "30000003,2020-01-01,Derde\n").encode(), 3),
    "a row that is too long": ((PLAIN + "30000003,2020-01-01,Derde,labour,,,\n").encode(), 3),
    "a row that is too long and shifted": ((PLAIN + "30000003,2020-01-01,Derde, B.V.,labour,,\n").encode(), 3),
    "a row of one value": ((PLAIN + "einde\n").encode(), 3),
    "a quote that is never closed": ((PLAIN + '30000003,2020-01-01,"Derde,labour,,\n').encode(), 3),
    "text behind a closing quote": ((PLAIN + '30000003,2020-01-01,"Derde"B.V.,labour,,\n').encode(), 3),
    "lone carriage returns": (PLAIN.replace("\n", "\r").encode(), 2),
    "a lone carriage return as a line end": ((HEADER + FIRST.replace("\n", "\r") + SECOND).encode(), 2),
    "a title above the header": (("Levering van vandaag\n" + PLAIN).encode(), 2),
    "a line that tells the separator": (("sep=,\n" + PLAIN).encode(), 2),
    "a total below the rows": ((PLAIN + "Totaal: 2\n").encode(), 2),
}


def _with_own_numbers(number: int) -> bytes:
    """The file of a case, in which the organisations have other numbers than in every other file."""
    return list(READ.values())[number][0].replace(b"3000000", f"31{number:05d}".encode())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One delivery with all files that can be read, and one for each that cannot."""
    data = tmp_path_factory.mktemp("files")
    readable = [
        File(f"part-{number:03d}.csv", _with_own_numbers(number), len(names))
        for number, (_, names) in enumerate(READ.values())
    ]
    deliver(data, SPONSORS, *readable)
    for number, (content, rows) in enumerate(REFUSED.values()):
        deliver(data, SPONSORS, File("part-000.csv", content, rows), day=day_number(number))
    load(data, SPONSORS)
    return data


def _day(case: str) -> str:
    return day_number([*REFUSED].index(case))


def test_a_delivery_of_many_files_of_different_making_is_loaded(files: Path) -> None:
    entry = book(files, SPONSORS)
    assert (entry["status"], entry["reason"], entry["rows_rejected"]) == ("loaded", None, 0), rejected(files, SPONSORS)


@pytest.mark.parametrize("case", READ)
def test_a_csv_file_is_read_with(files: Path, case: str) -> None:
    number = list(READ).index(case)
    found = {row["kvk"]: row["name"] for row in raw(files, SPONSORS) if row["kvk"].startswith(f"31{number:05d}")}
    assert [found[kvk] for kvk in sorted(found)] == READ[case][1]


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\n", b"\r\n"], ids=["nothing", "a mark", "a line end", "CRLF"]
)
def test_a_csv_file_without_a_header_is_refused_even_when_no_rows_are_promised(tmp_path: Path, content: bytes) -> None:
    deliver(tmp_path, NOTICES, File("part-000.csv", content, 0))
    load(tmp_path, NOTICES)
    assert book(tmp_path, NOTICES)["status"] == "refused"


@pytest.mark.parametrize("case", REFUSED)
def test_a_csv_file_is_refused_for(files: Path, case: str) -> None:
    entry = book(files, SPONSORS, _day(case))
    assert entry["status"] == "refused"
    assert "part-000.csv" in entry["reason"]


@pytest.mark.parametrize(
    ("case", "byte"),
    [
        ("a byte of Latin-1", b"\xe9"),
        ("a byte that is never UTF-8", b"\xff"),
        ("half a character at the end", b"\xc3"),
        ("UTF-16", b"\xff"),
    ],
)
def test_the_reason_tells_the_offset_of_the_byte_that_is_not_utf8(files: Path, case: str, byte: bytes) -> None:
    assert str(REFUSED[case][0].index(byte)) in book(files, SPONSORS, _day(case))["reason"]


def test_a_blank_line_at_the_end_is_no_row(tmp_path: Path) -> None:
    deliver(tmp_path, SPONSORS, File("part-000.csv", PLAIN.encode() + b"\n", 2))
    load(tmp_path, SPONSORS)
    assert book(tmp_path, SPONSORS)["rows_accepted"] == 2


def test_a_row_number_counts_data_records_and_not_lines(tmp_path: Path) -> None:
    rows = [
        valid_row(SPONSORS, 1, name="over\ntwee regels"),
        valid_row(SPONSORS, 2, category="no_such_category"),
        valid_row(SPONSORS, 3, name="een\r\nander\nen nog een"),
        valid_row(SPONSORS, 4, name='met "aanhaling", komma\nen regel'),
        valid_row(SPONSORS, 5, name=None),
    ]
    deliver_rows(tmp_path, SPONSORS, rows)
    load(tmp_path, SPONSORS)
    assert [row["row_number"] for row in rejected(tmp_path, SPONSORS)] == [2, 5]
    assert book(tmp_path, SPONSORS)["rows_delivered"] == 5


def test_row_numbers_are_right_in_a_file_that_is_read_in_many_pieces(tmp_path: Path) -> None:
    wrong = {1, 2_047, 2_048, 2_049, 122_880, 122_881, 150_000}
    lines = [f'3{n:07d},2020-01-01,"naam\n{n}",{"x" if n in wrong else "labour"},,\n' for n in range(1, 150_001)]
    content = (HEADER + "".join(lines)).encode()
    deliver(tmp_path, SPONSORS, File("part-000.csv", content, len(lines)))
    load(tmp_path, SPONSORS)
    found = {row["row_number"]: row["row_json"] for row in rejected(tmp_path, SPONSORS)}
    assert set(found) == wrong
    assert all(f"3{number:07d}" in row_json for number, row_json in found.items())


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
