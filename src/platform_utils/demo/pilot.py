"""An invented pilot cohort that can be wrong on purpose: every bias is a switch.

Enters: a truth and a seed. Leaves: one row per invented person with the columns that the evaluation reads.
Nobody in it exists; every person's number begins with DEMO. The yearly returns never change with it.

How a person comes about: her member's risks are drawn, then independent days of being lost, reporting,
planned exit and return; what happens first ends the contact. Contact is lost early rather than late, so
whoever waits for an application has already survived the worst days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from platform_utils.paths import write_atomically, write_whole

Floats = NDArray[np.float64]

# being lost comes early: cumulative hazard grows as the square root of time
_EARLY = 0.5
_SCALE = 90.0
_REGIONS = ("nord", "mitt", "stockholm", "ost", "vast", "syd", "bergslagen")


@dataclass(frozen=True)
class PilotTruth:
    """What is true in the invented cohort. The defaults hold no effect and no bias.

    Attributes
    ----------
    lost_with, lost_without : float
        Risk of being lost within 90 days with and without access, if nothing else ended contact.
    report_with, report_without : float
        Chance of a police report within 90 days, likewise.
    other_ends : float
        Chance of each of planned exit and return within 90 days.
    correlation : float
        Clustering: correlation of outcomes inside a member (0, 0.05, 0.1 ...).
    selection : {"none", "measured", "hidden"}
        Persons under threat, who are lost more and report less, are commoner where there is access; with
        ``"hidden"`` the threat is not on record.
    informative_loss : bool
        Those who are lost would have reported half as often.
    immortal_time : bool
        Entrants' days are counted from their application instead of from eligibility.
    unequal_follow_up : bool
        Two in five without access are followed for less than the window.
    unequal_contact : bool
        Without access only funded days leave dated contacts: one in four losses is a gap in the record.
    report_before : float
        Share who had reported before time zero.
    in_mmm : float
        Share of the comparison group who were in MMM at time zero.
    members : int
        Members with access; as many without.
    persons_per_year : int
        Persons met per year, both groups together, 2015-2024.
    apply_within : float
        Chance of applying, for a person with access who stays long enough.
    """

    lost_with: float = 0.32
    lost_without: float = 0.32
    report_with: float = 0.25
    report_without: float = 0.25
    other_ends: float = 0.06
    correlation: float = 0.0
    selection: str = "none"
    informative_loss: bool = False
    immortal_time: bool = False
    unequal_follow_up: bool = False
    unequal_contact: bool = False
    report_before: float = 0.15
    in_mmm: float = 0.05
    members: int = 6
    persons_per_year: int = 26
    apply_within: float = 0.8


def make_pilot_cohort(truth: PilotTruth | None = None, seed: int = 2) -> pd.DataFrame:
    """Return an invented cohort, every cell as text, in the form of a file that an operator would send.

    Parameters
    ----------
    truth : PilotTruth, optional
        No effect and no bias if left out.

    Examples
    --------
    >>> cohort = make_pilot_cohort(seed=1)
    >>> cohort["person_id"].str.startswith("DEMO-").all(), len(cohort)
    (np.True_, 260)
    """
    truth = truth if truth is not None else PilotTruth()
    generator = np.random.default_rng(seed)
    people = _people(truth, generator)
    return _as_file(people, _contacts(people, truth, generator), truth, generator)


def write_pilot_cohort(path: Path, truth: PilotTruth | None = None, seed: int = 2) -> None:
    """Write an invented cohort as a CSV file, and beside it what is true in it.

    Parameters
    ----------
    path : Path
        The CSV; the truth goes to the same name with ``.truth.toml``.
    """
    truth = truth if truth is not None else PilotTruth()
    with write_atomically(path) as partial:
        make_pilot_cohort(truth, seed).to_csv(partial, index=False, lineterminator="\n", encoding="utf-8")
    lines = ["# What is true in this invented cohort.", f"seed = {seed}"]
    for item in fields(truth):
        value = getattr(truth, item.name)
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
        lines.append(f"{item.name} = {shown}")
    write_whole(path.with_suffix(".truth.toml"), "\n".join(lines) + "\n")


def _people(truth: PilotTruth, generator: np.random.Generator) -> pd.DataFrame:
    n = 10 * truth.persons_per_year
    year = np.repeat(np.arange(2015, 2025), truth.persons_per_year)
    month = generator.integers(1, 13, n)
    # members take turns, so that all are about equally large
    member = generator.permuted(np.arange(n) % (2 * truth.members))
    certified = member < truth.members
    start = (year - 2015) * 12 + month - 1
    closed = (start >= 48) & (start < 66)
    share = 0.4 if truth.selection == "none" else np.where(certified, 0.65, 0.2)
    return pd.DataFrame(
        {
            "year": year,
            "month": month,
            "start": start,
            "member": member,
            "certified": certified,
            "access": certified & ~closed,
            "threat": generator.random(n) < share,
        }
    )


def _contacts(people: pd.DataFrame, truth: PilotTruth, generator: np.random.Generator) -> pd.DataFrame:
    n, certified = len(people), people["certified"].to_numpy()
    access, threat, member = (people[name].to_numpy() for name in ("access", "threat", "member"))
    lost, report, planned, back = _days(truth, generator, member, access, threat)
    waited = np.floor(generator.exponential(8.0, n))
    applies = access & (generator.random(n) < truth.apply_within)
    # what happens first ends the contact
    ends = np.column_stack([lost, planned, back])
    end, kind = ends.min(axis=1), np.array(["left", "planned", "return"])[ends.argmin(axis=1)]
    # a third of those who report while in contact move on to MMM within the fortnight
    moves = (report <= end) & (generator.random(n) < 1 / 3)
    moving = report + generator.integers(3, 15, n)
    moves &= moving < end
    end, kind = np.where(moves, moving, end), np.where(moves, "mmm", kind)

    months_left = 125 - people["start"].to_numpy()
    follow_up = np.minimum(months_left * 30 + generator.integers(0, 30, n), 365).astype(float)
    if truth.unequal_follow_up:
        short = ~certified & (generator.random(n) < 0.4)
        follow_up = np.where(short, generator.integers(40, 100, n), follow_up)
    ended = end <= follow_up
    last = np.where(ended, end, follow_up - generator.integers(0, 7, n))
    kind = np.where(ended, kind, "in_contact")
    application = np.where(applies & (waited <= last), waited, np.nan)
    gap = ~certified & (kind == "in_contact") & (generator.random(n) < 0.25) & truth.unequal_contact
    last, kind = np.where(gap, np.minimum(last, 30), last), np.where(gap, "left", kind)
    # reports of those no longer in contact are known to the member in one case of five
    known = (report <= last) | ((report <= follow_up) & (generator.random(n) < 0.2))
    report = np.where(known & (report <= follow_up), report, np.nan)
    reached = (kind == "left") & (generator.random(n) < 0.3)
    shift = np.nan_to_num(application) if truth.immortal_time else np.zeros(n)
    report = report - shift
    return pd.DataFrame(
        {
            "follow_up": follow_up - shift,
            "application": application - shift,
            "report": np.where(report < 0, 0, report),
            "last": last - shift,
            "kind": kind,
            "zero": np.where(shift > 0, "application", "eligibility"),
            "gap": gap,
            "reached": reached,
        }
    )


def _as_file(
    people: pd.DataFrame, contacts: pd.DataFrame, truth: PilotTruth, generator: np.random.Generator
) -> pd.DataFrame:
    n, certified, application = len(people), people["certified"], contacts["application"]
    last, kind = contacts["last"], contacts["kind"]
    day: dict[str, Iterable[float]] = {
        "follow_up_day": contacts["follow_up"],
        "application_day": application,
        "confirmation_day": application + 1,
        "start_day": np.where(application + 3 <= last, application + 3, np.nan),
        "report_day": contacts["report"],
        "mmm_day": np.where(kind == "mmm", last, np.nan),
        "last_contact_day": last,
    }
    reported = contacts["report"].notna()
    funded_only = contacts["gap"] | (~certified & truth.unequal_contact)
    hidden = truth.selection == "hidden"
    # the order of these columns is the order in which the generator is asked
    return pd.DataFrame(
        {
            "person_id": [f"DEMO-{number:05d}" for number in range(1, n + 1)],
            "member_id": [f"M{number + 1:02d}" for number in people["member"]],
            "region": [_REGIONS[number % len(_REGIONS)] for number in people["member"]],
            "first_contact_month": [
                f"{y}-{m:02d}" for y, m in zip(people["year"], people["month"], strict=True)
            ],
            "time_zero_kind": contacts["zero"],
            "programme_at_zero": np.where(~certified & (generator.random(n) < truth.in_mmm), "mmm", "none"),
            "access": np.where(people["access"], "yes", "no"),
            **{name: ["" if np.isnan(x) else str(int(x)) for x in values] for name, values in day.items()},
            "rule_version": np.where(people["year"] < 2019, "2017", "2022"),
            "reported_before": np.where(generator.random(n) < truth.report_before, "yes", "no"),
            "report_heading": np.where(reported, "human_exploitation", ""),
            "reporter": np.where(reported, "person", ""),
            "exit_kind": kind,
            "contact_source": np.where(funded_only, "funded_days", "member_log"),
            "recontact_report": np.where(contacts["reached"], np.where(reported, "yes", "no"), ""),
            "identified_by": generator.choice(
                ["other_ngo", "police", "social_services"], n, p=[0.5, 0.3, 0.2]
            ),
            "role": "direct",
            "sex": generator.choice(["woman", "man"], n, p=[0.7, 0.3]),
            "age_band": generator.choice(["18_26", "27_35", "36_50"], n, p=[0.3, 0.5, 0.2]),
            "origin_group": generator.choice(["third_country", "other_eu", "sweden"], n, p=[0.55, 0.35, 0.1]),
            "form": generator.choice(["sexual", "labour", "other"], n, p=[0.55, 0.35, 0.1]),
            "asylum": generator.choice(["yes", "no"], n, p=[0.3, 0.7]),
            "threat": "unknown" if hidden else np.where(people["threat"], "yes", "no"),
        }
    )


def _days(
    truth: PilotTruth,
    generator: np.random.Generator,
    member: NDArray[np.int64],
    access: NDArray[np.bool_],
    threat: NDArray[np.bool_],
) -> tuple[Floats, Floats, Floats, Floats]:
    n, names = len(member), 2 * truth.members
    place = generator.random((names, 2))
    hazards = []
    pairs = ((truth.lost_with, truth.lost_without), (truth.report_with, truth.report_without))
    for column, (with_access, without) in enumerate(pairs):
        risk = np.where(access, with_access, without)
        risk = _clustered(risk, place[:, column][member], truth.correlation)
        hazards.append(-np.log1p(-np.minimum(risk, 0.999999)))
    # threat multiplies hazards around a mean of one, so that without selection the risks stay as stated
    hazards[0] = hazards[0] * np.where(threat, 1.45, 0.7)
    hazards[1] = hazards[1] * np.where(threat, 0.6, 1.27)
    lost = _draw(generator, hazards[0], _EARLY, n)
    if truth.informative_loss:
        hazards[1] = np.where(lost <= _SCALE, hazards[1] * 0.5, hazards[1])
    report = _draw(generator, hazards[1], 1.0, n)
    other = np.full(n, -np.log1p(-truth.other_ends))
    return lost, report, _draw(generator, other, 1.0, n), _draw(generator, other, 1.0, n)


def _clustered(risk: Floats, place: Floats, correlation: float) -> Floats:
    if correlation <= 0:
        return risk
    strength = 1 / correlation - 1
    inside = (risk > 0) & (risk < 1)
    safe = np.where(inside, risk, 0.5)
    drawn = stats.beta.ppf(place, safe * strength, (1 - safe) * strength)
    return np.where(inside, drawn, risk)


def _draw(generator: np.random.Generator, hazard: Floats, shape: float, n: int) -> Floats:
    # cumulative hazard at day t is hazard * (t / 90) ** shape
    with np.errstate(divide="ignore"):
        days = _SCALE * (generator.exponential(1.0, n) / hazard) ** (1 / shape)
    return np.ceil(np.minimum(days, 1e5))
