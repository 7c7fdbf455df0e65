"""The sample deliveries of the real feeds: true to their manifests, and never in the way of a real delivery."""

import csv
import hashlib
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from assets.feeds.public_samples import deliver_public_samples, public_samples
from quality.contract import feed_contracts
from quality.reference.tables import FOLDER

REGISTER = [path for path in public_samples() if path.parent.name == "ind_public_register"]


def rows_of(delivery: Path) -> list[dict[str, str]]:
    (name,) = (entry["name"] for entry in manifest_of(delivery)["files"])
    with (delivery / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def manifest_of(delivery: Path) -> dict:
    return json.loads((delivery / "manifest.json").read_text())


def test_there_are_six_snapshots_of_the_register_and_one_delivery_of_figures():
    assert [f"{path.parent.name}/{path.name}" for path in public_samples()] == [
        "ind_public_register/2016-07-26",
        "ind_public_register/2024-08-02",
        "ind_public_register/2024-12-03",
        "ind_public_register/2025-01-08",
        "ind_public_register/2025-02-03",
        "ind_public_register/2025-03-04",
        "public_volumes/2026-11-23",
    ]


@pytest.mark.parametrize("delivery", public_samples(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_manifest_tells_the_truth_about_its_delivery(delivery):
    manifest = manifest_of(delivery)
    contract = feed_contracts()[delivery.parent.name]
    assert manifest["feed"] == contract.feed
    assert manifest["contract_version"] == contract.version
    assert manifest["mode"] == contract.delivery_mode
    assert manifest["delivered_on"] == delivery.name
    assert not manifest.get("stand_in", False)
    (entry,) = manifest["files"]
    assert entry["sha256"] == hashlib.sha256((delivery / entry["name"]).read_bytes()).hexdigest()
    assert entry["rows"] == len(rows_of(delivery))
    assert sorted(path.name for path in delivery.iterdir()) == sorted([entry["name"], "manifest.json"])


@pytest.mark.parametrize("delivery", public_samples(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_row_has_the_columns_and_values_of_the_contract(delivery):
    fields = feed_contracts()[delivery.parent.name].table.fields
    rows = rows_of(delivery)
    assert set(rows[0]) == {field.name for field in fields}
    for field in fields:
        values = [row[field.name] for row in rows]
        assert all(value.strip() for value in values) or not field.required
        if field.pattern:
            assert all(re.fullmatch(field.pattern, value) for value in values if value)
        if field.closed_list:
            assert set(values) <= set(field.closed_list)


def test_every_line_of_a_snapshot_carries_the_day_of_its_folder():
    for delivery in REGISTER:
        assert {row["snapshot_on"] for row in rows_of(delivery)} == {delivery.name}


def test_the_lines_that_the_register_has_twice_are_left_in_for_arrival_to_reject():
    twice = {
        delivery.name: sorted(
            line[1] for line, times in Counter(tuple(r.values()) for r in rows_of(delivery)).items() if times > 1
        )
        for delivery in REGISTER
    }
    later = ["ITX Merken B.V.", "Stolt-Nielsen B.V."]
    assert twice == {
        "2016-07-26": ["International Step by Step Association"],
        "2024-08-02": later,
        "2024-12-03": later,
        "2025-01-08": later,
        "2025-02-03": later,
        "2025-03-04": later,
    }


def test_the_published_figures_are_those_of_the_reference_and_no_key_repeats():
    (delivery,) = (path for path in public_samples() if path.parent.name == "public_volumes")
    assert (delivery / "volumes.csv").read_bytes() == (FOLDER / "volumes.csv").read_bytes()
    key = [field.name for field in feed_contracts()["public_volumes"].table.key]
    keys = Counter(tuple(row[name] for name in key) for row in rows_of(delivery))
    assert max(keys.values()) == 1
    assert len(keys) == 191
    assert not [row for row in rows_of(delivery) if row["population_definition"] == "same"]
    assert date.fromisoformat(delivery.name) == date(2026, 11, 23)


def test_the_samples_are_delivered_once_and_a_second_time_nothing(tmp_path):
    delivered = deliver_public_samples(tmp_path)
    assert [path.relative_to(tmp_path) for path in delivered] == [
        Path(sample.parent.name, sample.name) for sample in public_samples()
    ]
    for path, sample in zip(delivered, public_samples(), strict=True):
        assert {p.name: p.read_bytes() for p in path.iterdir()} == {p.name: p.read_bytes() for p in sample.iterdir()}
    assert deliver_public_samples(tmp_path) == []


def test_a_delivery_that_stands_there_is_never_overwritten(tmp_path):
    own = tmp_path / "ind_public_register" / "2024-08-02"
    own.mkdir(parents=True)
    (own / "register.csv").write_text("snapshot_on,organisation,kvk\n2024-08-02,Eigen B.V.,12345678\n")
    assert own not in deliver_public_samples(tmp_path)
    assert [path.name for path in own.iterdir()] == ["register.csv"]


def test_a_copy_that_was_cut_short_is_finished(tmp_path):
    (first, *_) = deliver_public_samples(tmp_path)
    (first / "manifest.json").unlink()
    (data,) = first.iterdir()
    data.rename(first / f"{data.name}.tmp")
    assert deliver_public_samples(tmp_path) == [first]
    assert sorted(path.name for path in first.iterdir()) == ["2016-07-26.csv", "manifest.json"]
