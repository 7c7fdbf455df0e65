"""Pay: what each employer returns for each worker and wage period.

Belongs here: periods (months or four weeks), holiday allowance, extras, leave, the 30 % facility,
late corrections. A spell is one row in, its periods are rows out, and every draw is keyed by person and period, so
spells can be paid in pieces. Does not belong here: misuse, which changes spells before they are paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER, Companies
from assets.standins.economy.demand import wage_index
from assets.standins.economy.setting import Setting
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import day, month_of, month_start, year_of
from assets.standins.foundations.randomness import Floats, Ints, floats
from assets.standins.stays.spells import FOUR_WEEK_ORIGIN, rhythm

#: Leave that the return names by a code.
LEAVE_CODES = ("Z", "O", "K", "S")
#: Leave around a birth: the benefit office pays, the employer returns nothing, and no code says so.
BIRTH_LEAVE = "W"


def _periods(companies: Companies, spell: pl.DataFrame, start_on: int) -> pl.DataFrame:
    """One row per spell and period that it touches: row of the spell, payroll, first and last day of the period.

    Periods before the first day of the world are left out.
    """
    four_week = rhythm(companies)[spell["company"].to_numpy()]
    start, end = np.maximum(spell["from_on"].to_numpy(), start_on), spell["until_on"].to_numpy()
    first = np.where(four_week, (start - FOUR_WEEK_ORIGIN) // 28, month_of(start))
    last = np.where(four_week, (end - FOUR_WEEK_ORIGIN) // 28, month_of(end))
    count = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(spell)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    weeks = four_week[row]
    opens = np.where(weeks, FOUR_WEEK_ORIGIN + number * 28, month_start(np.where(weeks, 0, number)))
    closes = np.where(weeks, opens + 27, month_start(np.where(weeks, 0, number + 1)) - 1)
    return pl.DataFrame({"row": row, "number": number, "weeks": weeks, "opens": opens, "closes": closes})


def leave_spells(setting: Setting, spell: pl.DataFrame) -> pl.DataFrame:
    """Leave that touches some spells of work.

    Leave belongs to a person: it can start in one spell and go on in the next of the same person.

    Returns:
        row (of the spell), person, application, company, code, from_on, until_on, and whether it starts in this spell.
    """
    rules, found = setting.parameters["pay"], []
    low, high, person = (spell[c].to_numpy() for c in ("from_on", "until_on", "person"))
    first = year_of(low) - 1
    count = np.maximum(year_of(high) - first + 1, 0)
    row = np.repeat(np.arange(len(spell)), count)
    year = np.repeat(first, count) + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    who = person[row]
    mothers = setting.draws.uniform("person.sex", who) < rules["birth_leave_women"]
    for code in (*LEAVE_CODES, BIRTH_LEAVE):
        happens = setting.draws.happens(f"leave.{code}", rules["leave_year"][code], who, year)
        has = np.flatnonzero(happens & mothers if code == BIRTH_LEAVE else happens)
        month = setting.draws.integer(f"leave.{code}.month", 0, 11, who[has], year[has])
        start = month_start((year[has] - 1970) * 12 + month)
        if code == BIRTH_LEAVE:
            start = start + setting.draws.integer("leave.W.day", 2, 25, who[has], year[has])
        end = start + int(rules["leave_months"][code] * 30.44) - 1
        inside = (start <= high[row[has]]) & (end >= low[row[has]])
        some = has[inside]
        found.append(
            pl.DataFrame(
                {"row": row[some], "code": [code] * len(some), "from_on": start[inside], "until_on": end[inside]},
                schema={"row": pl.Int64, "code": pl.String, "from_on": pl.Int64, "until_on": pl.Int64},
            )
        )
    leave = pl.concat(found)
    columns = [spell[c].gather(leave["row"]).alias(c) for c in ("person", "application", "company")]
    return leave.with_columns(columns, starts=pl.col("from_on") >= spell["from_on"].gather(leave["row"]))


def _touched(leave: pl.DataFrame, periods: pl.DataFrame) -> tuple[Ints, Ints]:
    """Every pair of a spell of leave and a period of the same spell of work: positions in both tables."""
    rows = periods["row"].to_numpy()
    low = np.searchsorted(rows, leave["row"].to_numpy(), side="left")
    high = np.searchsorted(rows, leave["row"].to_numpy(), side="right")
    count = high - low
    of = np.repeat(np.arange(len(leave)), count)
    return of, np.repeat(low, count) + np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)


def _leave_codes(leave: pl.DataFrame, periods: pl.DataFrame) -> np.ndarray:
    """Leave code of each period, empty where there is none: leave counts where it holds the middle of the period."""
    code = np.full(len(periods), "", dtype="<U1")
    leave = leave.filter(pl.col("code") != BIRTH_LEAVE)
    of, place = _touched(leave, periods)
    middle = (periods["worked_from"].to_numpy() + periods["worked_until"].to_numpy()) // 2
    inside = (middle[place] >= leave["from_on"].to_numpy()[of]) & (middle[place] <= leave["until_on"].to_numpy()[of])
    code[place[inside]] = leave["code"].to_numpy()[of[inside]]
    return code


def _present(leave: pl.DataFrame, periods: pl.DataFrame) -> Floats:
    """Part of each period that is not leave around a birth."""
    leave = leave.filter(pl.col("code") == BIRTH_LEAVE)
    of, place = _touched(leave, periods)
    first, last = (periods[c].to_numpy() for c in ("worked_from", "worked_until"))
    away = np.minimum(last[place], leave["until_on"].to_numpy()[of]) - np.maximum(
        first[place], leave["from_on"].to_numpy()[of]
    )
    days = np.zeros(len(periods))
    np.add.at(days, place, np.maximum(away + 1, 0))
    return floats(np.clip(1 - days / np.maximum(last - first + 1, 1), 0, 1))


def pay(setting: Setting, spell: pl.DataFrame, until: int) -> pl.DataFrame:
    """The wage returns of some spells: contract columns of `uwv_wages`, with the day on which each became known.

    Args:
        setting: the stage.
        spell: rows of SPELL_COLUMNS.
        until: periods that end after this day are left out.
    """
    table = _periods(setting.companies, spell, day(str(setting.parameters["start"])))
    table = table.filter(pl.col("closes") <= until)
    row, opens, closes, weeks = (table[c].to_numpy() for c in ("row", "opens", "closes", "weeks"))
    of = {name: spell[name].to_numpy()[row] for name in spell.columns}
    person, company = of["person"], of["company"]
    worked_from, worked_until = np.maximum(opens, of["from_on"]), np.minimum(closes, of["until_on"])
    share = (worked_until - worked_from + 1) / (closes - opens + 1)
    worked = table.select("row").with_columns(worked_from=pl.Series(worked_from), worked_until=pl.Series(worked_until))
    leave = leave_spells(setting, spell)
    code, present = _leave_codes(leave, worked), _present(leave, worked)
    rate = np.select(
        [code == name for name in LEAVE_CODES], [setting.parameters["pay"]["leave_pay"][n] for n in LEAVE_CODES], 1.0
    )
    touched = (worked_from >= of["factor_from"]) & (worked_until <= of["factor_until"])
    factor = np.where(touched, of["factor"], 1.0)
    base = _agreed(setting, of, opens) * np.where(weeks, 12 / 13, 1.0)
    contract = np.round(base * factor * share, 2)
    money = base * factor * share * rate * present
    holiday, extra = _extras(setting, of, base * factor, opens=opens, closes=closes, share=share)
    in_kind = np.round(money * of["kind_share"], 2)
    in_money = np.round(money - in_kind + holiday + extra, 2)
    taxed = 1.0 - setting.parameters["pay"]["facility_part"] * _facility(setting, of, opens)
    known = (
        closes
        + setting.parameters["pay"]["known_after_days"]
        + setting.draws.integer("pay.known", 0, 8, company, opens)
        + 100 * setting.draws.happens("pay.late_return", setting.parameters["pay"]["late_return"], company, opens)
    )
    hours = np.round(
        of["hours"] * np.where(weeks, 4.0, 52 / 12) * share * of["hours_factor"] * np.where(code == "O", 0.0, present)
    )
    reports = setting.draws.happens(
        "payroll.contract", setting.parameters["companies"]["contract_wage_reported"], company
    )
    whole = setting.draws.happens("payroll.whole", setting.parameters["pay"]["full_period_shown"], company)
    returned = pl.DataFrame(
        {
            "employer_number": _payroll_numbers(setting.companies, company, worked_from),
            "bsn": identifiers.bsn(spell["person"].to_numpy()).gather(row),
            "income_relation": of["relation"],
            "period_start": np.where(whole, opens, worked_from),
            "period_end": np.where(whole, closes, worked_until),
            "income_kind": of["income_kind"],
            "work_relation": of["work_relation"],
            "contract_wage_eur": np.where(reports, contract, np.nan),
            "wage_in_money_eur": in_money,
            "wage_in_kind_eur": in_kind,
            "taxable_wage_eur": np.round((in_money + in_kind) * taxed, 2),
            "holiday_allowance_eur": np.round(holiday, 2),
            "extra_wage_eur": np.round(extra, 2),
            "hours_paid": np.minimum(hours, 400).astype(np.int64),
            "contract_hours_week": of["hours"],
            "reduced_income_code": pl.Series(code).replace({"": None}),
            "known_on": known,
            "person": person,
            "company": company,
            "application": of["application"],
        },
        strict=False,
    ).with_columns(
        pl.col("contract_wage_eur").fill_nan(None),
        pl.lit(None, dtype=pl.String).alias("cao_code"),
    )
    return _one_per_period(returned.filter(pl.Series(present > 0)))


def _one_per_period(returned: pl.DataFrame) -> pl.DataFrame:
    """Two spells of one person with one payer in one period are one return: amounts and hours add up."""
    key = ["employer_number", "bsn", "income_relation", "period_start"]
    amounts = [name for name in returned.columns if name.endswith("_eur")] + ["hours_paid"]
    rest = [name for name in returned.columns if name not in (*key, *amounts, "period_end")]
    # Each company has one number on one day, so its own number and the person's tell the rows apart, and faster.
    twice = returned.select(
        pl.struct("company", "person", "income_relation", "period_start").is_duplicated()
    ).to_series()
    doubled = returned.filter(twice)
    if not len(doubled):
        return returned
    nothing = pl.col("contract_wage_eur").is_null().all()
    merged = (
        doubled.group_by(key, maintain_order=True)
        .agg(
            *[pl.col(name).sum() for name in amounts if name != "contract_wage_eur"],
            pl.when(nothing).then(None).otherwise(pl.col("contract_wage_eur").sum()).alias("contract_wage_eur"),
            *[pl.col(name).last() for name in rest],
            period_end=pl.col("period_end").max(),
        )
        .select(returned.columns)
        .with_columns([pl.col(name).round(2) for name in amounts if name != "hours_paid"])
    )
    return pl.concat([returned.filter(~twice), merged])


def _agreed(setting: Setting, of: dict[str, np.ndarray], opens: Ints) -> Floats:
    """Agreed monthly wage at each period: raised on 1 January by the employer's part of the general growth."""
    low, high = setting.parameters["pay"]["raise_share"]
    share = low + (high - low) * setting.draws.uniform("pay.raise", of["company"] + 1)
    growth = wage_index(setting.parameters, year_of(opens)) / wage_index(setting.parameters, year_of(of["from_on"]))
    return np.asarray(
        of["salary"] * (1 + np.where(of["frozen"], 0.0, share) * np.maximum(growth - 1, 0)), dtype=np.float64
    )


def _facility(setting: Setting, of: dict[str, np.ndarray], opens: Ints) -> np.ndarray:
    """True in the periods in which the untaxed part is left out of the taxable wage."""
    wait = setting.draws.pick("pay.facility_start", setting.parameters["pay"]["facility_start_months"], of["person"])
    begin = of["from_on"] + wait * 30
    years = setting.parameters["pay"]["facility_years"]
    return np.asarray(of["facility"] & (opens >= begin) & (opens < begin + years * 365))


def _extras(
    setting: Setting,
    of: dict[str, np.ndarray],
    base: Floats,
    *,
    opens: Ints,
    closes: Ints,
    share: Floats,
) -> tuple[Floats, Floats]:
    """Holiday allowance and extras paid in each period: in May (December) or spread over the year."""
    block, company = setting.parameters["companies"], of["company"]
    monthly = setting.draws.happens("payroll.holiday_monthly", block["holiday_monthly"], company)
    may = (month_of(closes) % 12 == 4) & (month_of(opens - 28) % 12 != 4) | (
        (month_of(opens) % 12 == 4) & (closes - opens > 28)
    )
    months_worked = np.clip((closes - of["from_on"]) / 30.44, 0, 12)
    holiday_share = setting.parameters["pay"]["holiday_share"]
    holiday = np.where(monthly, base * holiday_share * share, np.where(may, base * holiday_share * months_worked, 0.0))
    december = (month_of(closes) % 12 == 11) & (closes - opens > 28) | (
        (month_of(closes) % 12 == 11) & (month_of(opens) % 12 == 11)
    )
    has = setting.draws.happens("payroll.thirteenth", block["thirteenth_month"], company)
    spread = setting.draws.happens("payroll.thirteenth_monthly", block["thirteenth_monthly"], company)
    thirteenth = np.where(
        has & december & ~spread, base * months_worked / 12, np.where(has & spread, base * share / 12, 0.0)
    )
    bonus = setting.draws.happens("pay.bonus", setting.parameters["pay"]["bonus_share"], of["person"]) & (
        month_of(closes) % 12 == 2
    )
    amount = base * 0.8 * setting.draws.uniform("pay.bonus_size", of["person"], opens) * bonus * (months_worked > 6)
    return floats(np.round(holiday, 2)), floats(np.round(thirteenth + amount, 2))


def _payroll_numbers(companies: Companies, company: Ints, on: Ints) -> pl.Series:
    """The payroll number that each company uses on a day."""
    first = companies.payrolls.filter(pl.col("number") == 1).sort("company")
    second = companies.payrolls.filter(pl.col("number") == 2)
    moved = np.full(len(companies), NEVER, dtype=np.int64)
    moved[second["company"].to_numpy()] = second["valid_from"].to_numpy()
    base = first["employer_number"].str.slice(0, 10)
    both = pl.concat([base + "01", base + "02"])
    return both.gather(company + len(companies) * (on >= moved[company]))


def corrected(setting: Setting, returns: pl.DataFrame) -> pl.DataFrame:
    """The same returns, a small part of them first returned wrong and put right two to six months later."""
    person, start = returns["person"].to_numpy(), returns["period_start"].to_numpy()
    wrong = setting.draws.happens("pay.corrected", setting.parameters["pay"]["corrected_rows"], person, start)
    rows = returns.filter(pl.Series(wrong))
    factor = 0.55 + 0.35 * setting.draws.uniform(
        "pay.correction", rows["person"].to_numpy(), rows["period_start"].to_numpy()
    )
    first = rows.with_columns(
        [
            (pl.col(c) * pl.Series(factor)).round(2)
            for c in ("contract_wage_eur", "wage_in_money_eur", "taxable_wage_eur")
        ]
    )
    later = 60 + setting.draws.integer(
        "pay.correction_days", 0, 120, rows["person"].to_numpy(), rows["period_start"].to_numpy()
    )
    right = rows.with_columns(pl.col("known_on") + pl.Series(later))
    return pl.concat([_run_over(setting, returns.filter(pl.Series(~wrong))), first, right])


def runs_over_the_year(setting: Setting, company: Ints) -> np.ndarray:
    """True for employers that correct a whole year at once in the spring after it."""
    return setting.draws.happens("payroll.yearly_run", setting.parameters["pay"]["yearly_correction_run"], company)


def _run_over(setting: Setting, returns: pl.DataFrame) -> pl.DataFrame:
    """The same returns; some employers tax too little all year and put every period right in the next spring."""
    company = returns["company"].to_numpy()
    runs = runs_over_the_year(setting, company)
    rows, who = returns.filter(pl.Series(runs)), company[runs]
    year = year_of(rows["period_start"].to_numpy())
    spring = month_start((year + 1 - 1970) * 12 + 1) + setting.draws.integer("payroll.run_day", 0, 50, who, year)
    low = pl.Series(0.72 + 0.23 * setting.draws.uniform("payroll.run_low", who, year))
    first = rows.with_columns((pl.col("taxable_wage_eur") * low).round(2))
    right = rows.with_columns(pl.max_horizontal(pl.col("known_on") + 1, pl.Series(spring)).alias("known_on"))
    return pl.concat([returns.filter(pl.Series(~runs)), first, right])


def pieces(spell: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
    """The spells in pieces of about so many wage rows, so that a nation can be paid in little memory.

    Args:
        spell: in order of the person; one person's spells stay together.
        rows: wage rows of a piece, about.
    """
    months = (spell["until_on"] - spell["from_on"]).to_numpy() // 30 + 2
    number = np.cumsum(months) // rows
    # A piece begins with the first spell of a person, so that no period is paid in two pieces.
    whole = pl.DataFrame({"person": spell["person"], "number": number}).select(pl.col("number").first().over("person"))
    edges = np.flatnonzero(np.diff(whole.to_series().to_numpy())) + 1
    for start, end in pairwise([0, *edges.tolist(), len(spell)]):
        yield spell.slice(start, end - start)
