"""The two gates as Dagster asset checks: arrival after reading, release before publication.

Belongs here: asking a gate, keeping its results and telling Dagster. What is asked stands in `quality.gates`.
A blocking check that fails ends the night; the publication of yesterday stays where it is.
"""

from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from assets.feeds.night import Night
from assets.feeds.runs import finish_run
from quality.contract import feed_contracts, product_tables
from quality.gates.arrival import accounting_batch, arrival_batch
from quality.gates.check import CheckResult
from quality.gates.engine import run_gate
from quality.gates.page import write_results
from quality.gates.release import release_batches
from quality.reference_checks import reference_offenders
from sql.queries import load

CHECKS = product_tables()["meta.checks"]
ARRIVAL = [
    dg.AssetCheckSpec("arrival", asset=["raw", feed], blocking=True, description=f"Does {feed} keep its contract?")
    for feed in feed_contracts()
]
REFERENCE_TABLE = dg.AssetKey(["core", "salary_norms"])
RELEASE = dg.AssetCheckSpec(
    "release", asset=["pub", "release"], blocking=True, description="May these tables leave the house?"
)


def keep_results(night: Night, gate: str, results: Sequence[CheckResult]) -> None:
    """Put the results of a gate in `meta.checks` and on the page of the run, beside those of the other gate."""
    rows = [
        {
            "gate": r.gate,
            "table_name": r.table,
            "check_name": r.check,
            "severity": r.severity,
            "passed": r.passed,
            "offending_rows": r.offending_rows,
            "examples": r.examples,
            "meaning": r.meaning,
            "run_id": night.run_id,
        }
        for r in results
    ]
    frame = pl.DataFrame(rows, schema_overrides={"examples": pl.List(pl.String)})
    with night.warehouse.writing() as session:
        session.create(CHECKS)
        session.run("meta/forget_checks", gate=gate)
        session.append(CHECKS, frame)
    write_results(night.logs / night.run_id / gate, f"Gate {gate}, run {night.run_id}", results)
    if stops := [r.in_words for r in results if r.stops]:
        finish_run(night, "failed", f"the {gate} gate stopped the night: {'; '.join(stops)}")


def told(results: Sequence[CheckResult], spec: dg.AssetCheckSpec) -> dg.AssetCheckResult:
    """One Dagster result for all checks on one asset: the worst of them, with the rows that break it."""
    failed = [r for r in results if not r.passed]
    stops = [r for r in failed if r.stops]
    lines = [f"{r.table}: {r.check} ({r.offending_rows} rows) {' '.join(r.examples[:2])}" for r in stops + failed]
    return dg.AssetCheckResult(
        passed=not failed,
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
        description="; ".join(dict.fromkeys(lines))[:1000] or f"{len(results)} checks passed",
        metadata={"checks": len(results), "stopped": len(stops), "warned": len(failed) - len(stops)},
    )


@dg.multi_asset_check(specs=ARRIVAL, name="arrival_gate", description="Great Expectations over every feed.")
def arrival_gate(
    context: dg.AssetCheckExecutionContext, night: dg.ResourceParam[Night]
) -> Iterator[dg.AssetCheckResult]:
    """Does what arrived keep its contract, and was no row lost?"""
    batches = [arrival_batch(contract) for contract in feed_contracts().values()]
    results = run_gate("arrival", night.warehouse.path, [*batches, accounting_batch()])
    keep_results(night, "arrival", results)
    accounting = [r for r in results if r.table == "meta.deliveries"]
    for spec, batch in zip(ARRIVAL, batches, strict=True):
        result = told([r for r in results if r.table == batch.table] + accounting, spec)
        if not result.passed:
            context.log.error(f"{batch.table}: {result.description}")
        yield result


@dg.asset_check(
    asset=REFERENCE_TABLE,
    name="reference",
    blocking=True,
    description="Norms, minimum wage, events and schemes: no gap, no overlap, one percentage a year, a source each.",
)
def reference_gate() -> dg.AssetCheckResult:
    """Is the law that we computed with sound?"""
    offenders = {name: rows for name, rows in reference_offenders().items() if rows.height}
    told_of = "; ".join(f"{name}: {rows.rows()[0]}" for name, rows in offenders.items())
    return dg.AssetCheckResult(
        passed=not offenders, description=told_of or "sound", metadata={"failed": len(offenders)}
    )


@dg.multi_asset_check(specs=[RELEASE], name="release_gate", description="Great Expectations over our own tables.")
def release_gate(
    context: dg.AssetCheckExecutionContext, night: dg.ResourceParam[Night]
) -> Iterator[dg.AssetCheckResult]:
    """May tonight's tables be published?"""
    results = run_gate("release", night.warehouse.path, release_batches(load))
    keep_results(night, "release", results)
    for failed in (r for r in results if not r.passed):
        tell = context.log.error if failed.stops else context.log.warning
        tell(f"{failed.table}: {failed.check}, {failed.offending_rows} rows. {failed.meaning}")
    yield told(results, RELEASE)
