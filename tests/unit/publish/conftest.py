"""Small protected tables made by the gate from literal counts: publish is handed nothing else."""

import pandas as pd
import pytest

from platform_utils import protect
from platform_utils.spec.counts import CountTable, Universe


@pytest.fixture
def safe():
    """Return one safe table from codes and counts; the margin is the last row."""

    def make(
        name, cells, *, dimension=None, universe="direct", year=2023, source="demo", unit="persons", **fields
    ):
        dimensions = () if dimension is None else (dimension,)
        data = pd.DataFrame({"count": [count for _, count in cells]})
        for one in dimensions:
            data.insert(0, one, [code for code, _ in cells])
        table = CountTable(name, Universe(universe, year, source, unit), dimensions, data, **fields)
        beside = [] if unit != "sek" else [_persons_behind(table)]
        return protect.protect(protect.Demand([table, *beside], protect.load_rule())).tables[0]

    return make


@pytest.fixture
def role(safe):
    """Persons by role, 2019: four groups, nothing hidden."""
    cells = [("direct", 140), ("child", 28), ("sibling", 5), ("relative_or_partner", 4), ("total", 177)]
    return safe("role", cells, dimension="role", universe="all", year=2019, notes=("role_child",))


@pytest.fixture
def hidden(safe):
    """A table in which a small count and another one are hidden."""
    cells = [("woman", 80), ("man", 20), ("other", 2), ("unknown", 0), ("total", 102)]
    return safe("sex", cells, dimension="sex")


@pytest.fixture
def unasked(safe):
    """A table of a question that the year did not ask."""
    return safe("mmm_access", [], dimension="mmm_access", year=2018, asked=False)


def _persons_behind(table):
    """Ten interventions behind each amount: money is shown only where the counts under it are."""
    parts = len(table.data) - 1
    data = table.data.assign(count=[10] * parts + [10 * parts])
    unit = Universe(table.universe.name, table.universe.year, table.universe.source, "interventions")
    return CountTable("nsp_intervention", unit, table.dimensions, data)
