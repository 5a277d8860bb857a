"""Whole series of printed figures as tables: of a page that is about them, and of others who ask for one.

Enters: printed figures. Leaves: Markdown: each with its base, year and source, and the list of sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from platform_utils.publish.inline import Shown
from platform_utils.publish.published import Source, texts
from platform_utils.publish.series import Series
from platform_utils.publish.table import table_block

_UNITS = frozenset(("SEK", "date", "days", "month", "year", "years"))


class Printed(Series):
    """Printed figures of some series in one language, all of them shown."""

    def all_of(self, series: str) -> Shown:
        """Return every figure of a series as one table."""
        body = [
            [
                f.label(self._lang),
                "" if f.category in _UNITS else f.base(self._lang),  # the file only repeats its unit
                f.period(self._lang),
                f.text(self._lang),
                self._sources_of(f),
            ]
            for f in self._figures
            if f.series == series
        ]
        heading = self._say_all("what", "of_whom", "year", "figure", "source")
        title = texts()["series"][series][self._lang]
        return table_block(series, title, heading, body, (), (34, 26, 12, 20, 10), numbers=(3,))

    @cached_property
    def _numbers(self) -> Mapping[Source, int]:  # type: ignore[override]
        listed = dict.fromkeys(source for figure in self._figures for source in figure.sources)
        return {source: number for number, source in enumerate(listed, start=1)}
