"""Every reason in the data files for which a delivery is refused whole: bytes, counts, columns, rows."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.feeds.reasons import Refused
from tests.feeds.deliveries import (
    DAY,
    NOTICE,
    SPONSOR,
    columns_of,
    csv_bytes,
    deliver,
    load_one,
    night_in,
    refused_as,
    rewrite,
    typed,
    write_manifest,
)

FEED = "ind_sponsor_notices"
NAME = "part-000.csv"


@pytest.fixture
def night(tmp_path):
    return night_in(tmp_path)


@pytest.fixture
def folder(night):
    """A good delivery of one row, to be spoiled."""
    return deliver(night, FEED, [NOTICE])


def test_content_with_another_hash_is_refused(night, folder):
    (folder / NAME).write_bytes((folder / NAME).read_bytes() + b"\n")
    refused_as(night, FEED, Refused.WRONG_HASH)


def test_the_hash_is_compared_without_regard_to_case(night, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["sha256"] = manifest["files"][0]["sha256"].upper()
    rewrite(folder, files=manifest["files"])
    assert load_one(night, FEED).status == "loaded"


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
@pytest.mark.parametrize("count", [0, 2])
def test_another_number_of_rows_than_the_manifest_says_is_refused(night, as_parquet, count):
    deliver(night, FEED, typed(FEED, [NOTICE]) if as_parquet else [NOTICE], count=count)
    assert refused_as(night, FEED, Refused.WRONG_COUNT).rows_delivered == count


def test_one_byte_that_is_not_utf8_refuses_the_delivery_and_names_its_offset(night):
    good = csv_bytes([NOTICE], columns_of(FEED))
    spoiled = good[:-1] + b"\xe9\n"
    deliver(night, FEED, spoiled)
    assert f"offset {len(good) - 1} " in refused_as(night, FEED, Refused.NOT_UTF8).reason


def test_the_offset_is_right_beyond_the_first_million_bytes(night):
    header = ",".join(columns_of(FEED)).encode() + b"\n"
    filler = b"x" * ((1 << 20) - len(header) - 1) + "é".encode()  # a letter across the border of two pieces
    deliver(night, FEED, header + filler + b"abc\xff\n")
    assert f"offset {len(header) + len(filler) + 3} " in refused_as(night, FEED, Refused.NOT_UTF8).reason


def test_utf16_is_refused_as_not_utf8(night):
    text = csv_bytes([NOTICE], columns_of(FEED)).decode()
    deliver(night, FEED, text.encode("utf-16"), count=1)
    assert "offset 0 " in refused_as(night, FEED, Refused.NOT_UTF8).reason


HEADER = ",".join(columns_of(FEED))
LINE = "N1,1234567890,12345678,wage_change,2026-11-01,,2026-11-10"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{LINE},extra\n",
        f"{HEADER}\n{LINE.rsplit(',', 1)[0]}\n",
        f'{HEADER}\n"{LINE}\n',
        f'{HEADER}\n"N1"x{LINE[2:]}\n',
        f"{HEADER}\n{LINE}\r\n{LINE}\n",
        f"{HEADER}\r{LINE}\r",
        f"{HEADER}\n{LINE}\n   \n",
        f"{HEADER}\n{LINE},\n",
        f"{HEADER}\n{LINE.replace('2026-11-10', '')},\n",
        f"{HEADER}\n{LINE}\r{LINE}\n",
        f'{HEADER}\n"N" 1{LINE[2:]}\n',
    ],
    ids=[
        "too many",
        "too few",
        "open quote",
        "after quote",
        "mixed line ends",
        "old mac",
        "spaces",
        "comma at the end",
        "shifted",
        "carriage return",
        "quote and space",
    ],
)
def test_a_row_that_cannot_be_delimited_makes_the_file_unreadable(night, text):
    deliver(night, FEED, text.encode(), count=1)
    reason = refused_as(night, FEED, Refused.UNREADABLE).reason
    assert "1234567890" not in reason


def test_the_reason_names_the_row_that_cannot_be_delimited(night):
    deliver(night, FEED, f'{HEADER}\n"N\n1"{LINE[2:]}\n{LINE},\n'.encode(), count=2)
    assert refused_as(night, FEED, Refused.UNREADABLE).reason == "'part-000.csv': row 2 has 8 values, the header has 7"


def test_a_parquet_file_that_is_none_is_unreadable(night):
    deliver(night, FEED, b"PAR1 but not really PAR1", name="part-000.parquet", count=1)
    refused_as(night, FEED, Refused.UNREADABLE)


def test_a_parquet_file_damaged_in_its_pages_is_unreadable(night):
    rows = [{**NOTICE, "notice_id": f"N{n:06}"} for n in range(20_000)]
    folder = deliver(night, FEED, typed(FEED, rows))
    path = folder / "part-000.parquet"
    content = bytearray(path.read_bytes())
    content[200:4000] = bytes(b ^ 0x5A for b in content[200:4000])
    path.write_bytes(bytes(content))
    write_manifest(folder, FEED, {path.name: len(rows)})
    refused_as(night, FEED, Refused.UNREADABLE)


def without(name):
    return [column for column in columns_of(FEED) if column != name]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (without("until_on"), Refused.COLUMN_MISSING),
        (without("kind"), Refused.COLUMN_MISSING),
        ([*columns_of(FEED), "extra"], Refused.COLUMN_UNKNOWN),
        ([*without("kind"), "Kind"], Refused.COLUMN_UNKNOWN),
        ([*columns_of(FEED), "kind"], Refused.COLUMN_DOUBLED),
        ([*columns_of(FEED), " kind "], Refused.COLUMN_DOUBLED),
        (["a", "b"], Refused.COLUMN_MISSING),
    ],
    ids=str,
)
def test_columns_must_be_those_of_the_contract_in_csv(night, header, code):
    line = ",".join(NOTICE.get(name.strip(), "") or "" for name in header)
    deliver(night, FEED, f"{','.join(header)}\n{line}\n".encode())
    refused_as(night, FEED, code)


def arrow(header):
    return pa.Table.from_arrays([pa.array([NOTICE.get(n.strip())], pa.string()) for n in header], names=header)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (without("until_on"), Refused.COLUMN_MISSING),
        ([*columns_of(FEED), "extra"], Refused.COLUMN_UNKNOWN),
        ([*without("kind"), "Kind"], Refused.COLUMN_UNKNOWN),
        ([*columns_of(FEED), "kind"], Refused.COLUMN_DOUBLED),
    ],
    ids=str,
)
def test_columns_must_be_those_of_the_contract_in_parquet(night, header, code):
    folder = night.landing / FEED / DAY
    folder.mkdir(parents=True)
    pq.write_table(arrow(header), folder / "part-000.parquet")
    write_manifest(folder, FEED, {"part-000.parquet": 1})
    refused_as(night, FEED, code)


def test_a_csv_file_without_a_header_line_does_not_show_its_first_row(night):
    deliver(night, FEED, f"{LINE}\n".encode(), count=0)
    reason = refused_as(night, FEED, Refused.COLUMN_MISSING).reason
    assert "is the header line missing?" in reason
    assert "1234567890" not in reason


def test_a_file_of_no_bytes_has_no_columns(night):
    deliver(night, FEED, b"", count=0)
    refused_as(night, FEED, Refused.COLUMN_MISSING)


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_a_full_delivery_without_rows_is_refused(night, as_parquet):
    deliver(night, "ind_sponsors", typed("ind_sponsors", [SPONSOR]).clear() if as_parquet else [])
    refused_as(night, "ind_sponsors", Refused.EMPTY_FULL)


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_a_delta_without_rows_is_accepted(night, as_parquet):
    deliver(night, FEED, typed(FEED, [NOTICE]).clear() if as_parquet else [])
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.rows_delivered, outcome.rows_accepted) == ("loaded", 0, 0)
