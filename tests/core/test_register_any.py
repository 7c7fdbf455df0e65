"""Whatever the snapshots hold: spells cover every presence once, and movements add up."""

from datetime import date
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import warehouse_with
from tests.core.register_words import Register

LINES = st.tuples(
    st.sampled_from(["Acme", "Acme B.V.", "Bolt", "Bolt &amp; Co", "Civa"]),
    st.sampled_from([None, "00000000", "11111111", "22222222", "33333333"]),
)
SNAPSHOTS = st.lists(st.sets(LINES, min_size=1, max_size=6), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(SNAPSHOTS)
def test_spells_cover_every_presence_once_and_movements_add_up(snapshots):
    rows = [
        {"snapshot_on": date(2024, month, 1), "organisation": name, "kvk": number}
        for month, lines in enumerate(snapshots, start=1)
        for name, number in sorted(lines, key=str)
    ]
    found = Register(warehouse_with({"raw.ind_public_register": rows}))
    numbered = found.entries.group_by("snapshot_on").agg(pl.col("kvk").count()).filter(pl.col("kvk") > 0)
    days = sorted(numbered["snapshot_on"])
    present = {day: set(found.entries.filter(pl.col("snapshot_on") == day)["organisation_key"]) for day in days}
    spells = found.all_spells.rows(named=True)
    covered = [
        (day, spell["organisation_key"])
        for spell in spells
        for day in days
        if spell["first_seen_on"] <= day <= spell["last_seen_on"]
    ]
    assert sorted(covered) == sorted((day, key) for day in days for key in present[day])
    comparable = found.all_movements.filter("is_comparable").rows(named=True)
    assert [(row["snapshot_from"], row["snapshot_until"]) for row in comparable] == list(pairwise(days))
    for row in comparable:
        before, after = present[row["snapshot_from"]], present[row["snapshot_until"]]
        at_once = sum(
            spell["exit_kind"] == "renumbered" and spell["left_before"] == row["snapshot_until"] for spell in spells
        )
        assert row["entered"] + row["renumbered"] == len(after - before)
        assert row["left_register"] + at_once == len(before - after)
