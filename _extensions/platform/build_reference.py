"""Build ``reference.docx``: the styles, page and header of our Word documents.

    python _extensions/platform/build_reference.py

pandoc's own reference package enters; the same package leaves with our ``styles.xml``, an A4 page, and a
header and footer whose words are filled in per document. The same bytes every time.
"""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pypandoc

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
FONT = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/>'
MONO = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>'
ACCENT, QUIET, INK, HAIR = "1F4E79", "55606B", "1A1A1A", "C5CCD3"
# Hyphenation in the document's language, and the layout rules of Word 2013 and later.
SETTINGS = (
    '<w:autoHyphenation w:val="true"/><w:hyphenationZone w:val="357"/><w:doNotHyphenateCaps w:val="true"/>'
    '<w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
)
BOXES = {
    "Note": ("1F4E79", "EEF3F8"),
    "Tip": ("1B6B3A", "EDF5F0"),
    "Warning": ("8A5A00", "FAF3E6"),
    "Important": ("9B1C1C", "FAEDED"),
    "Caution": ("8A3B00", "FAF0E8"),
}


def run(
    size: float | None = None, colour: str = "", bold: bool = False, italic: bool = False, extra: str = ""
) -> str:
    """Return character properties; size in points."""
    made = extra
    made += "<w:b/><w:bCs/>" if bold else ""
    made += "<w:i/><w:iCs/>" if italic else ""
    made += f'<w:color w:val="{colour}"/>' if colour else ""
    made += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    return f"<w:rPr>{made}</w:rPr>" if made else ""


def par(
    before: float = 0, after: float = 0, *, keep: bool = False, level: int | None = None, extra: str = ""
) -> str:
    """Return paragraph properties; distances in points."""
    made = "<w:keepNext/><w:keepLines/><w:suppressAutoHyphens/>" if keep else ""
    made += extra.split("|", maxsplit=1)[0]
    made += f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"/>'
    made += extra.split("|")[1] if "|" in extra else ""
    made += f'<w:outlineLvl w:val="{level}"/>' if level is not None else ""
    return f"<w:pPr>{made}</w:pPr>"


def style(
    kind: str, name: str, properties: str, based: str = "", *, identifier: str = "", after: str = ""
) -> str:
    """Return one style; its id is its name without spaces unless another is given."""
    identifier = identifier or name.replace(" ", "")
    based_on = f'<w:basedOn w:val="{based}"/>' if based else ""
    following = f'<w:next w:val="{after}"/>' if after else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{identifier}"><w:name w:val="{name}"/>{based_on}{following}'
        f"<w:qFormat/>{properties}</w:style>"
    )


def default_style(kind: str, name: str, identifier: str) -> str:
    """Return the style that everything of a kind has when nothing else is said."""
    start = f'<w:style w:type="{kind}" w:default="1" w:styleId="{identifier}">'
    return f'{start}<w:name w:val="{name}"/><w:qFormat/></w:style>'


def paragraph_styles() -> list[str]:
    """Return our paragraph styles, under the names that pandoc and Word know."""
    made = [
        default_style("paragraph", "Normal", "Normal"),
        style("paragraph", "Body Text", par(3, 5), "Normal"),
        style("paragraph", "First Paragraph", "", "BodyText", after="BodyText"),
        style("paragraph", "Compact", par(1, 1), "BodyText"),
        style(
            "paragraph",
            "Title",
            par(0, 4, keep=True) + run(24, ACCENT, bold=True),
            "Normal",
            after="BodyText",
        ),
        style("paragraph", "Subtitle", par(0, 10, keep=True) + run(14, QUIET), "Normal", after="BodyText"),
        style("paragraph", "Author", par(4, 2, keep=True), "Normal", after="BodyText"),
        style("paragraph", "Date", par(2, 10, keep=True) + run(colour=QUIET), "Normal", after="BodyText"),
        style(
            "paragraph", "Abstract Title", par(10, 2, keep=True) + run(bold=True), "Normal", after="Abstract"
        ),
        style("paragraph", "Abstract", par(0, 10, extra='|<w:ind w:left="340" w:right="340"/>'), "Normal"),
        style(
            "paragraph", "Bibliography", par(0, 5, extra='|<w:ind w:left="400" w:hanging="400"/>'), "Normal"
        ),
        style("paragraph", "Block Text", par(4, 8, extra='|<w:ind w:left="480" w:right="480"/>'), "BodyText"),
        style("paragraph", "Footnote Text", par(0, 2) + run(9), "Normal"),
        style("paragraph", "Footnote Block Text", par(0, 2), "FootnoteText"),
        style(
            "paragraph",
            "Definition Term",
            par(4, 0, keep=True) + run(bold=True),
            "Normal",
            after="Definition",
        ),
        style("paragraph", "Definition", par(0, 4, extra='|<w:ind w:left="480"/>'), "Normal"),
        style("paragraph", "caption", par(6, 4) + run(10, INK), "Normal", identifier="Caption"),
        style("paragraph", "Table Caption", par(12, 4, keep=True), "Caption"),
        style("paragraph", "Image Caption", par(4, 14), "Caption"),
        style("paragraph", "Figure", par(10, 2), "Normal"),
        style("paragraph", "Captioned Figure", par(10, 2, keep=True), "Figure"),
        style("paragraph", "Table Note", par(2, 9) + run(8.5, QUIET), "Normal"),
        style(
            "paragraph",
            "Source Code",
            par(4, 8, extra='<w:shd w:val="clear" w:color="auto" w:fill="F4F6F8"/>'),
            "Normal",
        ),
        style(
            "paragraph", "Callout Title", par(3, 3, keep=True) + run(bold=True), "Normal", after="BodyText"
        ),
        style("paragraph", "Small Gap", par(0, 0) + run(5), "Normal"),
        style("paragraph", "TOC Heading", par(16, 6, keep=True) + run(15, ACCENT, bold=True), "Normal"),
        style("paragraph", "header", par(0, 0) + run(8.5, QUIET), "Normal", identifier="Header"),
        style("paragraph", "footer", par(0, 0) + run(8.5, QUIET), "Normal", identifier="Footer"),
    ]
    for level in range(1, 10):
        indent = f'|<w:ind w:left="{(level - 1) * 240}"/>'
        made.append(
            style("paragraph", f"toc {level}", par(1, 2, extra=indent), "Normal", identifier=f"TOC{level}")
        )
    sizes = (17, 13.5, 11.5, 11, 11, 11, 11, 11, 11)
    for level, size in enumerate(sizes, 1):
        properties = par(20 if level == 1 else 13, 5, keep=True, level=level - 1)
        properties += run(size, ACCENT, bold=True, italic=level > 4)
        name = f"heading {level}"
        made.append(
            style("paragraph", name, properties, "Normal", identifier=f"Heading{level}", after="BodyText")
        )
    return made


def character_styles() -> list[str]:
    """Return our character styles."""
    superscript = '<w:vertAlign w:val="superscript"/>'
    return [
        default_style("character", "Default Paragraph Font", "DefaultParagraphFont"),
        style("character", "Body Text Char", "", "DefaultParagraphFont"),
        style("character", "Verbatim Char", run(10, extra=MONO), "DefaultParagraphFont"),
        style("character", "Section Number", "", "DefaultParagraphFont"),
        style("character", "Big Number", run(26, ACCENT), "DefaultParagraphFont"),
        style(
            "character", "footnote reference", f"<w:rPr>{superscript}</w:rPr>", identifier="FootnoteReference"
        ),
        style("character", "Hyperlink", run(colour=ACCENT), "DefaultParagraphFont"),
    ]


def data_table(name: str, size: float, side: int) -> str:
    """Return the style of data tables in one size; ``side`` is the room beside text, in twips."""
    cell = '<w:tblCellMar><w:top w:w="40" w:type="dxa"/>'
    cell += f'<w:left w:w="{side}" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/>'
    cell += f'<w:right w:w="{side}" w:type="dxa"/></w:tblCellMar>'
    lines = (
        f'<w:top w:val="single" w:sz="8" w:color="{INK}"/><w:bottom w:val="single" w:sz="8" w:color="{INK}"/>'
    )
    lines += f'<w:insideH w:val="single" w:sz="4" w:color="{HAIR}"/>'
    head = f'<w:bottom w:val="single" w:sz="6" w:color="{INK}"/>'
    return (
        f'<w:style w:type="table" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:pPr><w:spacing w:before="0" w:after="0"/></w:pPr>'
        f"{run(size)}"
        f"<w:tblPr><w:tblBorders>{lines}</w:tblBorders>{cell}</w:tblPr>"
        f'<w:tblStylePr w:type="firstRow">{run(bold=True)}<w:tcPr><w:tcBorders>{head}</w:tcBorders>'
        '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
    )


def table_styles() -> list[str]:
    """Return the styles of data tables and one per kind of box."""
    normal = default_style("table", "Normal Table", "TableNormal")
    made = [normal, data_table("Table", 9.5, 90), data_table("Dense Table", 7.5, 45)]
    wide = '<w:tblCellMar><w:top w:w="80" w:type="dxa"/><w:left w:w="180" w:type="dxa"/>'
    wide += '<w:bottom w:w="80" w:type="dxa"/><w:right w:w="180" w:type="dxa"/></w:tblCellMar>'
    for name, (colour, fill) in BOXES.items():
        edge = f'<w:left w:val="single" w:sz="24" w:color="{colour}"/>'
        made.append(
            f'<w:style w:type="table" w:styleId="Callout{name}"><w:name w:val="Callout {name}"/>'
            f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{edge}</w:tblBorders>{wide}</w:tblPr>'
            f'<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{fill}"/></w:tcPr></w:style>'
        )
    return made


def styles_xml() -> str:
    """Return the whole of ``styles.xml``."""
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{FONT}<w:sz w:val="22"/><w:szCs w:val="22"/>'
        '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        "</w:docDefaults>"
    )
    body = "".join([*paragraph_styles(), *character_styles(), *table_styles()])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:styles {NS}>{defaults}{body}</w:styles>'


def text(value: str, properties: str = "") -> str:
    """Return a run of text."""
    return f'<w:r>{properties}<w:t xml:space="preserve">{value}</w:t></w:r>'


def field(code: str) -> str:
    """Return a field that Word works out on each page."""
    return f'<w:fldSimple w:instr=" {code} ">{text("1")}</w:fldSimple>'


def header_xml() -> str:
    """Return the header: title on the left, mark on the right."""
    edge = f'<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="3" w:color="{HAIR}"/></w:pBdr>'
    tab = '<w:tabs><w:tab w:val="right" w:pos="9070"/></w:tabs>'
    inner = f'<w:p><w:pPr><w:pStyle w:val="Header"/>{edge}{tab}</w:pPr>{text("{{title}}")}<w:r><w:tab/></w:r>'
    inner += text("{{mark}}", run(colour="9B1C1C", bold=True)) + "</w:p>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:hdr {NS}>{inner}</w:hdr>'


def footer_xml() -> str:
    """Return the footer: page and pages."""
    inner = '<w:p><w:pPr><w:pStyle w:val="Footer"/><w:jc w:val="right"/></w:pPr>'
    inner += f"{text('{{page}} ')}{field('PAGE')}{text(' {{of}} ')}{field('NUMPAGES')}</w:p>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:ftr {NS}>{inner}</w:ftr>'


def document_xml() -> str:
    """Return a body that holds nothing but the page: A4, our margins, header and footer."""
    section = (
        '<w:headerReference w:type="default" r:id="rId90"/><w:footerReference w:type="default" r:id="rId91"/>'
    )
    section += '<w:pgSz w:w="11906" w:h="16838"/>'
    section += '<w:pgMar w:top="1531" w:right="1418" w:bottom="1361" w:left="1418" '
    section += 'w:header="680" w:footer="567" w:gutter="0"/>'
    body = f"<w:p/><w:sectPr>{section}</w:sectPr>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:document {NS}><w:body>{body}</w:body></w:document>'


def build() -> bytes:
    """Return the package."""
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"]
    default = subprocess.run(command, check=True, capture_output=True).stdout
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    form = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(default)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        parts = {name: source.read(name) for name in source.namelist()}
        links = "".join(
            f'<Relationship Id="{identifier}" Type="{kind}/{name}" Target="{name}1.xml"/>'
            for identifier, name in (("rId90", "header"), ("rId91", "footer"))
        )
        types = "".join(
            f'<Override PartName="/word/{name}1.xml" ContentType="{form}.{name}+xml"/>'
            for name in ("header", "footer")
        )
        relations = parts["word/_rels/document.xml.rels"].decode()
        parts["word/_rels/document.xml.rels"] = relations.replace(
            "</Relationships>", f"{links}</Relationships>"
        ).encode()
        content = parts["[Content_Types].xml"].decode()
        parts["[Content_Types].xml"] = content.replace("</Types>", f"{types}</Types>").encode()
        settings = parts["word/settings.xml"].decode()
        parts["word/settings.xml"] = settings.replace(
            "<w:footnotePr>", f"{SETTINGS}<w:footnotePr>", 1
        ).encode()
        parts["word/styles.xml"] = styles_xml().encode()
        parts["word/header1.xml"] = header_xml().encode()
        parts["word/footer1.xml"] = footer_xml().encode()
        parts["word/document.xml"] = document_xml().encode()
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            target.writestr(entry, parts[name])
    return made.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("reference.docx").write_bytes(build())
