"""What an analyst looks at after cleaning: rows and persons by table. No row is shown.

Enters: a clean year. Leaves: a small frame with headings in Swedish or English.
"""

from __future__ import annotations

import pandas as pd

from platform_utils import messages
from platform_utils.spec import grains
from platform_utils.spec.clean import CleanYear


def describe_year(clean: CleanYear, lang: str) -> pd.DataFrame:
    """Return rows and persons of each clean table.

    Returns
    -------
    DataFrame, shape (n_grains, 3)
        Table, rows, persons (a mass case is one row with several persons; missing where nobody is
        counted); tables that count persons first.
    """
    rows = [
        (
            grain.rows(lang),
            len(clean.tables[grain.name]),
            clean.tables[grain.name][grain.persons].sum() if grain.persons else None,
        )
        for grain in sorted(grains.load().values(), key=lambda grain: not grain.persons)
    ]
    table = pd.DataFrame(
        rows, columns=[messages.label(f"L-clean-{key}", lang) for key in ("table", "rows", "persons")]
    )
    return table.astype({table.columns[2]: "Int64"})
