"""Small count tables, written as literal rows."""

import pandas as pd

from platform_utils.protect import Demand, protect
from platform_utils.spec.counts import CountTable, Universe

DIRECT = Universe("direct", 2021, "demo")


def table(counts, *dimensions, name="t", universe=DIRECT, **options):
    """``{"woman": 5, "total": 5}`` or ``{("woman", "yes"): 3, ...}`` as a count table."""
    rows = [(key if isinstance(key, tuple) else (key,)) for key in counts]
    data = pd.DataFrame(rows, columns=list(dimensions)).assign(count=list(counts.values()))
    return CountTable(name, universe, dimensions, data, **options)


def crossed(inner, first, second, **options):
    """A 2 x 2 or larger table from its inner rows, with all margins."""
    counts = {}
    rows = {code: dict(zip(inner["columns"], values, strict=True)) for code, values in inner["rows"].items()}
    for code, row in rows.items():
        counts |= {(code, column): count for column, count in row.items()}
        counts[(code, "total")] = sum(row.values())
    for column in inner["columns"]:
        counts[("total", column)] = sum(row[column] for row in rows.values())
    counts[("total", "total")] = sum(sum(row.values()) for row in rows.values())
    return table(counts, first, second, **options)


def shown(safe):
    """Released counts in row order, None where hidden."""
    return [None if pd.isna(value) else int(value) for value in safe.data["count"]]


def protect_set(tables, rule, **options):
    """What the gate makes of a demand, with how good the choice is."""
    return protect(Demand(tables, rule, **options))


def protect_tables(tables, rule, **options):
    """The safe tables that the gate makes of a demand."""
    return protect_set(tables, rule, **options).tables
