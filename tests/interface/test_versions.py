"""Versions go by day of delivery: what supersedes what, whatever the order of loading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.interface.deliveries import (
    Row,
    book,
    current,
    deliver_rows,
    landing_state,
    load,
    raw,
    rejected,
    table,
    valid_row,
)

NOTICES, SPONSORS, EMPLOYERS, PEERS = "ind_sponsor_notices", "ind_sponsors", "posting_employers", "uwv_peer_wages"
ONE, TWO, THREE, FOUR = "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"

Version = tuple[str, str, str, str, str | None]


def versions(data: Path, feed: str, key: str, shown: str) -> list[Version]:
    """All versions as key, a value, day of delivery, valid from and valid until, in order."""
    found = [
        (
            str(row[key]),
            str(row[shown]),
            str(row["delivered_on"]),
            str(row["valid_from_delivery"]),
            None if row["valid_until_delivery"] is None else str(row["valid_until_delivery"]),
        )
        for row in raw(data, feed)
    ]
    return sorted(found, key=str)


def notices(data: Path) -> list[Version]:
    return versions(data, NOTICES, "notice_id", "kind")


def notice(number: int, kind: str = "wage_change") -> Row:
    return valid_row(NOTICES, number, notice_id=f"N{number}", kind=kind)


def sponsor(number: int, name: str = "Eerste") -> Row:
    return valid_row(SPONSORS, number, kvk=f"3000000{number}", name=name)


def sponsors(data: Path) -> list[Version]:
    return versions(data, SPONSORS, "kvk", "name")


def test_a_delta_adds_and_supersedes_and_the_earlier_row_stays_with_its_validity(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1), notice(2)], day=ONE)
    deliver_rows(tmp_path, NOTICES, [notice(1, "sick_leave"), notice(3)], day=TWO)
    load(tmp_path, NOTICES)
    assert notices(tmp_path) == [
        ("N1", "sick_leave", TWO, TWO, None),
        ("N1", "wage_change", ONE, ONE, TWO),
        ("N2", "wage_change", ONE, ONE, None),
        ("N3", "wage_change", TWO, TWO, None),
    ]


def test_a_full_delivery_replaces_the_state_of_the_feed_from_its_date_on(tmp_path: Path) -> None:
    deliver_rows(tmp_path, SPONSORS, [sponsor(1), sponsor(2), sponsor(3)], day=ONE)
    deliver_rows(tmp_path, SPONSORS, [sponsor(2, "Anders"), sponsor(3), sponsor(4)], day=TWO)
    load(tmp_path, SPONSORS)
    assert sponsors(tmp_path) == [
        ("30000001", "Eerste", ONE, ONE, TWO),
        ("30000002", "Anders", TWO, TWO, None),
        ("30000002", "Eerste", ONE, ONE, TWO),
        ("30000003", "Eerste", ONE, ONE, None),
        ("30000004", "Eerste", TWO, TWO, None),
    ]


def test_a_row_that_a_full_delivery_left_out_may_come_back(tmp_path: Path) -> None:
    deliver_rows(tmp_path, SPONSORS, [sponsor(1), sponsor(2)], day=ONE)
    deliver_rows(tmp_path, SPONSORS, [sponsor(2)], day=TWO)
    deliver_rows(tmp_path, SPONSORS, [sponsor(1), sponsor(2)], day=THREE)
    load(tmp_path, SPONSORS)
    assert sponsors(tmp_path) == [
        ("30000001", "Eerste", ONE, ONE, TWO),
        ("30000001", "Eerste", THREE, THREE, None),
        ("30000002", "Eerste", ONE, ONE, None),
    ]


def test_a_full_reload_of_a_feed_of_deltas_ends_what_it_leaves_out(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1), notice(2)], day=ONE)
    deliver_rows(tmp_path, NOTICES, [notice(2), notice(3)], day=TWO, mode="full")
    load(tmp_path, NOTICES)
    assert notices(tmp_path) == [
        ("N1", "wage_change", ONE, ONE, TWO),
        ("N2", "wage_change", ONE, ONE, None),
        ("N3", "wage_change", TWO, TWO, None),
    ]


def test_the_same_rows_under_a_new_date_are_accepted_and_supersede_nothing(tmp_path: Path) -> None:
    rows = [notice(1), notice(2)]
    deliver_rows(tmp_path, NOTICES, rows, day=ONE)
    load(tmp_path, NOTICES)
    before = notices(tmp_path)
    deliver_rows(tmp_path, NOTICES, rows, day=TWO)
    load(tmp_path, NOTICES)
    assert notices(tmp_path) == before
    entry = book(tmp_path, NOTICES, TWO)
    assert (entry["status"], entry["rows_accepted"], entry["rows_rejected"]) == ("loaded", 2, 0)


def test_a_delta_dated_before_a_full_goes_into_history_only(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1)], day=TWO, mode="full")
    load(tmp_path, NOTICES)
    deliver_rows(tmp_path, NOTICES, [notice(1, "sick_leave"), notice(2)], day=ONE)
    load(tmp_path, NOTICES)
    assert notices(tmp_path) == [
        ("N1", "sick_leave", ONE, ONE, TWO),
        ("N1", "wage_change", TWO, TWO, None),
        ("N2", "wage_change", ONE, ONE, TWO),
    ]


def test_a_late_older_delivery_is_put_in_its_place(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1)], day=ONE)
    deliver_rows(tmp_path, NOTICES, [notice(1, "sick_leave")], day=THREE)
    load(tmp_path, NOTICES)
    deliver_rows(tmp_path, NOTICES, [notice(1, "unpaid_leave"), notice(2)], day=TWO)
    load(tmp_path, NOTICES, run_id="run-2")
    assert notices(tmp_path) == [
        ("N1", "sick_leave", THREE, THREE, None),
        ("N1", "unpaid_leave", TWO, TWO, THREE),
        ("N1", "wage_change", ONE, ONE, TWO),
        ("N2", "wage_change", TWO, TWO, None),
    ]


DELIVERIES: dict[str, tuple[str, list[Row]]] = {
    ONE: ("delta", [notice(1), notice(2), notice(3)]),
    TWO: ("full", [notice(1), notice(2, "sick_leave"), notice(4)]),
    THREE: ("delta", [notice(1, "unpaid_leave"), notice(3), notice(4)]),
    FOUR: ("delta", [notice(1), notice(4, "sick_leave")]),
}


def test_every_order_of_loading_gives_the_same_history(tmp_path: Path) -> None:
    histories = {}
    for order in [(ONE, TWO, THREE, FOUR), (FOUR, THREE, TWO, ONE), (THREE, ONE, FOUR, TWO)]:
        data = tmp_path / "-".join(order)
        for day in order:
            mode, rows = DELIVERIES[day]
            deliver_rows(data, NOTICES, rows, day=day, mode=mode)
            load(data, NOTICES)
        histories[order] = notices(data)
    first, *others = histories.values()
    assert first == [
        ("N1", "unpaid_leave", THREE, THREE, FOUR),
        ("N1", "wage_change", ONE, ONE, THREE),
        ("N1", "wage_change", FOUR, FOUR, None),
        ("N2", "sick_leave", TWO, TWO, None),
        ("N2", "wage_change", ONE, ONE, TWO),
        ("N3", "wage_change", ONE, ONE, TWO),
        ("N3", "wage_change", THREE, THREE, None),
        ("N4", "sick_leave", FOUR, FOUR, None),
        ("N4", "wage_change", TWO, TWO, FOUR),
    ]
    assert all(other == first for other in others)


def employer(number: int, day: str, staff: int = 10) -> Row:
    return valid_row(EMPLOYERS, number, observed_on=day, home_staff=str(staff))


def employers(data: Path) -> list[Version]:
    return versions(data, EMPLOYERS, "observed_on", "home_staff")


def test_a_full_delivery_of_dated_pictures_replaces_its_dates_and_leaves_the_others_alone(tmp_path: Path) -> None:
    deliver_rows(tmp_path, EMPLOYERS, [employer(1, "2026-09-01"), employer(1, "2026-10-01")], day=ONE)
    deliver_rows(tmp_path, EMPLOYERS, [employer(2, "2026-10-01", 20), employer(1, "2026-11-01", 30)], day=TWO)
    load(tmp_path, EMPLOYERS)
    assert employers(tmp_path) == [
        ("2026-09-01", "10", ONE, ONE, None),
        ("2026-10-01", "10", ONE, ONE, TWO),
        ("2026-10-01", "20", TWO, TWO, None),
        ("2026-11-01", "30", TWO, TWO, None),
    ]


def test_a_full_delivery_of_years_replaces_its_years_and_leaves_the_others_alone(tmp_path: Path) -> None:
    deliver_rows(tmp_path, PEERS, [valid_row(PEERS, 1, year="2024"), valid_row(PEERS, 1, year="2025")], day=ONE)
    deliver_rows(tmp_path, PEERS, [valid_row(PEERS, 2, year="2025")], day=TWO)
    load(tmp_path, PEERS)
    assert sorted((row["year"], row["occupation_isco"]) for row in current(tmp_path, PEERS)) == [
        (2024, "2001"),
        (2025, "2002"),
    ]


@pytest.mark.parametrize("order", [(TWO, THREE, ONE), (THREE, ONE, TWO)])
def test_dated_pictures_have_the_same_history_in_every_order_of_loading(tmp_path: Path, order: tuple[str, ...]) -> None:
    content = {
        ONE: [employer(1, "2026-09-01"), employer(2, "2026-09-01", 5)],
        TWO: [employer(1, "2026-09-01", 11), employer(3, "2026-10-01")],
        THREE: [employer(2, "2026-09-01", 5), employer(1, "2026-10-01")],
    }
    for day in order:
        deliver_rows(tmp_path, EMPLOYERS, content[day], day=day)
        load(tmp_path, EMPLOYERS)
    assert employers(tmp_path) == [
        ("2026-09-01", "10", ONE, ONE, TWO),
        ("2026-09-01", "11", TWO, TWO, THREE),
        ("2026-09-01", "5", ONE, ONE, TWO),
        ("2026-09-01", "5", THREE, THREE, None),
        ("2026-10-01", "10", TWO, TWO, THREE),
        ("2026-10-01", "10", THREE, THREE, None),
    ]


def test_a_rejected_row_supersedes_nothing(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1)], day=ONE)
    deliver_rows(tmp_path, NOTICES, [notice(1, "no_such_kind"), notice(2)], day=TWO)
    load(tmp_path, NOTICES)
    assert [v[:2] for v in notices(tmp_path)] == [("N1", "wage_change"), ("N2", "wage_change")]
    assert {v[4] for v in notices(tmp_path)} == {None}


def test_a_key_in_another_normal_form_supersedes_the_earlier_row(tmp_path: Path) -> None:
    for day, name, kind in ((ONE, "N\u00e9", "wage_change"), (TWO, "Ne\u0301", "sick_leave")):
        deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1, notice_id=name, kind=kind)], day=day)
    load(tmp_path, NOTICES)
    assert [row["kind"] for row in current(tmp_path, NOTICES)] == ["sick_leave"]


def test_an_identifier_in_another_spelling_is_the_same_key(tmp_path: Path) -> None:
    feed = "szw_postings"
    for day, document, client in ((ONE, "AB 12-34", "Een"), (TWO, "ab1234", "Twee")):
        deliver_rows(tmp_path, feed, [valid_row(feed, 1, worker_document=document, client_name=client)], day=day)
    load(tmp_path, feed)
    assert [row["client_name"] for row in current(tmp_path, feed)] == ["Twee"]


def _everything(data: Path, *feeds: str) -> dict[str, list[dict[str, Any]]]:
    names = ["raw.rejected_rows", "meta.deliveries", *(f"raw.{feed}" for feed in feeds)]
    return {name: sorted(table(data, name).to_dicts(), key=str) for name in names}


def test_a_second_run_changes_nothing_and_landing_is_never_touched(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1), notice(2, "no_such_kind")], day=ONE)
    deliver_rows(tmp_path, NOTICES, [notice(1, "sick_leave")], day=TWO)
    deliver_rows(tmp_path, NOTICES, [notice(3)], day=THREE, mode="incremental")
    (deliver_rows(tmp_path, NOTICES, [notice(4)], day=FOUR) / "manifest.json").unlink()
    deliver_rows(tmp_path, SPONSORS, [sponsor(1)], day=ONE)
    landing = landing_state(tmp_path)
    for feed in (NOTICES, SPONSORS):
        load(tmp_path, feed)
    first = _everything(tmp_path, NOTICES, SPONSORS)
    for feed in (NOTICES, SPONSORS):
        load(tmp_path, feed, run_id="run-2")
    assert _everything(tmp_path, NOTICES, SPONSORS) == first
    assert landing_state(tmp_path) == landing


def test_rejected_rows_accumulate_over_runs(tmp_path: Path) -> None:
    deliver_rows(tmp_path, NOTICES, [notice(1, "x")], day=ONE)
    load(tmp_path, NOTICES)
    deliver_rows(tmp_path, NOTICES, [notice(2, "x")], day=TWO)
    load(tmp_path, NOTICES, run_id="run-2")
    assert [row["run_id"] for row in rejected(tmp_path, NOTICES)] == ["run-1", "run-2"]


def test_loaded_rows_outlive_their_folder_in_landing(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, NOTICES, [notice(1), notice(2, "x")], day=ONE)
    deliver_rows(tmp_path, SPONSORS, [sponsor(1)], day=ONE)
    for feed in (NOTICES, SPONSORS):
        load(tmp_path, feed)
    before = _everything(tmp_path, NOTICES, SPONSORS)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    (tmp_path / "landing" / NOTICES).rmdir()
    for feed in (NOTICES, SPONSORS):
        load(tmp_path, feed, run_id="run-2")
    assert _everything(tmp_path, NOTICES, SPONSORS) == before
