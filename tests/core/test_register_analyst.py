"""The worked examples of the analysts on the register and on the norms."""

from datetime import date

from assets.core.reference import write_reference
from assets.core.register import write_register_entries
from tests.builders import warehouse_with
from tests.core.register_words import build, lines


def test_who_entered_between_two_snapshots():
    snapshots = (
        "2024-01-01: Acme 11111111, Huis",
        "2024-02-01: Acme 22222222, Huis, Bolt 33333333",
        "2024-03-01: Acme 22222222, Huis, Civa 44444444",
    )
    with warehouse_with({"raw.ind_public_register": lines(snapshots)}).writing() as session:
        build(session)
        found = session.rows(
            "analyst/register_entered_between",
            snapshot_from=date(2024, 1, 1),
            snapshot_until=date(2024, 2, 1),
        )
        assert [(row[0], row[2], row[5]) for row in found] == [
            ("Acme", "renumbered", "kvk:11111111"),
            ("Bolt", "new", None),
        ]
        nobody = session.rows(
            "analyst/register_entered_between",
            snapshot_from=date(2024, 3, 1),
            snapshot_until=date(2024, 3, 1),
        )
        assert nobody == []


def test_the_norm_of_each_category_on_a_day():
    with warehouse_with().writing() as session:
        write_reference(session, "core.salary_norms")
        norms = {row[0]: row[2] for row in session.rows("analyst/salary_norms_on", on=date(2024, 6, 12))}
    assert norms == {
        "hsm_30_plus": 5331,
        "hsm_under_30": 3909,
        "hsm_reduced": 2801,
        "hsm_short_stay_30_plus": 5331,
        "blue_card": 5331,
        "blue_card_reduced": 4265,
        "ict": 5331,
        "ict_under_30": 3909,
        "startup_staff": 2801,
        "none": None,
        "orientation_year": None,
        "researcher_801": None,
    }


def test_the_examples_answer_on_an_empty_register():
    with warehouse_with().writing() as session:
        write_register_entries(session)
        assert (
            session.rows(
                "analyst/register_entered_between",
                snapshot_from=date(2024, 1, 1),
                snapshot_until=date(2024, 2, 1),
            )
            == []
        )
