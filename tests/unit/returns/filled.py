"""Forms as people fill them in: typed by hand here, written by openpyxl, odfpy, xlwt and plain text.

No heading, answer or file comes from the package. Each habit says how many persons must be counted, which rows
are held, and which codes say so; ``tests/README.md`` has the same list in words.
"""

import datetime as dt
from dataclasses import dataclass, field

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import xlwt

COVER = [["Medlems-id", "M07"], ["År", 2024], ["Formulärversion", "2024-sv"]]
SEXUAL = "Form: prostitution och annan sexuell exploatering"
HEAD = [
    "Personkod", "Roll", "Kön", "Ålder (år)", "Åldersgrupp", "Kvartal för första kontakt", "Ursprung", "Ursprungsland",
    SEXUAL, "Län för kontakten", "Första kontakt genom", "Polisanmälan", "Antal egna barn", "Antal personer",
]  # fmt: skip
PERSONS = [
    ["P001", "direkt utsatt", "kvinna", 31, "27–35 år", "januari–mars", "tredjeland", "Nigeria", "ja", "Skåne", "socialtjänst", "nej", 0, ""],
    ["P002", "direkt utsatt", "kvinna", 24, "18–26 år", "april–juni", "övriga EU", "Rumänien", "ja", "Skåne", "polis", "ja", 1, ""],
    ["P003", "direkt utsatt", "man", 40, "36–50 år", "april–juni", "tredjeland", "Thailand", "nej", "Uppsala", "polis", "nej", 2, ""],
    ["P004", "direkt utsatt", "kvinna", 19, "18–26 år", "före året", "Sverige", "Sverige", "ja", "Uppsala", "personen själv", "okänt", 0, ""],
    ["P005", "barn till utsatt", "man", 4, "0–5 år", "april–juni", "tredjeland", "", "", "", "", "", "", ""],
    ["P006", "direkt utsatt", "kvinna", "", "18–26 år", "oktober–december", "tredjeland", "Ukraina", "ja", "Skåne", "socialtjänst", "nej", 0, ""],
]  # fmt: skip
SHORT = [
    "Personkod", "Roll", "Kön", "Åldersgrupp", "Medborgarskap", "Form av exploatering (huvudsaklig)",
    "Vem förmedlade första kontakten", "Polisanmälan", "Antal egna barn under 18",
]  # fmt: skip
SHORT_ROWS = [
    ["P001", "direkt utsatt", "kvinna", "27–35 år", "tredjeland", "tiggeri", "polis", "nej", 0],
    ["P002", "direkt utsatt", "man", "36–50 år", "övriga EU", "tiggeri", "polis", "nej", 2],
    ["P003", "barn till utsatt", "man", "0–5 år", "", "", "", "", ""],
]
TOTALS = ["Roll", "Kön", "Vuxen eller barn", "Antal personer"]
AT = {name: place for place, name in enumerate(HEAD)}


class Form:
    """Sheets as lists of rows, changed as a habit changes them."""

    def __init__(self):
        self.sheets = {
            "Omslag": [list(row) for row in COVER],
            "Personer": [list(HEAD), *map(list, PERSONS)],
        }
        self.hidden = []
        self.merged = []

    @property
    def table(self):
        return self.sheets["Personer"]

    def put(self, column, *values, first=1):
        for row, value in enumerate(values, start=first):
            self.table[row][AT[column]] = value

    def totals(self, *rows):
        del self.sheets["Personer"]
        self.sheets["Endast totaler"] = [TOTALS, *map(list, rows)]


@dataclass(frozen=True)
class Habit:
    """One habit: what it does to a form, the files that it is tried in, and what must come of it."""

    name: str
    change: object
    kinds: str = "xlsx"
    counted: int = 6
    held: tuple = ()
    says: tuple = ()
    refused: str = ""
    year: int = 2024
    answers: dict = field(default_factory=dict)


def change(*steps):
    def apply(form):
        for step in steps:
            step(form)

    return apply


def put(column, *values, first=1):
    return lambda form: form.put(column, *values, first=first)


def rename(old, new):
    return lambda form: form.table[0].__setitem__(AT[old], new)


def add(*rows):
    return lambda form: form.table.extend(map(list, rows))


def above(*rows):
    return lambda form: form.table.__setitem__(slice(0, 0), [list(row) for row in rows])


def sheet(name, *rows):
    return lambda form: form.sheets.__setitem__(name, [list(row) for row in rows])


def drop(column):
    return lambda form: [row.pop(AT[column]) for row in form.table]


def short(*rows):
    """The form of 2026 with its own headings."""

    def apply(form):
        form.sheets = {
            "Omslag": [COVER[0], ["År", 2026], ["Formulärversion", "2026-sv"]],
            "Personer": [SHORT, *rows],
        }

    return apply


def totals(*rows):
    return lambda form: form.totals(*rows)


def again(prefix="P", start=1):
    return [[f"{prefix}{n:03}", *row[1:]] for n, row in enumerate(PERSONS, start=start)]


def other_answers():
    return [[row[0], row[1], "man" if row[2] == "kvinna" else "kvinna", *row[3:]] for row in PERSONS]


WOMEN, MEN = ["direkt utsatt", "kvinna", "vuxen", 20], ["direkt utsatt", "man", "vuxen", 5]
ALL_ROWS = tuple(range(2, 8))

HABITS = [
    Habit("som formuläret är", change(), "xlsx ods xls csv"),
    Habit("rubrik och tomma rader ovanför tabellen", above(["Statistik 2024"], []), "xlsx ods csv"),
    Habit("tabellen börjar längre in", lambda form: [row.insert(0, "") for row in form.table], "xlsx ods"),
    Habit("tomma rader mellan personerna", lambda form: form.table.insert(4, []), "xlsx xls csv"),
    Habit("rubrikerna en gång till mitt i", lambda form: form.table.insert(4, list(HEAD)), "xlsx"),
    Habit("summarad sist", add(["Summa", *[""] * 12, 6]), "xlsx ods csv"),
    Habit("delsummor mellan personerna", lambda form: form.table.insert(3, ["Delsumma", "", "", 28]), "xls"),
    Habit("personens kod ser ut som en summa", put("Personkod", "Total-6", first=6), "xlsx csv", 5, (7,), ("E-159",)),
    Habit("anteckning under tabellen", add([], ["OBS: två personer väntar ännu på svar från Migrationsverket"]), "xlsx ods csv",
          says=("W-161",)),
    Habit("egen kolumn för anteckningar", lambda form: [row.append("x" if n else "Anteckningar") for n, row in enumerate(form.table)], says=("W-150",)),
    Habit("enhet efter talet", change(put("Ålder (år)", "31 år", "24år", "40 år."), put("Antal egna barn", "0 st", "1 barn", "2 st")),
          "xlsx ods xls csv", answers={"age_years": [31, 24, 40], "children_count": [0, 1, 2]}),
    Habit("ungefärlig ålder", put("Ålder (år)", "ca 30", "20-25"), "xlsx csv", says=("E-204",),
          answers={"age_years_status": ["unreadable", "unreadable"]}),
    Habit("kvartal i andra ord", put("Kvartal för första kontakt", "jan–mars", "kv 2", "april", "före året", "Q2 2024", "okt-dec"),
          "xlsx ods xls csv", answers={"first_contact_quarter": ["q1", "q2", "q2", "earlier", "q2", "q4"]}),
    Habit("månader över två kvartal", put("Kvartal för första kontakt", "mars–april"), says=("E-203",),
          answers={"first_contact_quarter": ["unreadable"]}),
    Habit("datum i stället för kvartal", put("Kvartal för första kontakt", dt.date(2024, 3, 4)), "xlsx xls",
          says=("E-206", "W-156"), answers={"first_contact_quarter": ["unreadable"]}),
    Habit("ord till i rubriken", change(rename("Polisanmälan", "Polisanmälan (ja/nej)"), rename("Kön", "3. Kön *"), rename("Roll", "Roll (välj i listan)")),
          "xlsx ods xls csv", answers={"police_report": ["no", "yes", "no", "unknown"]}),
    Habit("en annan fråga i rubriken", rename("Kön", "Kön (förövare)"), "xlsx", 0, ALL_ROWS, ("E-161", "W-150")),
    Habit("en kolumn är borttagen", drop("Polisanmälan"), "xlsx csv", 0, ALL_ROWS, ("E-161",)),
    Habit("en kolumn som får saknas är borttagen", drop("Län för kontakten"), "xlsx"),
    Habit("NA, no och se som land", put("Ursprungsland", "NA", "no", "se"), "xlsx ods csv", says=("E-203",),
          answers={"origin_country": ["unreadable", "unreadable", "unreadable"]}),
    Habit("land och medborgarskap säger emot varandra", put("Ursprung", "Sverige"), "xlsx csv", says=("W-235",),
          answers={"origin_group": ["unreadable"], "origin_country": ["unreadable"]}),
    Habit("landskoder i hela kolumnen", put("Ursprungsland", "NG", "RO", "TH", "SE", "", "UA"), "xlsx xls",
          answers={"origin_country": ["NG", "RO", "TH", "SE"]}),
    Habit("rollen barn för ett utsatt barn", change(put("Roll", "barn"), put("Ålder (år)", 16), put("Åldersgrupp", "16–17 år")),
          "xlsx csv", 5, (2,), ("E-236",)),
    Habit("stavfel i ett svar som måste finnas", put("Kön", "kvina"), "xlsx ods", 5, (2,), ("E-203",)),
    Habit("stavfel i ett svar som får saknas", put("Län för kontakten", "Skånne"), "xlsx ods", says=("E-203",),
          answers={"county": ["unreadable"]}),
    Habit("samma kod på två personer", put("Personkod", "P001", first=2), "xlsx csv", 4, (2, 3), ("E-216",)),
    Habit("en rad inklistrad två gånger", add(PERSONS[0]), "xlsx xls", 5, (2, 8), ("E-235",)),
    Habit("två medlemmars blad i en fil, samma koder", sheet("Personer (2)", HEAD, *other_answers()), "xlsx ods", 0, None, ("E-216", "W-246")),
    Habit("två medlemmars blad i en fil, andra koder", sheet("Personer (2)", HEAD, *again("K")), "xlsx", 0, None, ("E-237",)),
    Habit("personerna på två blad i samma serie", sheet("Personer (2)", HEAD, *again("P", 7)), "xlsx xls", 12, says=("W-246",)),
    Habit("omslag från en annan medlem", sheet("Omslag 2", ["Medlems-id", "M08"], ["År", 2024]), "xlsx", refused="E-125"),
    Habit("förra årets omslag", lambda form: form.sheets["Omslag"][1].__setitem__(1, 2023), "xlsx ods", refused="E-133"),
    Habit("bara omslaget sparat som csv", lambda form: form.sheets.pop("Personer"), "csv", refused="E-124"),
    Habit("dolda rader", lambda form: form.hidden.extend([3, 4]), "xlsx xls", says=("W-154",)),
    Habit("roller i sammanfogade celler", lambda form: form.merged.append("B2:B3"), "xlsx", 5, (3,), ("E-157", "E-201")),
    Habit("formel utan resultat", put("Ålder (år)", "=20+11"), "xlsx", says=("E-153",), answers={"age_years_status": ["unreadable"]}),
    Habit("formel utan resultat i ett svar som måste finnas", put("Antal egna barn", "=1-1"), "xlsx", 5, (2,), ("E-153",)),
    Habit("namn som kod", put("Personkod", "Anna"), "xlsx csv", 5, (2,), ("E-159",)),
    Habit("telefonnummer i en cell som får saknas", put("Län för kontakten", "070-174 06 05"), "xlsx", says=("E-159",)),
    Habit("kryss i stället för ja", put(SEXUAL, "x", "X", "", "x"), "xlsx ods csv", answers={"form__sexual": ["yes", "yes", "blank", "yes"]}),
    Habit("versaler, hårda blanksteg och mjuka bindestreck", change(put("Kön", " KVINNA\u00a0", "kvin\u00adna"), put("Roll", "Direkt  utsatt")),
          "xlsx ods xls csv", answers={"sex": ["woman", "woman"]}),
    Habit("engelska svar", change(put("Kön", "woman", "female"), put("Polisanmälan", "no", "yes")), "xlsx", answers={"sex": ["woman", "woman"]}),
    Habit("vet ej och frågetecken", put("Län för kontakten", "vet ej", "?", "okänt"), "xlsx csv", answers={"county": ["unknown"] * 3}),
    Habit("siffror som text", put("Ålder (år)", "31", "24,0", "40.0"), "xlsx csv", answers={"age_years": [31, 24, 40]}),
    Habit("egna löpnummer som kod", put("Personkod", 1, 2, 3, 4, 5, 6), "xlsx ods csv"),
    Habit("åldern säger emot åldersgruppen", put("Ålder (år)", 12), "xlsx", 5, (2,), ("E-210",)),
    Habit("flera personer på en rad", put("Antal personer", "3 st"), "xlsx csv", 8),
    Habit("ett svar utanför tabellen", lambda form: form.table[2].append("se mejl"), "xlsx csv", 5, (3,), ("E-158",)),
    Habit("ett eget blad bredvid", sheet("Våra mål", ["Vi ska bli fler"]), "xlsx ods", says=("W-157",)),
    Habit("totaler med summa", totals(WOMEN, MEN, ["direkt utsatt", "", "", 25]), "xlsx ods xls", 25, says=("W-245",)),
    Habit("totaler med summan som okänt", totals(WOMEN, MEN, ["direkt utsatt", "okänt", "okänt", 25]), "xlsx ods", 0, (2, 3, 4), ("E-234",)),
    Habit("totaler i flera nivåer", totals(["direkt utsatt", "", "", 25], ["direkt utsatt", "kvinna", "", 20], ["direkt utsatt", "kvinna", "barn", 5],
          ["direkt utsatt", "kvinna", "vuxen", 15], ["direkt utsatt", "man", "vuxen", 5]), "xlsx csv", 25, says=("W-245",)),
    Habit("en grupp två gånger i totalerna", totals(WOMEN, WOMEN, MEN), "xlsx", 5, (2, 3), ("E-231",)),
    Habit("totaler som går in i varandra", totals(["direkt utsatt", "kvinna", "", 20], ["direkt utsatt", "", "vuxen", 22]), "xlsx", 0, (2, 3), ("E-232",)),
    Habit("totaler där summan inte stämmer", totals(WOMEN, MEN, ["direkt utsatt", "", "", 27]), "xlsx", 0, (2, 3, 4), ("E-233",)),
    Habit("formuläret för 2026", short(*SHORT_ROWS), "xlsx ods", 3, year=2026),
    Habit("formuläret för 2026 med koder som ingen har använt", short(*SHORT_ROWS, *([f"P{n:03}"] for n in range(4, 30))), "xlsx csv", 3, year=2026),
    Habit("formuläret för 2026 med exempelraden kvar", short(["Exempel", *SHORT_ROWS[0][1:]], *SHORT_ROWS), "xlsx ods", 3, year=2026),
    Habit("totaler med summarad", totals(WOMEN, MEN, ["Summa", "", "", 25]), "xlsx csv", 25),
]  # fmt: skip


def write(form, kind, path):
    """Write a form as a kind of file, as other programs write it."""
    if kind == "ods":
        return save_ods(path, form.sheets)
    {"xlsx": _xlsx, "xls": _xls, "csv": _csv}[kind](form, path)
    return path


def _xlsx(form, path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator = "Någon på kontoret"
    for name, rows in form.sheets.items():
        made = book.create_sheet(name)
        for row in rows:
            made.append([None if value == "" else value for value in row])
        if rows and name != "Omslag":
            made.auto_filter.ref = made.dimensions
            made.print_area = made.dimensions
    for row in form.hidden:
        book["Personer"].row_dimensions[row].hidden = True
    for span in form.merged:
        book["Personer"].merge_cells(span)
    book.save(path)


def _xls(form, path):
    book, day = xlwt.Workbook(), xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in form.sheets.items():
        made = book.add_sheet(name)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value != "":
                    made.write(number, place, value, *[day] * isinstance(value, dt.date))
        for row in form.hidden if name == "Personer" else ():
            made.row(row - 1).hidden = True
    book.save(str(path))


def save_ods(path, sheets):
    """Write sheets, a list of rows each, as an OpenDocument spreadsheet."""
    book = odf.opendocument.OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = odf.table.Table(name=name)
        for row in rows:
            made = odf.table.TableRow()
            for value in row:
                kind = (
                    {"valuetype": "string"}
                    if isinstance(value, str)
                    else {"valuetype": "float", "value": value}
                )
                cell = odf.table.TableCell(**(kind if value != "" else {}))
                if value != "":
                    cell.addElement(odf.text.P(text=str(value)))
                made.addElement(cell)
            table.addElement(made)
        book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def _csv(form, path):
    rows = next(rows for name, rows in form.sheets.items() if name != "Omslag" or len(form.sheets) == 1)
    width = max(map(len, rows))
    lines = (";".join(map(str, [*row, *[""] * (width - len(row))])) for row in rows)
    path.write_bytes("\r\n".join(lines).encode("cp1252", "ignore"))
