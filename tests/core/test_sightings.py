"""Workers seen at work: the employer is written as the notifications write him."""

import pytest

from tests.core.helpers import core, one

EMPLOYERS = ("PL5270103391", "LT100001234567", "EL094019245", "PT500000000", "SK500000000")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("PL5270103391", "PL5270103391"),
        ("pl 527.010.33.91", "PL5270103391"),
        ("PL-527-010-33-91", "PL5270103391"),
        ("527 010 33 91", "PL5270103391"),
        ("gr 094019245", "EL094019245"),
        ("500000000", "500000000"),
        ("sk500000000", "SK500000000"),
        ("be 0403.170.701", "BE0403170701"),
        (" . ", None),
        (None, None),
    ],
)
def test_a_vat_number_is_read_however_it_was_written_and_never_guessed_between_two(
    written: str | None, read: str | None
) -> None:
    made = core(
        {
            "raw.nla_sightings": [{"employer_vat": written}],
            "raw.szw_postings": [{"employer_vat": vat} for vat in EMPLOYERS],
        },
        "person_identifiers",
        "sightings",
    )["sightings"]
    assert one(made)["employer_vat"] == read


def test_a_number_known_from_the_register_of_providers_alone_is_read_as_well() -> None:
    made = core(
        {
            "raw.nla_sightings": [{"employer_vat": "527.010.33.91"}],
            "raw.posting_employers": [{"employer_vat": "PL5270103391"}],
        },
        "person_identifiers",
        "sightings",
    )["sightings"]
    assert one(made)["employer_vat"] == "PL5270103391"
