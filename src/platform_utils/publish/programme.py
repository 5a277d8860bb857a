"""The rules of the support programme as readers see them: a line per limit, with version, dates and source.

Enters: `programme.rules`. Leaves: a table. Rules are no counts: nothing here is about people.
"""

from __future__ import annotations

from platform_utils.messages import say
from platform_utils.programme.rules import load_rules
from platform_utils.publish.inline import Shown
from platform_utils.publish.table import table_block


def show_rules(lang: str) -> Shown:
    """Return periods and limits in order: what held when, what it gave at most, and who says so."""
    rules = load_rules()
    body = []
    for period in rules.periods:
        when = (
            f"{period.first}–{period.until}"
            if period.until
            else say("nsp", "from_then", lang, month=period.first)
        )
        limits = [
            say("nsp", "limit_periods" if limit.periods else "limit", lang, days=limit.days,
                each=limit.period_days, periods=limit.periods,
                kind=say("nsp", f"called_{limit.what}_{limit.version}", lang))
            for limit in rules.limits_of(period.version)
        ]  # fmt: skip
        sources = dict.fromkeys([period.source, *(limit.source for limit in rules.limits_of(period.version))])
        told = "; ".join(limits) or period.because.label(lang)
        name = say("nsp", f"version_{period.name}", lang)
        body.append([when, name, told, "; ".join(rules.sources[one].label(lang) for one in sources)])
    heading = [
        say("nsp", key, lang) for key in ("column_when", "column_rules", "column_most", "column_source")
    ]
    return table_block(
        "rules", say("nsp", "rules_caption", lang), heading, body, (), (18, 16, 44, 24), numbers=()
    )
