"""The builder of test warehouses keeps the contracts, so that a test says only what it is about."""

import re
from datetime import date

import pytest

from quality.contract import feed_contracts, product_tables
from tests.builders import rows_of, warehouse_with


@pytest.mark.parametrize("feed", sorted(feed_contracts()))
def test_a_filled_row_of_a_feed_has_the_form_of_its_contract(feed: str) -> None:
    frame = rows_of(f"raw.{feed}", [{}, {}])
    for field in feed_contracts()[feed].table.fields:
        if field.classification == "audit_only":
            assert field.name not in frame.columns
            continue
        values = frame[field.name].to_list()
        assert all(v is not None for v in values) == field.required
        if field.pattern and field.required and not field.is_identifier:
            assert all(re.fullmatch(field.pattern, v) for v in values)
        if field.closed_list and field.required:
            assert set(values) <= set(field.closed_list)


def test_a_warehouse_holds_the_given_rows_and_every_other_table_empty() -> None:
    warehouse = warehouse_with({"raw.ind_permits": [{"scheme": "hsm"}], "core.companies": [{}, {}]})
    with warehouse.reading() as session:
        assert session.table("raw.ind_permits")["scheme"].to_list() == ["hsm"]
        assert session.count("core.companies") == 2
        assert session.count("raw.uwv_wages") == 0
        assert session.count("core.permits") == 0
        assert session.table("raw.ind_permits")["delivered_on"].to_list() == [date(2024, 1, 1)]


def test_a_table_of_another_schema_is_made_when_it_is_named() -> None:
    with warehouse_with({"findings.measures": [{"indicator": "H01"}]}).reading() as session:
        assert session.table("findings.measures")["indicator"].to_list() == ["H01"]


def test_a_misspelt_column_is_refused() -> None:
    with pytest.raises(KeyError, match="no column"):
        warehouse_with({"raw.ind_permits": [{"shceme": "hsm"}]})


def test_every_product_table_can_be_filled() -> None:
    assert all(rows_of(name, [{}]).height == 1 for name in product_tables())
