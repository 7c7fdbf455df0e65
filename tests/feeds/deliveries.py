"""Deliveries for tests: literal rows in, a delivery folder with its manifest out.

Belongs here: writing files as a supplier would, and valid rows to spoil. Does not belong here: what a test means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from assets.feeds.loading import DeliveryOutcome, load_feed
from assets.feeds.night import Night
from quality.contract import feed_contracts

DAY = "2026-11-22"
AS_OF = date(2026, 11, 23)

NOTICE = {
    "notice_id": "N1",
    "v_number": "1234567890",
    "sponsor_kvk": "12345678",
    "kind": "wage_change",
    "event_on": "2026-11-01",
    "until_on": None,
    "received_on": "2026-11-10",
}
PERMIT = {
    "application_id": "A000000001",
    "v_number": "1234567890",
    "bsn": "123456781",
    "travel_document": "NX 12-34567",
    "birth_month": "1990-05-01",
    "sex": "V",
    "nationality": "IN",
    "free_movement": "false",
    "scheme": "hsm",
    "application_kind": "first",
    "received_on": "2026-01-10",
    "decided_on": "2026-01-20",
    "decision": "granted",
    "refusal_ground": None,
    "valid_from": "2026-02-01",
    "valid_until": "2031-01-31",
    "ended_on": None,
    "end_reason": None,
    "sponsor_kvk": "12345678",
    "sponsor_name": "Voorbeeld B.V.",
    "workplace_kvk": None,
    "workplace_postcode4": "3511",
    "occupation_isco": "2512",
    "norm_category": "hsm_30_plus",
    "salary_month_eur": "6200.50",
    "hours_week": "40",
    "degree_on": None,
}
SPONSOR = {
    "kvk": "12345678",
    "recognised_on": "2020-01-01",
    "name": "Voorbeeld B.V.",
    "category": "labour",
    "ended_on": None,
    "end_reason": None,
}
WAGE = {
    "employer_number": "123456789L01",
    "bsn": "123456781",
    "income_relation": "1",
    "period_start": "2026-09-01",
    "period_end": "2026-09-30",
    "income_kind": "15",
    "work_relation": "1",
    "contract_wage_eur": "6200.00",
    "wage_in_money_eur": "6200.00",
    "wage_in_kind_eur": None,
    "taxable_wage_eur": "6100.00",
    "holiday_allowance_eur": None,
    "extra_wage_eur": None,
    "hours_paid": "168",
    "contract_hours_week": "40",
    "reduced_income_code": None,
    "cao_code": "1234",
}
POSTING = {
    "notification_id": "M1",
    "version": "1",
    "worker_document": "PL123X",
    "submitted_on": "2026-10-01",
    "kind": "regular",
    "employer_vat": "PL1234567890",
    "employer_name": "Przykład Sp. z o.o.",
    "employer_country": "PL",
    "employer_is_agency": "false",
    "client_kvk": "12345678",
    "client_name": "Voorbeeld B.V.",
    "client_confirmed_on": None,
    "sbi2": "41",
    "occupation_isco": None,
    "place_id": "0363200000123456",
    "work_postcode4": "1011",
    "starts_on": "2026-10-05",
    "ends_on": "2026-12-05",
    "worker_birth_month": None,
    "worker_nationality": "UA",
    "worker_free_movement": "false",
    "home_permit_until": None,
    "home_employed_since": None,
    "hourly_wage_eur": "17.25",
}
VERDICT = {
    "case_ref": "C1",
    "reviewer": "r.jansen",
    "decided_on": "2026-11-20",
    "verdict": "unclear",
    "legal_ground": None,
    "explanation": None,
}
REGISTER = {"snapshot_on": "2026-11-01", "organisation": "Voorbeeld B.V.", "kvk": "12345678"}
OFFICER = {
    "kvk": "12345678",
    "officer_number": "F-1",
    "officer_bsn": "123456781",
    "role": "director",
    "from_on": "2019-01-01",
    "until_on": None,
}

Row = Mapping[str, Any]


def night_in(folder: Path, as_of: date = AS_OF, run_id: str = "run-a") -> Night:
    """A night on the data folder `folder`."""
    return Night(data=folder, as_of=as_of, run_id=run_id)


def csv_bytes(rows: Sequence[Row], header: Sequence[str]) -> bytes:
    """Rows as a plain CSV file with a header line."""
    frame = pl.DataFrame(
        [{name: row.get(name) for name in header} for row in rows], schema=dict.fromkeys(header, pl.String)
    )
    return frame.write_csv().encode()


def columns_of(feed: str) -> list[str]:
    """The columns of a feed in the order of its contract."""
    return [f.name for f in feed_contracts()[feed].table.fields]


def typed(feed: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Literal rows as a frame in the natural Parquet types of the contract."""
    kinds = {
        "string": pl.String,
        "integer": pl.Int64,
        "number": pl.Float64,
        "boolean": pl.Boolean,
        "date": pl.Date,
    }
    fields = feed_contracts()[feed].table.fields
    frame = pl.DataFrame(
        [{f.name: row.get(f.name) for f in fields} for row in rows],
        schema={f.name: pl.String for f in fields},
    )
    casts = []
    for f in fields:
        if f.kind == "date":
            casts.append(pl.col(f.name).str.to_date("%Y-%m-%d"))
        elif f.kind == "boolean":
            casts.append(pl.col(f.name) == "true")
        else:
            casts.append(pl.col(f.name).cast(kinds[f.kind]))
    return frame.with_columns(casts)


def write_manifest(
    folder: Path, feed: str, files: Mapping[str, int], day: str = DAY, **changes: object
) -> dict[str, Any]:
    """Write the manifest of the files (name -> rows) in `folder`; `changes` replace or add keys."""
    manifest: dict[str, Any] = {
        "feed": feed,
        "contract_version": feed_contracts()[feed].version,
        "delivered_on": day,
        "mode": feed_contracts()[feed].delivery_mode,
        "period_from": day,
        "period_until": day,
        "files": [
            {"name": name, "rows": rows, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
            for name, rows in files.items()
        ],
    }
    manifest.update(changes)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return manifest


def deliver(
    night: Night,
    feed: str,
    rows: Sequence[Row] | pl.DataFrame | bytes,
    *,
    day: str = DAY,
    name: str = "",
    count: int | None = None,
    **changes: object,
) -> Path:
    """Write one delivery: literal rows as CSV, a frame as Parquet, bytes as they are; returns its folder."""
    folder = night.landing / feed / day
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(rows, pl.DataFrame):
        name = name or "part-000.parquet"
        rows.write_parquet(folder / name)
        number = rows.height
    elif isinstance(rows, bytes):
        name = name or "part-000.csv"
        (folder / name).write_bytes(rows)
        number = rows.count(b"\n") - 1
    else:
        name = name or "part-000.csv"
        (folder / name).write_bytes(csv_bytes(rows, columns_of(feed)))
        number = len(rows)
    write_manifest(folder, feed, {name: number if count is None else count}, day, **changes)
    return folder


def load(night: Night, feed: str) -> list[DeliveryOutcome]:
    """Load the feed and return the outcomes."""
    return load_feed(night, feed_contracts()[feed], log=lambda _: None)


def load_one(night: Night, feed: str) -> DeliveryOutcome:
    """Load the feed, which has exactly one delivery to speak of."""
    (outcome,) = load(night, feed)
    return outcome


def table(night: Night, name: str) -> pl.DataFrame:
    """A table of the warehouse."""
    with night.warehouse.reading() as session:
        return session.table(name)


def refused_as(night, feed, code):
    """The outcome of the only delivery, which must be refused for `code` and leave no row behind."""
    outcome = load_one(night, feed)
    assert (outcome.status, outcome.reason_code) == ("refused", code.value), outcome
    with night.warehouse.reading() as session:
        entry = session.table("meta.deliveries").to_dicts()[-1]
        assert session.count(f"raw.{feed}") == session.count("raw.rejected_rows") == 0
    assert (entry["status"], entry["reason_code"], entry["reason"]) == ("refused", code.value, outcome.reason)
    assert (entry["rows_accepted"], entry["rows_rejected"]) == (0, 0)
    return outcome


def rewrite(folder, **changes):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(manifest))
