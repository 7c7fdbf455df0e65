"""Payroll-tax numbers and their companies: exact, confirmed, likely, or none."""

from typing import Any

import polars as pl
import pytest

from assets.core.firm_names import name_key, name_words, sorted_words
from tests.core.helpers import AS_OF, core, day, one

NUMBER = "123456789L01"
COMPANY = {
    "kvk": "11111111",
    "rsin": "111111111",
    "name": "Waterwerk Techniek B.V.",
    "postcode4": "1234",
    "registered_on": day("2010-01-01"),
}


def link(companies: list[dict[str, Any]], **payroll: Any) -> tuple[str | None, str, float | None]:
    """Company, method and probability of one payroll number."""
    row = {
        "employer_number": NUMBER,
        "name": "iets anders",
        "postcode4": "9999",
        "valid_from": day("2015-01-01"),
        **payroll,
    }
    given = [{**COMPANY, **company} for company in companies]
    feeds = {"raw.kvk_companies": given, "raw.uwv_employers": [row]}
    made = one(core(feeds, "companies", "payroll_numbers", as_of=AS_OF)["payroll_numbers"])
    return made["kvk"], made["link_method"], made["link_probability"]


OTHER = {"kvk": "22222222", "rsin": "222222222", "name": "Bloemenhandel Jansen", "postcode4": "5678"}


def test_a_shared_rsin_links_whatever_the_name() -> None:
    assert link([{}, OTHER], rsin="111111111") == ("11111111", "rsin", 0.999)


def test_a_number_that_nothing_speaks_for_has_no_company() -> None:
    assert link([{}, OTHER]) == (None, "none", None)


def test_a_stated_number_is_not_believed_on_its_own() -> None:
    assert link([{}, OTHER], kvk="11111111")[0] is None


@pytest.mark.parametrize("name", ["WATERWERK TECHNIEK BV", "Waterwerk Techneik B.V.", "Waterwerk"])
def test_a_stated_number_is_believed_when_the_name_says_so_too(name: str) -> None:
    assert link([{}, OTHER], kvk="11111111", name=name) == ("11111111", "kvk", 0.99)


def test_a_stated_number_is_not_believed_against_the_rsin() -> None:
    assert link([{}, OTHER], kvk="11111111", rsin="222222222") == ("22222222", "rsin", 0.999)


def test_a_wrong_stated_number_does_not_stand_in_the_way_of_name_and_postcode() -> None:
    made = link([{}, OTHER], kvk="22222222", name="Waterwerk Techniek", postcode4="1234")
    assert made == ("11111111", "name_postcode", 0.98)


@pytest.mark.parametrize("name", ["waterwerk techniek", "WATERWERK  TECHNIEK B.V.", "Water-werk Techniek bv"])
def test_name_and_postcode_link_whatever_the_spelling_of_the_legal_form(name: str) -> None:
    assert link([{}, OTHER], name=name, postcode4="1234")[:2] == ("11111111", "name_postcode")


def test_the_same_name_elsewhere_is_no_link() -> None:
    assert link([{}, OTHER], name="Waterwerk Techniek", postcode4="9999")[0] is None


def test_name_and_postcode_do_not_link_against_the_rsin() -> None:
    assert link([{}, OTHER], name="Waterwerk Techniek", postcode4="1234", rsin="999999999")[0] is None


def test_two_namesakes_at_one_postcode_leave_the_number_without_company() -> None:
    twin = {"kvk": "33333333", "rsin": "333333333"}
    assert link([{}, twin], name="Waterwerk Techniek", postcode4="1234")[0] is None


def test_of_two_namesakes_the_one_that_existed_then_is_taken() -> None:
    former = {"kvk": "33333333", "rsin": None, "ended_on": day("2014-06-01")}
    assert link([{}, former], name="Waterwerk Techniek", postcode4="1234")[0] == "11111111"


def test_an_rsin_at_two_numbers_goes_to_the_one_that_existed_longest_beside_it() -> None:
    former = {"kvk": "33333333", "ended_on": day("2016-01-01")}
    assert link([former, {}], rsin="111111111")[0] == "11111111"
    assert (
        link([former, {}], rsin="111111111", valid_from=day("2011-01-01"), valid_until=day("2015-01-01"))[1] == "none"
    )


def test_a_company_that_had_ended_gives_way_to_its_successor() -> None:
    former = {"ended_on": day("2014-01-01"), "end_reason": "merger", "successor_kvk": "22222222"}
    assert link([former, OTHER], rsin="111111111") == ("22222222", "rsin", 0.999)


def test_a_company_that_ended_later_keeps_the_number() -> None:
    former = {"ended_on": day("2018-01-01"), "end_reason": "merger", "successor_kvk": "22222222"}
    assert link([former, OTHER], rsin="111111111")[0] == "11111111"


def test_a_namesake_that_had_ended_before_the_number_was_used_is_no_link() -> None:
    assert link([{"ended_on": day("2014-01-01")}, OTHER], name="Waterwerk Techniek", postcode4="1234")[0] is None
    assert link([{"ended_on": day("2014-01-01")}, OTHER], name="Waterwerk Techneik", postcode4="1234")[0] is None


def test_a_stated_company_that_had_ended_gives_way_to_its_successor() -> None:
    former = {"ended_on": day("2014-01-01"), "end_reason": "merger", "successor_kvk": "22222222"}
    for name in ("Waterwerk Techniek", "Waterwerk Techneik"):
        assert link([former, OTHER], kvk="11111111", name=name) == ("22222222", "kvk", 0.99)


def test_a_likely_link_goes_to_the_successor_of_a_company_that_had_ended() -> None:
    former = {"ended_on": day("2014-01-01"), "end_reason": "merger", "successor_kvk": "22222222"}
    assert link([former, OTHER], name="Waterwerk Techneik", postcode4="1234")[:2] == ("22222222", "probabilistic")


def test_names_without_a_letter_are_not_alike() -> None:
    assert link([{"name": "***"}, OTHER], name="---", postcode4="1234")[0] is None


def test_the_group_comes_with_the_company() -> None:
    feeds = {
        "raw.kvk_companies": [{**COMPANY, "group_id": "G1"}],
        "raw.uwv_employers": [{"employer_number": NUMBER, "rsin": "111111111"}, {"employer_number": "999999999L01"}],
    }
    made = core(feeds, "companies", "payroll_numbers")["payroll_numbers"]
    assert made.select("employer_number", "group_id").rows() == [(NUMBER, "G1"), ("999999999L01", None)]


def test_a_typing_error_in_the_name_at_the_right_postcode_is_a_likely_link() -> None:
    kvk, method, probability = link([{}, OTHER], name="Waterwerk Techneik", postcode4="1234")
    assert (kvk, method) == ("11111111", "probabilistic")
    assert probability is not None
    assert probability >= 0.95


def test_two_digits_that_changed_places_in_the_rsin_are_forgiven_when_the_name_agrees() -> None:
    kvk, method, _ = link([{**OTHER}, {"rsin": "111111121"}], name="Waterwerk Techniek", rsin="111111211")
    assert (kvk, method) == ("11111111", "probabilistic")


def test_a_likely_link_that_fits_two_companies_equally_is_none() -> None:
    twin = {"kvk": "33333333", "rsin": "333333333", "name": "Waterwerk Technieken"}
    assert link([{}, twin], name="Waterwerk Techniekn", postcode4="1234")[0] is None


def firms(size: int) -> list[dict[str, Any]]:
    """Companies whose names differ in a number only, as in a made-up register."""
    return [
        {"kvk": f"{n:08}", "rsin": f"{n:09}", "name": f"Bedrijf {n:05} BV", "postcode4": str(1000 + n % 50)}
        for n in range(1, size + 1)
    ]


def test_where_all_names_are_alike_a_likeness_of_names_links_nothing() -> None:
    companies = firms(300)
    known = [{"employer_number": f"{n:09}L01", "name": f"Bedrijf {n:05}", "rsin": f"{n:09}"} for n in range(1, 101)]
    unknown = [
        {"employer_number": f"{n:09}L02", "name": f"Bedrijf {n:05}9", "postcode4": str(1000 + n % 50)}
        for n in range(200, 260)
    ]
    made = core({"raw.kvk_companies": companies, "raw.uwv_employers": known + unknown}, "companies", "payroll_numbers")
    counted = dict(made["payroll_numbers"]["link_method"].value_counts().iter_rows())
    assert counted == {"rsin": 100, "none": 60}


SYLLABLES = ["ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "zo"]


def invented_name(n: int) -> str:
    """A name of five syllables that spreads the numbers over the letters."""
    digits = [(n * 7919 // 16**place) % 16 for place in range(5)]
    return "".join(SYLLABLES[d] for d in digits).capitalize()


def test_names_with_typing_errors_are_found_again_and_nothing_is_linked_wrongly() -> None:
    size = 1500
    companies = [
        {
            "kvk": f"{n:08}",
            "rsin": f"{n:09}",
            "name": f"{invented_name(n)} Holding B.V.",
            "postcode4": str(1000 + n % 300),
        }
        for n in range(size)
    ]
    payrolls = []
    for n in range(size):
        name = invented_name(n)
        wrong = name[:4] + name[5] + name[4] + name[6:] if n % 3 else name
        row = {"employer_number": f"{n:09}L01", "name": f"{wrong} holding", "postcode4": str(1000 + n % 300)}
        payrolls.append({**row, "rsin": f"{n:09}"} if n % 2 else row)
    made = core({"raw.kvk_companies": companies, "raw.uwv_employers": payrolls}, "companies", "payroll_numbers")
    linked = made["payroll_numbers"].filter(pl.col("kvk").is_not_null())
    right = linked.filter(pl.col("kvk") == pl.col("employer_number").str.slice(1, 8))
    assert right.height == linked.height
    assert linked.height >= 0.95 * size
    assert set(linked["link_method"]) == {"rsin", "name_postcode", "probabilistic"}


def test_the_order_of_delivery_does_not_matter() -> None:
    companies = [COMPANY, {**COMPANY, **OTHER}]
    payrolls = [
        {"employer_number": f"{n:09}L01", "name": name, "postcode4": "1234", "valid_from": day("2015-01-01")}
        for n, name in enumerate(["Waterwerk Techneik", "Bloemenhandel Janssen", "Niets"])
    ]
    made = [
        core(
            {"raw.kvk_companies": companies[::step], "raw.uwv_employers": payrolls[::step]},
            "companies",
            "payroll_numbers",
        )
        for step in (1, -1)
    ]
    assert made[0]["payroll_numbers"].equals(made[1]["payroll_numbers"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Waterwerk B.V.", "waterwerk"),
        ("Stichting Café Ønsk", "cafe onsk"),
        ("Jansen & Zn. V.O.F.", "jansen zn"),
        ("Jansen en Zn", "jansen zn"),
        ("De B.V.", "de bv"),
        ("  12-Connect   N.V. ", "12 connect"),
        ("Łódź Sp. z o.o.", "lodz z"),
        ("***", ""),
    ],
)
def test_a_name_keeps_its_telling_words(name: str, words: str) -> None:
    frame = pl.DataFrame({"name": [name]})
    assert frame.select(name_words(pl.col("name"))).item() == words


def test_keys_of_names_forget_spaces_or_order() -> None:
    frame = pl.DataFrame({"words": ["techniek jansen"]})
    assert frame.select(name_key(pl.col("words"))).item() == "techniekjansen"
    assert frame.select(sorted_words(pl.col("words"))).item() == "jansen techniek"
