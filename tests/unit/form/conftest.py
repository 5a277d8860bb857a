"""Forms of fewer empty rows: the same formulas, written and read in less time."""

import pytest

from platform_utils.form.style import settings


@pytest.fixture(autouse=True, scope="module")
def few_rows():
    """The sheets have 220 rows for answers, and what is filled in beside those."""
    with pytest.MonkeyPatch.context() as patch:
        for name in settings().rows:
            patch.setitem(settings().rows, name, min(settings().rows[name], 220))
        yield
