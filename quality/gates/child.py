"""The child process of a gate: the only module that imports Great Expectations.

Belongs here: turning our checks into expectations and its results into ours. Started by `quality.gates.engine`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig

from quality.gates import dialect

EXAMPLES = 5


def _expectation(check: dict[str, Any]) -> Any:
    kind = getattr(gxe, check["expectation"])
    severity = "critical" if check["severity"] == "stop" else "warning"
    return kind(**check["arguments"], severity=severity, description=check["name"])


def _by_result_form(checks: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Checks by the form of result to ask for.

    A query shows its rows only in the complete form; a column in that form would list every value it found.
    """
    forms: dict[str, list[dict[str, Any]]] = {}
    for check in checks:
        form = "COMPLETE" if check["expectation"] == "UnexpectedRowsExpectation" else "SUMMARY"
        forms.setdefault(form, []).append(check)
    return forms


def _offending_rows(result: dict[str, Any]) -> int:
    if "unexpected_count" in result:
        return int(result["unexpected_count"])
    observed = result.get("observed_value", 0)
    return int(observed) if isinstance(observed, (int, float)) else 1


def _examples(result: dict[str, Any]) -> list[str]:
    rows = (result.get("details") or {}).get("unexpected_rows") or result.get("partial_unexpected_list") or []
    return [json.dumps(row, default=str, ensure_ascii=False) for row in rows[:EXAMPLES]]


def _answer(gate: str, table: str, check: dict[str, Any], found: Any) -> dict[str, Any]:
    failure = found.exception_info or {}
    if not found.success and not found.result:
        # A metric that raised says nothing about the data; the gate treats it as a failure and shows why.
        text = next((v["exception_message"] for v in failure.values() if isinstance(v, dict)), str(failure))
        examples, rows = [text.strip().splitlines()[0][:300]], 0
    else:
        examples, rows = ([], 0) if found.success else (_examples(found.result), _offending_rows(found.result))
    return {
        "gate": gate,
        "table": table,
        "check": check["name"],
        "severity": check["severity"],
        "passed": bool(found.success),
        "offending_rows": rows,
        "meaning": check["meaning"],
        "examples": examples,
    }


def answer(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to a request, one per check."""
    dialect.register()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_sql(
        "database",
        connection_string=f"duckdb+readonly:///{request['database']}",
        create_temp_table=False,
        kwargs={
            "pool_reset_on_return": None,
            "connect_args": {"read_only": True, "config": {"memory_limit": "3GB"}},
        },
    )
    answers = []
    for number, batch in enumerate(request["batches"]):
        asset = source.add_query_asset(f"{batch['table']} {number}", query=batch["query"])
        rows = asset.add_batch_definition_whole_table("all").get_batch()
        by_name: dict[str, Any] = {}
        for form, checks in _by_result_form(batch["checks"]).items():
            suite = gx.ExpectationSuite(f"{batch['table']} {form}", expectations=[_expectation(c) for c in checks])
            found = rows.validate(suite, result_format={"result_format": form, "partial_unexpected_count": EXAMPLES})
            by_name |= {r.expectation_config.description: r for r in found.results}
        answers += [_answer(request["gate"], batch["table"], c, by_name[c["name"]]) for c in batch["checks"]]
    return answers


def main() -> None:
    """Read the request, write the answer, and leave without the interpreter's farewell."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps(answer(request)), encoding="utf-8")
    sys.stderr.flush()
    os._exit(0)  # the database's bindings report leaked objects at a normal exit, which means nothing here


if __name__ == "__main__":
    main()
