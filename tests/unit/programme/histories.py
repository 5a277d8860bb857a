"""Generated case histories, and an oracle that judges them with plain loops and numbers of its own.

The oracle shares no code and no file with the package: the limits are typed here once more, from the sources.
"""

import random

from platform_utils.programme.judge import Case, Spell

MONTHS = {
    "pilot": ("2015-01", "2016-12"),
    "2017": ("2017-01", "2017-12"),
    "2018": ("2018-01", "2018-12"),
    "closed": ("2019-01", "2019-12"),
    "reopened": ("2020-01", "2020-12"),
    "2021": ("2021-01", "2021-12"),
    "2022": ("2022-01", "2022-12"),
    "tightened": ("2023-01", "2026-12"),
}
KINDS = ("rest", "support_protection", "specific_support", "integration")
SLIDES, PAGE, ARTICLE, HOME = "slides_2017", "page_2022", "article", "home_2020"


def history(rng, era):
    """One case of an era: up to two persons, some days at and around every limit, some unknown."""
    (first, _), (last, _) = (bound.split("-") for bound in MONTHS[era])
    spells = []
    for person in ("P1", "P1-b1")[: rng.choice((1, 1, 2))]:
        for kind in KINDS:
            for period in range(1, rng.choice((0, 1, 1, 2, 3, 4, 5)) + 1):
                near = rng.choice((0, 15, 30, 31, 44, 45, 46, 60, 89, 90, 91, 120, 121, 270, 300, 301))
                spells.append(
                    Spell(
                        person,
                        kind,
                        period,
                        rng.choice((near, near, None)),
                        rng.choice((near, near // 2, None)),
                    )
                )
    rng.shuffle(spells)
    return Case(
        f"{rng.randint(int(first), int(last))}-{rng.randint(1, 12):02d}",
        tuple(spells),
        rng.choice((True, True, False, None)),
        rng.choice((False, False, True, None)),
    )


def versions(month):
    """What may have held in a month."""
    year = int(month[:4])
    if year in (2015, 2016, 2018, 2021):
        return ["not_found"]
    if year == 2017:
        return ["2017"]
    if year == 2019:
        return ["closed"]
    if year == 2020:
        return ["closed", "not_found"]
    if year == 2022:
        return ["2022"]
    return ["2022", "tightened"]


def days(case, person, kinds, measure, period=None):
    total = 0
    for spell in case.spells:
        if spell.person == person and spell.kind in kinds and period in (None, spell.period):
            given = spell.granted if measure == "granted" else spell.used
            if given is not None:
                total += given
    return total


def oracle(case):
    """Return (version, what, kind, person, measure, most, source) of everything that is broken."""
    broken = set()
    persons = {spell.person for spell in case.spells}
    for version in versions(case.month):
        if version == "closed" and len(case.spells) > 0:
            broken.add(("closed", "closed", "", "", "", 0, HOME))
        if version == "2017" and case.certified is False:
            broken.add(("2017", "certified_only", "", "", "", 0, SLIDES))
        if version in ("2017", "2022") and case.society_pays is True and len(case.spells) > 0:
            source = SLIDES if version == "2017" else PAGE
            broken.add((version, "society_first", "", "", "", 0, source))
        for person in persons:
            for measure in ("granted", "used"):
                rest = days(case, person, ["rest"], measure)
                support = days(case, person, ["support_protection"], measure)
                integration = days(case, person, ["integration"], measure)
                rest_support_spot = rest + support + days(case, person, ["specific_support"], measure)
                if version == "2017":
                    if rest > 30:
                        broken.add(("2017", "days", "rest", person, measure, 30, SLIDES))
                    if support > 90:
                        broken.add(("2017", "days", "support_protection", person, measure, 90, SLIDES))
                if version == "2022":
                    if rest > 30:
                        broken.add(("2022", "days", "rest", person, measure, 30, PAGE))
                    if support > 270:
                        broken.add(("2022", "days", "support_protection", person, measure, 270, PAGE))
                    for period in range(1, 6):
                        if days(case, person, ["support_protection"], measure, period) > 90:
                            broken.add(
                                ("2022", "period_days", "support_protection", person, measure, 90, PAGE)
                            )
                    if integration > 45:
                        broken.add(("2022", "days", "integration", person, measure, 45, PAGE))
                    if rest_support_spot > 300:
                        broken.add(("2022", "days", "total", person, measure, 300, ARTICLE))
                if version == "tightened":
                    if rest > 30:
                        broken.add(("tightened", "days", "rest", person, measure, 30, ARTICLE))
                    if support > 90:
                        broken.add(("tightened", "days", "support_protection", person, measure, 90, ARTICLE))
                    if integration > 45:
                        broken.add(("tightened", "days", "integration", person, measure, 45, PAGE))
                    if rest_support_spot > 120:
                        broken.add(("tightened", "days", "total", person, measure, 120, ARTICLE))
            periods = {s.period for s in case.spells if s.person == person and s.kind == "support_protection"}
            if version == "2022" and len(periods) > 3:
                broken.add(("2022", "periods", "support_protection", person, "", 3, PAGE))
    return broken


def generated(era, number):
    rng = random.Random(f"{era} histories")
    for _ in range(number):
        yield history(rng, era)
