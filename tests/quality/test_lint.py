"""What the lint of contracts and SQL refuses, and that it says in which file and what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality.contract_rules import feed_problems, product_problems
from quality.lint import ROOT, content_problems, lint, main
from quality.source_rules import begins_as_statement, python_problems, sql_problems
from quality.versions import content_hash

Change = Callable[[dict[str, Any]], object]

FEED: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "urn:feed:places",
    "name": "places",
    "version": "1.0.0",
    "status": "active",
    "description": {"purpose": "Places."},
    "schema": [
        {
            "name": "places",
            "logicalType": "object",
            "dataGranularityDescription": "one row per place",
            "properties": [
                {
                    "name": "place",
                    "logicalType": "string",
                    "businessName": "plaats",
                    "description": "Name of the place.",
                    "classification": "internal",
                    "primaryKey": True,
                    "primaryKeyPosition": 1,
                    "logicalTypeOptions": {"pattern": "^[A-Z]"},
                },
                {
                    "name": "score",
                    "logicalType": "integer",
                    "businessName": "cijfer",
                    "description": "Score.",
                    "classification": "internal",
                    "logicalTypeOptions": {"minimum": 0, "maximum": 3},
                    "quality": [
                        {
                            "type": "library",
                            "metric": "invalidValues",
                            "arguments": {"validValues": [0, 1]},
                            "mustBe": 0,
                        }
                    ],
                },
            ],
        }
    ],
    "slaProperties": [{"property": "frequency", "value": "daily"}],
    "customProperties": [
        {"property": "supplier", "value": "IND"},
        {"property": "deliveryMode", "value": "delta"},
        {"property": "standIn", "value": True},
    ],
}


def write_contract(folder: Path, change: Change = lambda _: None, name: str = "places") -> Path:
    """A sound contract of places, changed by `change`, in `folder`."""
    document = yaml.safe_load(yaml.safe_dump(FEED))
    change(document)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.odcs.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def table(document: dict[str, Any]) -> dict[str, Any]:
    return document["schema"][0]  # type: ignore[no-any-return]


def place(document: dict[str, Any]) -> dict[str, Any]:
    return table(document)["properties"][0]  # type: ignore[no-any-return]


def score(document: dict[str, Any]) -> dict[str, Any]:
    return table(document)["properties"][1]  # type: ignore[no-any-return]


def set_valid_values(document: dict[str, Any], values: list[Any]) -> None:
    score(document)["quality"][0]["arguments"]["validValues"] = values


FEED_FAULTS: list[tuple[Change, str]] = [
    (lambda d: d.update(name="sites"), "it is named sites: give the file and the contract the same name."),
    (lambda d: d.update(version="1.0"), "version 1.0 is not of the form 1.2.3"),
    (lambda d: d.update(description={}), "it has no purpose"),
    (lambda d: d.update(schema=[]), "it describes no table"),
    (lambda d: d["customProperties"].pop(0), "it names no supplier"),
    (lambda d: d["customProperties"].pop(1), "its deliveryMode is neither full nor delta"),
    (lambda d: d["customProperties"].pop(2), "it does not say whether the feed is simulated"),
    (lambda d: d.pop("slaProperties"), "it does not say how often it is delivered"),
    (lambda d: d["schema"].append(table(d)), "it describes several tables"),
    (lambda d: table(d).update(name="sites"), "its table is named sites"),
    (lambda d: table(d).update(name="My places"), "My places: not a plain name"),
    (lambda d: table(d).pop("dataGranularityDescription"), "places: it does not say what one row is"),
    (lambda d: table(d).update(properties=[]), "places: it has no fields"),
    (lambda d: place(d).update(primaryKey=False), "places: it has no key"),
    (lambda d: place(d).update(primaryKeyPosition=2), "the primaryKeyPositions are [2]: number the key from 1"),
    (lambda d: place(d).update(name="score"), "places.score: it stands there twice"),
    (lambda d: place(d).update(name="Place"), "places.Place: not a plain name"),
    (lambda d: place(d).pop("businessName"), "places.place: it has no Dutch term"),
    (lambda d: place(d).update(description="  "), "places.place: it has no meaning: write a description."),
    (lambda d: place(d).pop("logicalType"), "places.place: its logicalType is None: choose one of string,"),
    (lambda d: place(d).update(classification="secret"), "its classification is secret: choose one of internal,"),
    (lambda d: place(d).update(classification="audit_only"), "a key cannot be for the fairness audit only"),
    (lambda d: place(d).update(logicalTypeOptions={"pattern": "["}), "its pattern [ is not a regular expression"),
    (lambda d: place(d).update(logicalTypeOptions={"format": "email"}), "nothing reads the option format"),
    (lambda d: score(d)["logicalTypeOptions"].update(minimum=4), "its minimum 4 is above its maximum 3"),
    (lambda d: set_valid_values(d, []), "places.score: its closed list is empty"),
    (lambda d: set_valid_values(d, [1, 1]), "its closed list names 1 twice"),
    (lambda d: set_valid_values(d, ["1", True]), "its closed list holds ['1', True], which are not of type integer"),
    (lambda d: score(d)["quality"][0].update(metric="nullValues"), "nothing reads the rule nullValues"),
    (lambda d: d.update(colour="red"), "not a contract by the Open Data Contract Standard: colour: Extra inputs"),
]


def test_a_sound_contract_has_no_problems(tmp_path: Path) -> None:
    assert feed_problems(write_contract(tmp_path / "contracts")) == []


@pytest.mark.parametrize(("change", "sentence"), FEED_FAULTS, ids=[text for _, text in FEED_FAULTS])
def test_a_fault_in_a_contract_is_one_sentence_with_its_file(tmp_path: Path, change: Change, sentence: str) -> None:
    found = feed_problems(write_contract(tmp_path / "contracts", change))
    assert any(sentence in problem for problem in found), found
    assert all(problem.startswith("quality/contracts/places.odcs.yaml: ") for problem in found)
    assert all(problem.endswith(".") for problem in found)


def test_a_file_that_is_not_yaml_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "places.odcs.yaml"
    path.write_text("name: [places", encoding="utf-8")
    (problem,) = feed_problems(path)
    assert "places.odcs.yaml: not readable as YAML: while parsing" in problem
    assert "\n" not in problem


def test_our_own_tables_need_no_supplier_but_may_not_publish_a_column_for_the_audit_only(tmp_path: Path) -> None:
    def published(document: dict[str, Any]) -> None:
        del document["customProperties"]
        score(document).update(classification="audit_only")

    (problem,) = product_problems(write_contract(tmp_path / "products", published))
    assert "places.score: it is for the fairness audit only and would be published" in problem


def test_a_product_describes_each_table_once(tmp_path: Path) -> None:
    twice = write_contract(tmp_path / "products", lambda d: d["schema"].append(table(d)))
    (problem,) = product_problems(twice)
    assert "it describes the table places twice" in problem


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one recorded contract, one recorded product and one query."""
    write_contract(tmp_path / "quality" / "contracts")
    write_contract(tmp_path / "quality" / "products", name="core", change=lambda d: d.update(name="core"))
    query = tmp_path / "sql" / "core" / "places.sql"
    query.parent.mkdir(parents=True)
    query.write_text("-- Every place.\nselect 1\n", encoding="utf-8")
    assert main(["--record"], tmp_path) == 0
    assert lint(tmp_path) == []
    return tmp_path


def test_changed_content_under_the_same_version_fails_and_is_not_recorded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_contract(project / "quality" / "contracts", lambda d: place(d).update(description="Another meaning."))
    sentence = (
        "quality/contracts/places.odcs.yaml: the content changed and the version is still 1.0.0: "
        "raise the version (python -m quality.lint --bump places)."
    )
    assert lint(project) == [sentence]
    capsys.readouterr()
    assert main(["--record"], project) == 1
    assert capsys.readouterr().out == sentence + "\n"
    assert lint(project) == [sentence]


def test_the_same_holds_for_our_own_tables(project: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["name"] = "core"
        score(document)["required"] = True

    write_contract(project / "quality" / "products", change, name="core")
    (sentence,) = lint(project)
    assert sentence.startswith("quality/products/core.odcs.yaml: the content changed")


def test_a_raised_version_is_asked_to_be_recorded_and_then_passes(project: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["version"] = "1.1.0"
        place(document)["description"] = "Another meaning."

    write_contract(project / "quality" / "contracts", change)
    assert lint(project) == [
        "quality/contracts/places.odcs.yaml: it is not recorded in this version: run python -m quality.lint --record."
    ]
    assert main(["--record"], project) == 0
    assert lint(project) == []


def test_bump_raises_the_minor_version_and_records(project: Path) -> None:
    path = write_contract(project / "quality" / "contracts", lambda d: place(d).update(description="Another meaning."))
    assert main(["--bump", "places"], project) == 0
    assert yaml.safe_load(path.read_text())["version"] == "1.1.0"
    assert lint(project) == []


def test_bump_of_an_unknown_name_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["--bump", "sites"], project) == 1
    assert "there is no contract sites" in capsys.readouterr().out


def test_a_version_that_goes_back_fails_even_with_other_content(project: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["version"] = "0.9.0"
        place(document)["description"] = "Another meaning."

    write_contract(project / "quality" / "contracts", change)
    assert lint(project) == [
        "quality/contracts/places.odcs.yaml: version 0.9.0 is lower than the recorded 1.0.0: raise the version."
    ]


def test_versions_are_compared_as_numbers(project: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        write_contract(project / "quality" / "contracts", lambda d, v=version: d.update(version=v))  # type: ignore[misc]
        assert main(["--record"], project) == 0


def test_new_and_removed_contracts_are_asked_to_be_recorded(project: Path) -> None:
    (project / "quality" / "contracts" / "places.odcs.yaml").unlink()
    write_contract(project / "quality" / "contracts", name="sites", change=lambda d: d.update(name="sites"))
    table_name = "its table is named places"
    assert [s for s in lint(project) if table_name not in s] == []
    rename = lambda d: (d.update(name="sites"), table(d).update(name="sites"))  # noqa: E731 (a change is one expression)
    write_contract(project / "quality" / "contracts", name="sites", change=rename)
    assert lint(project) == [
        "quality/contracts/places.odcs.yaml: it is gone but still recorded: run python -m quality.lint --record.",
        "quality/contracts/sites.odcs.yaml: it is not recorded in this version: run python -m quality.lint --record.",
    ]


def test_layout_comments_and_the_version_are_no_content(tmp_path: Path) -> None:
    path = write_contract(tmp_path)
    before = content_hash(path)
    path.write_text("# A comment.\n" + path.read_text().replace("version: 1.0.0", "version:   1.1.0"))
    assert content_hash(path) == before


def test_an_unsound_contract_is_not_recorded(project: Path) -> None:
    lock = project / "quality" / "contracts" / "versions.lock"
    before = lock.read_text()
    write_contract(
        project / "quality" / "contracts", lambda d: (d.update(version="1.1.0"), place(d).update(description=""))
    )
    assert main(["--record"], project) == 1
    assert lock.read_text() == before


QUERY_FAULTS = [
    ("select 1\n", "its first line does not say what it gives"),
    ("--\nselect 1\n", "its first line does not say what it gives"),
    ("-- One.\nselect 1", "it does not end with exactly one newline"),
    ("-- One.\nselect 1\n\n", "it does not end with exactly one newline"),
    ("-- One.\nselect 1;\nselect 2\n", "it holds 2 statements: one query a file."),
    ("-- One.\n", "it holds 0 statements: one query a file."),
    ("-- One.\nselect from where\n", "the database cannot parse it: Parser Error"),
]


@pytest.mark.parametrize(("text", "sentence"), QUERY_FAULTS)
def test_a_query_file_holds_one_statement_under_a_header(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "one.sql").write_text(text, encoding="utf-8")
    (problem,) = sql_problems(tmp_path)
    assert problem.startswith(f"sql/one.sql: {sentence}")


def test_a_query_file_has_a_plain_name(tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "One-more.sql").write_text("-- One.\nselect 1\n", encoding="utf-8")
    assert sql_problems(tmp_path) == ["sql/One-more.sql: not a plain name: use small letters, digits and underscores."]


BUILT = [
    'f"select * from {name}"',
    'f"SELECT {column} FROM x"',
    'f"""\n  insert into {name} values (1)"""',
    'f"create or replace temp table {name} as select 1"',
    'f"delete from {name}"',
    'f"update {name} set a = 1"',
    "f\"copy {name} to 'x'\"",
    "f\"attach '{name}'\"",
    'f"with x as (select 1) select {name} from x"',
    '"truncate " + name',
    '"select * from %s" % name',
    '"select * from {}".format(name)',
]
INNOCENT = [
    'f"Select {name} from the menu"',
    'f"update {name} first"',
    'f"copy of {name}"',
    'f"created table {name}"',
    '"select * from x"',
    'f"select 1"',
    'f"{name} select"',
]


@pytest.mark.parametrize("expression", BUILT)
def test_sql_put_together_in_python_is_found_with_its_line(tmp_path: Path, expression: str) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "one.py").write_text(f"name = 'x'\nquery = {expression}\n", encoding="utf-8")
    (problem,) = python_problems(tmp_path)
    assert problem.startswith("assets/one.py:2: SQL is put together in Python: move the query to a file under sql/")


@pytest.mark.parametrize("expression", INNOCENT)
def test_sentences_and_fixed_texts_are_not_taken_for_sql(tmp_path: Path, expression: str) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "one.py").write_text(f"name = 'x'\nquery = {expression}\n", encoding="utf-8")
    assert python_problems(tmp_path) == []


def test_a_statement_is_known_by_its_beginning_in_either_case() -> None:
    assert begins_as_statement("  DELETE FROM {}")
    assert not begins_as_statement("Delete from {} what you do not need")


def test_the_contracts_of_this_project_are_sound() -> None:
    assert content_problems(ROOT) == []


def test_the_command_ends_with_1_when_something_is_wrong_and_0_when_not(project: Path) -> None:
    assert main([], project) == 0
    (project / "sql" / "core" / "places.sql").write_text("select 1", encoding="utf-8")
    assert main([], project) == 1


def test_the_command_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quality.lint", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "--record" in done.stdout
