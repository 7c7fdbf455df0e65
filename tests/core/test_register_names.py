"""Names in the public register: what is the same name and what is another."""

import pytest

from assets.core.register_names import clean_name, name_key


@pytest.mark.parametrize(
    ("published", "meant"),
    [
        ("A&amp;S System Integrators B.V.", "A&S System Integrators B.V."),
        ("Caf&eacute; B.V.", "Café B.V."),
        ("Twice &amp;amp; coded", "Twice & coded"),
        ("O&#39;Neill &#x26; Co", "O'Neill & Co"),
        ("Stichting Wellant\xa0 (Wellantcollege MBO Houten)", "Stichting Wellant (Wellantcollege MBO Houten)"),
        ("  two\tof\x00them ", "two of them"),
        ("re\u202eversed\u200b", "reversed"),
        ("Cafe\u0301", "Café"),
        ('"AAE" Advanced', '"AAE" Advanced'),
    ],
)
def test_a_name_is_cleaned_of_what_the_web_page_did_to_it(published, meant):
    assert clean_name(published) == meant


@pytest.mark.parametrize("name", ["Smit&notarissen B.V.", "Kok&reg Beheer", "R&D; Partners", "AT&T"])
def test_an_ampersand_that_starts_no_entity_stays_an_ampersand(name):
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Synthon", "Synthon B.V."),
        ("ZyLAB Technologies B.V", "ZyLAB Technologies BV"),
        ("Taylor Wessing N.V.", "Taylor Wessing"),
        ("Oracle Financial Services Software b.v.", "ORACLE FINANCIAL SERVICES SOFTWARE B. V."),
        ('"Aa-Dee" Machinefabriek', "Aa-Dee Machinefabriek"),
        ("RAVE-cruitment B.V.", "Ravecruitment B.V."),
        ("'Petite Amélie' Nederland B.V.", "Petite Amelie' Nederland"),
        ("Radio Zamaneh, Stichting", "Stichting Radio Zamaneh"),
        ("Coöperatie AVEBE U.A.", "AVEBE"),
        ("Greystar Netherlands Coöperatief U.A.", "Greystar Netherlands"),
        ("SaM Solutions GmbH & Co. KG", "SAM Solutions GmbH"),
        ("Godrej Company Private Limited", "Godrej Company"),
        ("Montroos Administratie & Advies Kantoor", "Montroos Administratie &amp; Advieskantoor B.V."),
        ("Işık Gıda Ltd. Şti.", "Isik Gida"),
        ("Mærsk B.V.", "Maersk"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("other", ["A S Watson", "A. S. Watson B.V.", "A&amp;S Watson", "A en S Watson", "AS Watson"])
def test_a_lost_ampersand_is_no_other_name(other):
    assert name_key("A&S Watson B.V.") == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Allen & Overy LLP", "Allen Overy Shearman Sterling LLP"),
        ("Brainboss Associates B.V.", "Brainboss B.V."),
        ("AniCura Netherlands Holding B.V.", "AniCura Netherlands B.V."),
        ("eBuddy I B.V.", "eBuddy V B.V."),
        ("Aon 5 B.V.", "Aon 6 B.V."),
        ("Van Lanschot Kempen N.V.", "Van Lanschot Kempen Wealth Management N.V."),
    ],
)
def test_two_names_have_two_keys(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["B.V.", "Stichting", "En", "&", "!!!", "AG", "中国银行"])
def test_no_name_is_normalised_to_nothing(name):
    assert name_key(name)
