"""What four wishes cost: a variable, a table, a report, a sheet of the form with a register of its own.

Enters: a copy of the tree. Leaves: the same with the entries that a wish needs, all of them data. The text of
each wish stands below, so its files and lines can be counted: ``python tests/pipeline/wishes.py`` prints them.
"""

from dataclasses import dataclass

R = "src/platform_utils/resources"


@dataclass(frozen=True)
class Wish:
    """Texts that are added at the end of files, or where a file ends a list; a new file is one that was empty."""

    name: str
    added: dict[str, str]

    def grant(self, root):
        for name, text in self.added.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if path.is_file() else ""
            path.write_text(before + text, encoding="utf-8", newline="\n")

    def cost(self):
        lines = sum(1 for text in self.added.values() for line in text.splitlines() if line.strip())
        return len(self.added), lines


VARIABLE = Wish(
    "a variable",
    {
        f"{R}/codebook/variables.toml": """
[[variable]]
name = "contact_channel"
grain = "case"
kind = "code"
codes = "contact_channel"
sv = "Hur kontakten togs"
en = "How contact was made"
since = 2019
sensitivity = "plain"
mark = "I"
""",
        f"{R}/codebook/codes.toml": """
[contact_channel]
codes = [
  { code = "phone", sv = "per telefon", en = "by telephone", mark = "I" },
  { code = "visit", sv = "vid besök", en = "at a visit", mark = "I" },
  { code = "online", sv = "över nätet", en = "online", mark = "I" },
]
""",
        f"{R}/column_maps/case.csv": (
            f"contact_channel,sv,-,{','.join(['Hur kontakten togs'] * 7)}\n"
            f"contact_channel,en,-,{','.join(['How contact was made'] * 7)}\n"
        ),
        f"{R}/demo/distributions.toml": """
[[variable]]
variable = "contact_channel"
years = [2019, 2024]
of = { phone = 50, visit = 30, online = 20 }
blank = 5
""",
    },
)

TABLE = Wish(
    "a table",
    {
        f"{R}/table_plan.toml": """
[[table]]
key = "contact_channel"
sv = "Direkt utsatta efter hur kontakten togs"
en = "Directly exploited persons by how contact was made"
universe = "direct"
dimensions = ["contact_channel"]
section = "found"
""",
    },
)

DOCUMENT = """---
title: "{title}"
lang: {lang}
number-sections: true
format:
  platform-html: default
  platform-docx: default
  platform-typst: default
---

```{{python}}
#| tags: [parameters]
year = 2019
source = "demo"
```

```{{python}}
from platform_utils import publish

report = publish.load(year=year, lang="{lang}", source=source, report="contact")
```

```{{python}}
report.opening
```

```{{python}}
report.origin
```

# {heading} {{#sec-found}}

```{{python}}
report.figure("contact_channel")
```

```{{python}}
report.section("found")
```

```{{python}}
report.legend
```
"""

REPORT = Wish(
    "a report",
    {
        f"{R}/reports.toml": """
[contact]
sv = "Hur kontakten togs {period}"
en = "How contact was made {period}"
from = "returns"
period = "year"
""",
        "reports/sv/contact.qmd": DOCUMENT.format(
            lang="sv", title="Hur kontakten togs", heading="Vägen in",
        ),
        "reports/en/contact.qmd": DOCUMENT.format(
            lang="en", title="How contact was made", heading="How people were met",
        ),
    },
)  # fmt: skip

GRAIN = Wish(
    "a grain with a register table",
    {
        f"{R}/codebook/grains.toml": """
[[grain]]
name = "stay"
unit = "stay"
sheet_sv = "Boenden"
sheet_en = "Stays"
sv = "Boenden: en rad är en tid i ett skyddat boende"
en = "Stays: one row is one time in a shelter"
rows_sv = "boenden"
rows_en = "stays"
title = { sv = "Boenden {year}: en rad per tid i ett skyddat boende", en = "Stays {year}: one row per time in a shelter" }
lead = { sv = "Varje tid som börjat under året.", en = "Every time that began during the year." }
contents = { sv = "En rad per tid i ett skyddat boende", en = "One row per time in a shelter" }
person = "person_code"
about_persons = true
""",
        f"{R}/codebook/variables.toml": """
[[variable]]
name = "person_code"
grain = "stay"
kind = "text_code"
sv = "Personkod"
en = "Person code"
sensitivity = "direct"
mark = "I"
required = true

[[variable]]
name = "stay_kind"
grain = "stay"
kind = "code"
codes = "stay_kind"
sv = "Boendeform"
en = "Kind of shelter"
sensitivity = "plain"
mark = "I"
required = true

[[variable]]
name = "nights"
grain = "stay"
kind = "days"
unit = "days"
sv = "Antal nätter"
en = "Number of nights"
minimum = 0
maximum = 366
sensitivity = "plain"
mark = "I"
""",
        f"{R}/codebook/codes.toml": """
[stay_kind]
codes = [
  { code = "sheltered", sv = "skyddat boende", en = "sheltered housing", mark = "I" },
  { code = "emergency", sv = "akut boende", en = "emergency housing", mark = "I" },
]
""",
        f"{R}/column_maps/stay.csv": (
            "column,lang,2018,2019,2020,2021,2022,2023,2024,2025\n"
            + "".join(
                f"{column},{lang},{','.join([heading] * 8)}\n"
                for column, lang, heading in (
                    ("person_code", "sv", "Personkod"), ("person_code", "en", "Person code"),
                    ("stay_kind", "sv", "Boendeform"), ("stay_kind", "en", "Kind of shelter"),
                    ("nights", "sv", "Antal nätter"), ("nights", "en", "Number of nights"),
                )
            )
        ),
        f"{R}/table_plan.toml": """
[measure.stays]
grain = "stay"
unit = "stays"

[unit.stays]
sv = "boenden"
en = "stays"

[universe.stays]
sv = "tider i skyddat boende"
en = "times in a shelter"
grain = "stay"

[[table]]
key = "stay_kind"
sv = "Boenden efter form"
en = "Stays by kind of shelter"
universe = "stays"
dimensions = ["stay_kind"]
measure = "stays"
section = "support"
""",
        f"{R}/demo/distributions.toml": """
[[rows]]
grain = "stay"
per = "case"
among = "direct"
of = { 0 = 60, 1 = 30, 2 = 10 }

[[variable]]
grain = "stay"
variable = "stay_kind"
of = { sheltered = 70, emergency = 30 }

[[variable]]
grain = "stay"
variable = "nights"
between = [1, 120]
""",
    },
)  # fmt: skip

WISHES = (VARIABLE, TABLE, REPORT, GRAIN)

if __name__ == "__main__":
    for wish in WISHES:
        print(f"{wish.name}: %d files, %d lines" % wish.cost())
