"""Nobody can be found in a stand-in world: its identifiers and names are nobody's."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assets import feeds
from assets.standins.foundations import identifiers
from tests.standins.conftest import Delivered

REGISTER = Path(feeds.__file__).parent / "public" / "ind_public_register"


def passes_eleven_test(numbers: pl.Series) -> pl.Series:
    digits = [numbers.str.slice(place, 1).cast(pl.Int64) for place in range(9)]
    total = sum(digit * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return total % 11 == 0


def test_the_eleven_test_of_this_test_knows_a_valid_number() -> None:
    assert passes_eleven_test(pl.Series(["111222333", "111222334"])).to_list() == [True, False]


@pytest.mark.parametrize(
    ("feed", "column"),
    [
        ("ind_permits", "bsn"),
        ("uwv_wages", "bsn"),
        ("uwv_work_permits", "bsn"),
        ("kvk_officers", "officer_bsn"),
        ("kvk_companies", "rsin"),
        ("uwv_employers", "rsin"),
    ],
)
def test_no_citizen_or_legal_entity_number_passes_the_eleven_test(world: Delivered, feed: str, column: str) -> None:
    numbers = world.rows(feed)[column].drop_nulls().unique()

    assert len(numbers) > 20
    assert not passes_eleven_test(numbers).any()


def test_the_number_in_a_payroll_number_fails_the_eleven_test_too(world: Delivered) -> None:
    assert not passes_eleven_test(world.rows("uwv_wages")["employer_number"].str.slice(0, 9).unique()).any()


def test_trade_register_and_foreigner_numbers_start_with_two_zeros_and_documents_with_xx(world: Delivered) -> None:
    assert world.rows("kvk_companies")["kvk"].str.starts_with("00").all()
    assert world.rows("ind_permits")["v_number"].str.starts_with("00").all()
    assert world.rows("szw_postings")["worker_document"].str.starts_with("XX").all()
    assert world.rows("posting_employers")["employer_vat"].str.slice(2, 3).eq("000").all()


def test_identifiers_are_one_to_one() -> None:
    people = np.concatenate([np.arange(0, 60_000), np.arange(20_000_000, 20_060_000)])

    for kind in (identifiers.bsn, identifiers.v_number, identifiers.document):
        assert kind(people).n_unique() == len(people)


def test_no_company_bears_the_number_of_a_person() -> None:
    base = np.arange(10_000_000, 10_050_000)

    assert not (identifiers.failing_eleven_test(base, 0) == identifiers.failing_eleven_test(base, 1)).any()
    assert not passes_eleven_test(pl.Series(identifiers.failing_eleven_test(base, 1)).cast(pl.String)).any()


def test_no_reference_of_a_case_can_be_read_as_the_number_of_a_person(world: Delivered) -> None:
    """Numbers of persons have nine or ten digits; a reference with as many would be theirs by chance."""
    references = {"uwv_work_permits": "case_id", "szw_postings": "notification_id", "svb_a1": "a1_id"}

    for feed, column in references.items():
        assert not world.rows(feed)[column].str.contains(r"(^|[^0-9A-Z])[0-9]{9,10}([^0-9]|$)").any(), feed


def test_a_person_beyond_what_identifiers_can_tell_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="number of a person"):
        identifiers.bsn(np.array([identifiers.MOST_PERSONS]))


def normalised(names: pl.Series) -> set[str]:
    return {re.sub(r"[^a-z0-9]", "", re.sub(r"\b(b\.?v\.?|n\.?v\.?)\b", "", name.lower())) for name in names.to_list()}


def test_no_company_bears_the_name_of_an_entry_of_the_public_register(world: Delivered) -> None:
    snapshots = [pl.read_csv(path, infer_schema=False) for path in sorted(REGISTER.glob("*/*.csv"))]
    register = pl.concat([snapshot.select("organisation") for snapshot in snapshots])
    real = normalised(register["organisation"].drop_nulls())
    invented = normalised(world.rows("kvk_companies")["name"]) | normalised(world.rows("posting_employers")["name"])

    assert len(real) > 10_000
    assert len(invented) > 300
    assert invented.isdisjoint(real)
