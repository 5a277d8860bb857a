"""Whole tables, as the report shows them, in both languages: a change of wording or form shows here."""

from pathlib import Path

import pandas as pd
import pytest

from platform_utils import protect
from platform_utils.publish.table import show_table
from platform_utils.spec.counts import CountTable, Universe

GOLDEN = Path(__file__).parent / "tables"


def safe(name, universe, dimension, cells, year, **fields):
    data = pd.DataFrame(cells, columns=[dimension, "count"])
    table = CountTable(name, Universe(universe, year, "demo"), (dimension,), data, **fields)
    return protect.protect(protect.Demand([table], protect.load_rule())).tables[0]


def role():
    cells = [("direct", 140), ("child", 28), ("sibling", 5), ("relative_or_partner", 4), ("total", 177)]
    return safe("role", "all", "role", cells, 2019, notes=("role_child",))


def authority_support():
    cells = [("yes", 22), ("no", 95), ("unknown", 5), ("total", 122)]
    return safe("authority_support", "direct", "authority_support", cells, 2018)


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("table", [role, authority_support])
def test_a_table_reads_as_it_did(table, lang):
    expected = (GOLDEN / f"{table.__name__}.{lang}.md").read_text(encoding="utf-8")

    assert expected == show_table(table(), lang)._repr_markdown_()
