"""The world of homes: the same for one seed, and with every way of being wrong that the score must stand."""

import polars as pl
import pytest

from app.synthetic.homes import LEAST, Homes, live_somewhere


@pytest.fixture(scope="module")
def homes() -> Homes:
    return live_somewhere(600, 3)


def test_one_seed_is_one_world(homes: Homes) -> None:
    again = live_somewhere(600, 3)
    assert again.statements.equals(homes.statements)
    assert again.ties.equals(homes.ties)
    assert not live_somewhere(600, 4).statements.equals(homes.statements)


def test_staff_and_systems_are_all_there(homes: Homes) -> None:
    assert homes.persons["staff"].sum() == 600
    assert set(homes.statements["source"]) == {"hr", "vetting", "custody", "stops", "intelligence"}
    assert homes.statements.filter("staff")["source"].is_in(["hr", "vetting"]).all()
    assert homes.statements.filter(pl.col("flatless"))["block"].null_count() == 0


def test_there_are_declared_and_undeclared_ties_and_stale_statements(homes: Homes) -> None:
    undeclared = homes.ties.filter(~pl.col("declared") & (pl.col("days") >= LEAST))
    assert undeclared.height >= 10
    assert homes.ties["declared"].sum() >= 10
    assert homes.statements["end"].null_count() > 100
    assert homes.holdings().height == homes.statements.height
