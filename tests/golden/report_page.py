"""Read a report as a reader does: a table by its caption, a cell by row label and column heading."""

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """The tables and paragraphs of one HTML page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tables, self.captions, self.paragraphs = {}, {}, []
        self._id, self._text, self._rows, self._kinds = "", None, None, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "div" and (given.get("id") or "").startswith(("tbl-", "fig-")):
            self._id = given["id"]
        if tag == "table":
            self._rows = []
        if tag == "tr" and self._rows is not None:
            self._rows.append([])
        if tag in ("td", "th", "p", "figcaption"):
            self._text = []

    def handle_data(self, data):
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th", "p", "figcaption") and self._text is not None:
            text = " ".join("".join(self._text).replace("\u2060", "").split())
            self._text = None
            if tag == "figcaption":
                self.captions[self._id] = text
            elif tag == "p" and self._rows is None:
                self.paragraphs.append(text)
            elif tag in ("td", "th") and self._rows:
                self._rows[-1].append(text)
        if tag == "table" and self._rows is not None:
            self.tables[self._id] = self._rows
            self._rows = None

    def cell(self, table, row, column):
        """Text of the one cell with this row label and column heading in the table with this id."""
        head, *body = self.tables[table]
        (place,) = [place for place, heading in enumerate(head) if heading == column]
        (cells,) = [cells for cells in body if cells[0] == row]
        return cells[place]

    def number_in_sentence(self, sentence, key):
        """Whole number that stands where ``{key}`` stands in a sentence of the report."""
        before, after = (re.escape(part) for part in sentence.split(f"{{{key}}}"))
        found = [m for text in self.paragraphs for m in re.findall(f"{before}(.+?){after}", text)]
        assert len(found) == 1, f"{len(found)} sentences with {key}"
        return whole(found[0])


def whole(text):
    digits = re.sub(r"[\s\u00a0\u202f]", "", text)
    assert digits.isdigit(), f"no number shown: {text!r}"
    return int(digits)
