"""A cell says the same in the table, in running text and in the download."""

from datetime import date

import pytest
from markupsafe import Markup

from reports.tables import Column, exact_csv, spreadsheet_csv, table

COLUMNS = [
    Column("route", "Route"),
    Column("on", "Datum", "day"),
    Column("n", "Aantal", "count"),
    Column("s", "Aandeel", "share"),
]
NO_BREAK = "\u00a0"


def view(*rows):
    return table("t", "Titel", COLUMNS, list(rows), ["route"])


def test_values_are_written_by_the_kind_of_their_column():
    row = view({"route": "a", "on": date(2026, 1, 2), "n": 1234, "s": 0.125}).rows[0]
    assert [c.text for c in row] == ["a", f"2{NO_BREAK}jan{NO_BREAK}2026", "1.234", "12,5%"]


def test_signs_stand_for_what_is_hidden_or_unknown():
    row = view({"route": "a", "n": "x", "s": None}).rows[0]
    assert [c.text for c in row] == ["a", ".", "x", "."]
    assert [c.raw for c in row] == ["a", None, None, None]


def test_a_quoted_cell_refers_to_its_place():
    quoted = view({"route": "a", "n": 1234}).quote("a", "n")
    assert quoted == Markup('<data value="1234" data-ref="t-1-n">1.234</data>')


def test_a_name_is_escaped_when_it_is_quoted():
    quoted = view({"route": "<script>", "n": 1}).quote("<script>", "route")
    assert "<script>" not in quoted


def test_a_row_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="t has no row b"):
        view({"route": "a", "n": 1}).cell("b", "n")


def test_the_download_for_machines_is_exact():
    assert exact_csv(view({"route": "=1+1", "on": date(2026, 1, 2), "n": "x", "s": 0.125})) == (
        "route,on,n,s\n=1+1,2026-01-02,,0.125\n"
    )


@pytest.mark.parametrize("name", ["=1+1", "+31", "-x", "@sum", "\tx"])
def test_no_cell_of_the_download_for_a_spreadsheet_is_run(name):
    text = spreadsheet_csv(view({"route": name, "on": date(2026, 1, 2), "n": 5, "s": 0.125}))
    assert text == f"\ufeffRoute;Datum;Aantal;Aandeel\r\n'{name};2026-01-02;5;0,125\r\n"
