"""Whatever a supplier sends: rows add up or the delivery is refused, nothing crashes, and nobody is shown."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feeds.deliveries import (
    DAY,
    PERMIT,
    POSTING,
    columns_of,
    csv_bytes,
    deliver,
    load_one,
    night_in,
    table,
    write_manifest,
)

SETTINGS = settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)

PERMITS = [
    {
        **PERMIT,
        "application_id": f"A{n:09}",
        "v_number": f"98765{n:05}",
        "bsn": f"87654{n:04}",
        "travel_document": f"NXQZ{n:05}K",
        "scheme": "hsm" if n else "x",
    }
    for n in range(4)
]
SECRETS = [row[name] for row in PERMITS for name in ("v_number", "bsn", "travel_document")]
GOOD = csv_bytes(PERMITS, columns_of("ind_permits"))

mutations = st.lists(
    st.tuples(
        st.sampled_from(["put", "insert", "delete", "double", "swap"]),
        st.integers(0, len(GOOD) - 1),
        st.sampled_from([b",", b'"', b"\n", b"\r\n", b"\x00", b"\xff", b"\xc3\xa9", b" ", b";", b"9", b"'", b"\\"]),
        st.integers(1, 30),
    ),
    min_size=1,
    max_size=3,
)


def mutated(content, changes):
    for kind, place, piece, length in changes:
        at = place % max(len(content), 1)
        if kind == "put":
            content = content[:at] + piece + content[at + len(piece) :]
        elif kind == "insert":
            content = content[:at] + piece + content[at:]
        elif kind == "delete":
            content = content[:at] + content[at + length :]
        elif kind == "double":
            content = content[:at] + content[at : at + length] + content[at:]
        else:
            lines = content.split(b"\n")
            lines.reverse()
            content = b"\n".join(lines)
    return content


def outcome_of(deliver_into):
    """The outcome of one delivery in a folder of its own, its rows added up, and all that was stored, as text."""
    with tempfile.TemporaryDirectory() as name:
        night = night_in(Path(name))
        feed = deliver_into(night)
        outcome = load_one(night, feed)
        stored = "\n".join(
            repr(table(night, t).rows()) for t in ("raw.rejected_rows", "meta.deliveries", f"raw.{feed}")
        )
        accepted, rejected = table(night, f"raw.{feed}").height, table(night, "raw.rejected_rows").height
        if outcome.status == "loaded":
            assert outcome.rows_delivered == outcome.rows_accepted + outcome.rows_rejected
            assert (outcome.rows_accepted, outcome.rows_rejected) == (accepted, rejected)
            assert all(json.loads(text) for text in table(night, "raw.rejected_rows")["row_json"])
        else:
            assert outcome.status == "refused"
            assert (accepted, rejected) == (0, 0)
        shutil.rmtree(night.data)
        return outcome, stored


@SETTINGS
@given(changes=mutations, rows=st.integers(2, 6))
def test_a_damaged_csv_file_adds_up_or_is_refused_and_shows_nobody(changes, rows):
    def deliver_into(night):
        deliver(night, "ind_permits", mutated(GOOD, changes), count=rows)
        return "ind_permits"

    _, stored = outcome_of(deliver_into)
    assert [secret for secret in SECRETS if secret in stored] == []


arrays = st.one_of(
    st.lists(st.one_of(st.none(), st.text(max_size=12)), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.string())
    ),
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.int64())
    ),
    st.lists(st.one_of(st.none(), st.integers(0, 2**64 - 1)), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.uint64())
    ),
    st.lists(st.one_of(st.none(), st.floats()), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.float64())),
    st.lists(st.booleans(), min_size=3, max_size=3).map(pa.array),
    st.lists(st.binary(max_size=4), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.binary())),
    st.lists(st.dates(), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.date32())),
    st.lists(st.datetimes(), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.timestamp("us"))),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.int32()).cast(pa.date32())
    ),
    st.lists(st.times(), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.time64("us"))),
    st.lists(st.lists(st.integers(0, 9), max_size=2), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.list_(pa.int8()))
    ),
    st.decimals(-1e6, 1e6, places=3).map(lambda v: pa.array([v] * 3, pa.decimal128(20, 3))),
    st.just(pa.nulls(3)),
)


@SETTINGS
@given(spoiled=st.dictionaries(st.sampled_from(columns_of("szw_postings")), arrays, max_size=6))
def test_parquet_columns_of_any_type_add_up_or_are_refused(spoiled):
    rows = [{**POSTING, "notification_id": f"M{n}"} for n in range(3)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns_of("szw_postings"), pl.String)).to_arrow()
    for name, array in spoiled.items():
        frame = frame.set_column(frame.column_names.index(name), name, array)

    def deliver_into(night):
        folder = night.landing / "szw_postings" / DAY
        folder.mkdir(parents=True)
        pq.write_table(frame, folder / "part.parquet")
        write_manifest(folder, "szw_postings", {"part.parquet": 3})
        return "szw_postings"

    outcome_of(deliver_into)


@SETTINGS
@given(texts=st.lists(st.text(max_size=30), min_size=len(columns_of("szw_postings")), max_size=40))
def test_any_text_in_any_field_adds_up(texts):
    row = dict(zip(columns_of("szw_postings"), texts, strict=False))
    clean = {name: text.encode("utf-8", "replace").decode() for name, text in row.items()}

    def deliver_into(night):
        deliver(night, "szw_postings", [POSTING, clean])
        return "szw_postings"

    outcome, _ = outcome_of(deliver_into)
    assert outcome.status == "loaded"
