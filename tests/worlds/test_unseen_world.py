"""A world made from the contracts and the typology alone: a whole night on it, judged as an outside examiner would.

One night for all tests. Every bound is stated with its reason. Cases are few of each kind, so a share is taken over
kinds that belong together; a kind that the delivered fields cannot tell from an innocent one is named as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import AS_OF, waterbed
from tests.worlds.deliveries import Delivered
from tests.worlds.ledger import World
from tests.worlds.score import GROUND_IN_NO_FEED, UNDECIDABLE, links, published, score, strangers
from tests.worlds.world import make_world, truth_frame, write_world


@dataclass(frozen=True)
class Examined:
    """A night on an unseen world, and what it should have found."""

    data: Path
    world: World
    delivered: Delivered
    said: str
    scored: pl.DataFrame


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    data = tmp_path_factory.mktemp("unseen")
    world = make_world(seed=2029, firms=70, migrants=300, workers=150, each=2)
    delivered = write_world(data, world)
    ended = waterbed("nightly", "--as-of", AS_OF, "--review-lane", data=data)
    assert ended.code == 0, ended.said
    return Examined(data, world, delivered, ended.said, score(signals(data), truth_frame(world)))


def signals(data: Path) -> pl.DataFrame:
    return published(data, "select * from findings.signals")


def cases(night: Examined, indicator: str, *strengths: str) -> pl.DataFrame:
    return night.scored.filter(pl.col("indicator") == indicator, pl.col("strength").is_in(strengths))


def missed(frame: pl.DataFrame) -> list[str]:
    return sorted(set(frame.filter(~pl.col("is_found"))["kind"]))


def test_every_row_is_taken_but_those_that_break_the_contract(night: Examined) -> None:
    counted = published(
        night.data,
        "select feed, sum(rows_delivered)::int, sum(rows_rejected)::int from meta.deliveries group by all order by all",
    )
    expected = [(f, night.delivered.rows[f], night.delivered.to_reject[f]) for f in sorted(night.delivered.rows)]
    assert counted.rows() == expected


@pytest.mark.parametrize("indicator", ["H01", "H08", "P02", "P07"])
def test_every_blatant_case_is_found(night: Examined, indicator: str) -> None:
    """Far past every threshold, payer known by RSIN, no innocent reading: nothing is left to chance."""
    assert missed(cases(night, indicator, "blatant")) == []


@pytest.mark.parametrize("indicator", ["H01", "H08", "P02", "P07"])
def test_moderate_cases_are_found_and_half_of_the_marginal_ones(night: Examined, indicator: str) -> None:
    """Moderate is beyond what noise explains: nine in ten. Marginal lies near the threshold: half will do."""
    moderate, marginal = cases(night, indicator, "moderate"), cases(night, indicator, "marginal")
    assert moderate["is_found"].sum() >= 0.9 * moderate.height, missed(moderate)
    assert marginal["is_found"].sum() >= 0.5 * marginal.height, missed(marginal)


@pytest.mark.parametrize("indicator", ["H01", "H08", "P02", "P07"])
def test_no_look_alike_is_taken_for_a_case(night: Examined, indicator: str) -> None:
    """The typology stops a rule at 5 % of a kind; with two of each kind that means none."""
    alike = cases(night, indicator, "look_alike").filter(~pl.col("kind").is_in(UNDECIDABLE + GROUND_IN_NO_FEED))
    assert sorted(set(alike.filter("is_found")["kind"])) == []


def test_what_cannot_be_decided_is_technical_at_most(night: Examined) -> None:
    open_cases = night.scored.filter(pl.col("kind").is_in(UNDECIDABLE), "is_found")
    assert set(open_cases["grade"]) <= {"T"}


def test_a_stay_on_a_ground_that_no_feed_shows_is_never_a_strong_signal(night: Examined) -> None:
    residents = night.scored.filter(pl.col("kind").is_in(GROUND_IN_NO_FEED))
    assert residents.height == 2
    assert "A" not in set(residents["grade"])


def test_ordinary_people_and_firms_get_no_signal(night: Examined) -> None:
    """Nothing was planted on them: 300 migrants and 150 workers, so even one in a hundred would be three."""
    truth = truth_frame(night.world)
    planted_permits = truth.filter(pl.col("strength") != "look_alike")["subject_id"]
    found = strangers(signals(night.data), truth).filter(
        ~pl.col("related_ids")
        .list.eval(pl.element().str.split(":").list.last().is_in(planted_permits.implode()))
        .list.any()
    )
    assert found.select("indicator", "subject_type", "subject_id").rows() == []


def test_no_payroll_number_is_laid_on_the_wrong_company(night: Examined) -> None:
    """A wrong link makes an innocent sponsor look bad: none. Nine in ten must be linked, or too little is seen."""
    found = links(
        night.data, pl.DataFrame({"employer_number": list(night.world.links), "kvk": list(night.world.links.values())})
    )
    linked = found.filter(pl.col("kvk").is_not_null())
    assert linked.filter(pl.col("kvk") != pl.col("kvk_true")).rows() == []
    assert linked.height >= 0.9 * found.height


def test_nobody_is_merged_with_another_or_split_in_two(night: Examined) -> None:
    """A BSN, or a passport shown at two applications, joins; a name never does. Double registration is one person."""
    people = pl.DataFrame({"application_id": list(night.world.person_of), "true": list(night.world.person_of.values())})
    both = published(night.data, "select application_id, person_id from core.permits").join(people, on="application_id")
    assert both.group_by("person_id").agg(pl.col("true").n_unique()).filter(pl.col("true") > 1).rows() == []
    assert both.group_by("true").agg(pl.col("person_id").n_unique()).filter(pl.col("person_id") > 1).rows() == []
