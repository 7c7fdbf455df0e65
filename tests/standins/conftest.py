"""One tiny and one small world for all tests of the stand-ins, made once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from assets.standins.supply import supply
from quality.contract import feed_contracts
from tests.standins.validator import deliveries, rows_of

AS_OF = date(2026, 11, 23)


class Delivered:
    """A delivered world: its folder, its truth, and the rows of each feed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.root / "truth" / f"{name}.parquet")

    def rows(self, feed: str) -> pl.DataFrame:
        """Everything that was ever delivered of a feed, without the rows that were spoilt on purpose."""
        faults = self.truth("faults")
        frames = []
        for contract, on, manifest, folder in deliveries(self.root / "landing"):
            if contract.feed == feed:
                rows = rows_of(contract, manifest, folder).with_columns(
                    pl.col("row_number").cast(pl.Int64), delivered_on=pl.lit(on), feed=pl.lit(feed)
                )
                frames.append(rows.join(faults, on=["feed", "delivered_on", "file", "row_number"], how="anti"))
        return pl.concat(frames)

    def current(self, feed: str) -> pl.DataFrame:
        """The last version of each key of a feed."""
        key = [field.name for field in feed_contracts()[feed].table.key]
        rows = self.rows(feed).sort("delivered_on", maintain_order=True)
        return rows.unique(key, keep="last", maintain_order=True).drop("row_number", "file", "delivered_on", "feed")


@pytest.fixture(scope="session")
def scenario_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Delivered]:
    """One tiny world of each scenario with the same seed, made when it is first asked for."""

    @cache
    def made(scenario: str) -> Delivered:
        root = tmp_path_factory.mktemp(scenario)
        supply(root, scale="tiny", scenario=scenario, seed=7, as_of=AS_OF)
        return Delivered(root)

    return made


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    root = tmp_path_factory.mktemp("world")
    supply(root, scale="tiny", scenario="heavy", seed=1, as_of=AS_OF)
    return Delivered(root)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    root = tmp_path_factory.mktemp("small")
    supply(root, scale="small", seed=1, as_of=AS_OF)
    return Delivered(root)
