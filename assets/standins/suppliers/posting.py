"""The posting portal, the exchange of A1 certificates, the labour inspectorate and the internal market system.

Belongs here: `szw_postings`, `svb_a1`, `nla_sightings`, `posting_employers`. Does not belong here: who is posted.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy import foreign
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import month_start
from assets.standins.posting import notifications
from assets.standins.suppliers.ind import first_of_month, numbers_of
from assets.standins.world import World


def postings(world: World) -> pl.DataFrame:
    """Versions of `szw_postings`."""
    block, draws = world.parameters["posting"], world.draws
    table = notifications.versions(world.setting, world.stays).join(
        world.people, on="person", how="left", maintain_order="left"
    )
    note, stay, person, who, client = (
        table[c].to_numpy() for c in ("notification", "stay", "person", "employer", "client")
    )
    confirmed = table["submitted_on"].to_numpy() + draws.integer("posting.confirmed", 0, 5, note)
    shown = draws.happens("posting.home", block["home_facts_shown"], stay)
    since, permit_until = home_facts(world, table)
    return table.select(
        notification_id=identifiers.numbered("M", note, 11),
        version=pl.col("version"),
        worker_document=identifiers.document(person),
        submitted_on=pl.col("submitted_on"),
        kind=pl.col("kind"),
        employer_vat=pl.Series(world.employers.take("vat", who)),
        employer_name=world.employers.table["name"].gather(who),
        employer_country=pl.Series(world.employers.take("country", who)),
        employer_is_agency=pl.Series(world.employers.take("agency", who)),
        client_kvk=numbers_of(table["client"]),
        client_name=world.companies.table["name"].gather(client),
        client_confirmed_on=pl.when(pl.Series(draws.happens("posting.confirms", 0.85, note))).then(
            pl.Series(confirmed)
        ),
        sbi2=pl.col("sbi2"),
        occupation_isco=pl.when(pl.Series(draws.happens("posting.isco_shown", 0.92, stay))).then("isco"),
        place_id=pl.when(pl.col("kind") != "annual").then("place"),
        work_postcode4=_postcodes(world, table),
        starts_on=pl.col("starts_on"),
        ends_on=pl.col("ends_on"),
        worker_birth_month=pl.Series(first_of_month(table["birth"].to_numpy())),
        worker_nationality=pl.col("nationality"),
        worker_free_movement=pl.col("free"),
        home_permit_until=pl.when(pl.col("third") & pl.Series(shown)).then(pl.Series(permit_until)),
        home_employed_since=pl.when(pl.Series(shown)).then(pl.Series(since)),
        hourly_wage_eur=pl.col("hourly_wage").fill_nan(None),
        known_on=pl.Series(np.maximum(table["submitted_on"].to_numpy(), confirmed)) + 1,
    )


def home_facts(world: World, table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Start of the employment at home and end of the home permit, by worker and stay."""
    draws = world.draws
    person, stay = table["person"].to_numpy(), table["stay"].to_numpy()
    since = table["starts_on"].to_numpy() - 45 - (500 * draws.exponential("home.since", person)).astype(np.int64)
    until = table["ends_on"].to_numpy() + 20 + (400 * draws.uniform("home.until", stay)).astype(np.int64)
    given_since, given_until = table["home_since"].to_numpy(), table["home_until"].to_numpy()
    since = np.where(given_since >= 0, given_since, since)
    until = np.where(given_until >= 0, given_until, until)
    return since, until


def _postcodes(world: World, table: pl.DataFrame) -> pl.Series:
    """At the client's own plant the client's postcode, elsewhere that of the site."""
    own = table["place"].str.starts_with("C")
    site = pl.Series(1000 + (table["project"].to_numpy() * 131 + 7) % 8900).cast(pl.String)
    at_client = world.companies.table["postcode4"].gather(table["client"])
    return pl.select(pl.when(own).then(at_client).otherwise(site)).to_series()


def certificates(world: World) -> pl.DataFrame:
    """Versions of `svb_a1`: issued, and withdrawn where it was."""
    table = world.a1s.drop("person", "stay", "employer")
    issued = table.with_columns(withdrawn_on=pl.lit(None, dtype=pl.Int64))
    withdrawn = table.filter(pl.col("withdrawn_on") >= 0).with_columns(known_on=pl.col("withdrawn_on") + 8)
    return pl.concat([issued, withdrawn])


def sightings(world: World) -> pl.DataFrame:
    """Versions of `nla_sightings`."""
    table = world.sightings
    number = table["number"].to_numpy()
    stated = pl.Series(world.draws.happens("sighting.vat", 0.9, number))
    return table.select(
        "sighting_id",
        "list",
        "random_sample",
        "seen_on",
        "worker_document",
        "worker_free_movement",
        employer_vat=pl.when(stated).then("employer_vat"),
        client_kvk=numbers_of(table["client"]),
        place_id=pl.col("place"),
        sbi2=pl.col("sbi2"),
        hourly_wage_eur=pl.col("hourly_wage_eur").fill_nan(None),
        known_on=pl.col("known_on"),
    )


def observation_days(until: int) -> np.ndarray:
    """Days on which the home registers were asked: yearly, and by quarter from 2024."""
    years = month_start(np.arange(46 * 12, 54 * 12, 12))
    quarters = month_start(np.arange(54 * 12, 70 * 12, 3))
    days = np.concatenate([years, quarters])
    return days[days + 12 <= until]


def employers(world: World, on: int) -> pl.DataFrame:
    """The state of `posting_employers` on a day."""
    rows = foreign.observations(world.draws, world.employers, observation_days(on), world.stays)
    owner = rows["owner_employer"].fill_null(0).to_numpy()
    return rows.select(
        "employer_vat",
        "observed_on",
        "name",
        "country",
        "registered_on",
        "address_id",
        owner_kvk=numbers_of(rows["owner_company"].fill_null(-1)),
        owner_vat=pl.when(pl.col("owner_employer").is_not_null()).then(pl.Series(world.employers.take("vat", owner))),
        home_staff=pl.col("home_staff"),
        posted_staff=pl.col("posted_staff"),
        home_turnover_share=pl.col("home_turnover_share"),
    )
