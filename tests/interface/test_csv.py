"""CSV as suppliers write it: which files can be read; what their texts say stands in `test_csv_values`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interface.deliveries import (
    File,
    book,
    day_number,
    deliver,
    deliver_rows,
    load,
    raw,
    rejected,
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
