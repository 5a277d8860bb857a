"""Columns of the pilot's cohort: one row per person, days counted from time zero, no exact dates.

The fields are those to ask the operator for. Days are whole numbers from the person's time zero; only the
month of first contact is a date. ``required`` columns must be there; the rest may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COLUMNS", "END_CODES", "Column", "column"]

YES_NO = ("yes", "no")
YES_NO_UNKNOWN = ("yes", "no", "unknown")
END_CODES = ("in_contact", "left", "refused", "planned", "transfer", "return", "deportation", "mmm")


@dataclass(frozen=True)
class Column:
    """One column of the cohort file.

    Parameters
    ----------
    name : str
        Heading.
    kind : {"text", "code", "day", "month", "number"}
        ``day`` is a whole number of days from time zero.
    codes : tuple of str
        Allowed values of a ``code``.
    required : bool
        The file is refused without it.
    filled : bool
        Every row must have a value.
    outcome : bool
        A day that must not lie before time zero.
    """

    name: str
    kind: str
    codes: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    outcome: bool = False


COLUMNS = (
    Column("person_id", "text", required=True, filled=True),
    Column("member_id", "text", required=True, filled=True),
    Column("region", "text", required=True, filled=True),
    Column("first_contact_month", "month", required=True, filled=True),
    Column("time_zero_kind", "code", ("eligibility", "application", "first_contact"), True, True),
    Column("programme_at_zero", "code", ("none", "mmm"), True, True),
    Column("access", "code", YES_NO, True, True),
    Column("follow_up_day", "day", required=True, filled=True),
    Column("application_day", "day", required=True),
    Column("confirmation_day", "day"),
    Column("start_day", "day"),
    Column("end_day", "day"),
    Column("days_used", "day"),
    Column("rule_version", "text"),
    Column("reported_before", "code", YES_NO, True, True),
    Column("report_day", "day", required=True, outcome=True),
    Column("report_heading", "code", ("trafficking", "human_exploitation", "other", "unknown")),
    Column("reporter", "code", ("person", "member", "authority", "other", "unknown")),
    Column("mmm_day", "day", outcome=True),
    Column("mmm_refusal", "text"),
    Column("reflection_applied", "code", YES_NO_UNKNOWN),
    Column("reflection_granted_day", "day"),
    Column("exit_kind", "code", END_CODES, True, True),
    Column("last_contact_day", "day", required=True, filled=True, outcome=True),
    Column("contact_source", "code", ("member_log", "funded_days")),
    Column("recontact_report", "code", YES_NO),
    Column("refusal_reason", "code", ("none", "budget", "space", "need", "unknown")),
    Column("identified_by", "text"),
    Column("role", "text"),
    Column("sex", "text"),
    Column("age_band", "text"),
    Column("origin_group", "text"),
    Column("form", "text"),
    Column("place", "text"),
    Column("asylum", "code", YES_NO_UNKNOWN),
    Column("dublin", "code", YES_NO_UNKNOWN),
    Column("children_count", "number"),
    Column("children_location", "text"),
    Column("threat", "code", YES_NO_UNKNOWN),
    Column("sek_granted", "number"),
    Column("sek_used", "number"),
)


def column(name: str) -> Column | None:
    """Return the column of that name, or None if the cohort has no such field."""
    return next((item for item in COLUMNS if item.name == name), None)
