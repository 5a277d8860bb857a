"""What must not be committed does not pass, and what may is not stopped: each row is one file."""

import base64
import gzip
import io
import json
import os
import shutil
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest

from platform_utils.guard.commit import message_reasons, reasons

ROOT = Path(__file__).parents[3]
NUMBER = "850712¦2394".replace("¦", "-")  # no number in this file: the hook reads it too
ROWS = "Personkod;Kön;Ålder (år)\nAB-12;kvinna;31\n"
SHOWN = {"output_type": "stream", "name": "stdout", "text": ["x\n"]}
PNG = (ROOT / "docs" / "report_page.png").read_bytes()


def cell(source, kind="code", **more):
    made = {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}
    return made | ({"outputs": [SHOWN], "execution_count": 1} if kind == "code" else {}) | more


def notebook(*cells, source="demo", about=None, **more):
    first = cell(f'year = 2023\nsource = "{source}"', metadata={"tags": ["parameters"]}, outputs=[])
    given = [each if isinstance(each, dict) else cell(each) for each in cells]
    made = {"cells": [first, *given], "metadata": about or {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made | more, ensure_ascii=False).encode()


def workbook(**parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in ({"xl/workbook.xml": "<x/>"} | parts).items():
            archive.writestr(name, text)
    return made.getvalue()


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def fetched(content, kind="text/csv;charset=utf-8"):
    return output("text/markdown", f"[CSV](data:{kind};base64,{base64.b64encode(content).decode()})")


def output(kind, text):
    data = {"output_type": "display_data", "metadata": {}, "data": {kind: text}}
    return cell("1", outputs=[data])


READS = {  # cells of notebooks that say they are demo
    "a path below members": "import pandas as pd\npd.read_parquet('../data_clean/members/restricted/2023/case.parquet')",
    "another source given": "from platform_utils import pipeline\npipeline.clean(year=year, source='members')",
    "a source by position": "from platform_utils import pipeline\npipeline.clean(2023, 'members')",
    "a source set again": "source = 'members'",
    "a source that is computed": "from platform_utils import pipeline\npipeline.clean(2023, 'mem' + 'bers')",
    "a source turned round": "from platform_utils import pipeline\nwhose = 'srebmem'[::-1]\npipeline.clean(2023, whose)",
    "a source as the desk is set": "from platform_utils import config, pipeline\npipeline.clean(2023, config.load_settings().source)",
    "an external file": "from platform_utils import publish\npublish.load(year=year, lang='sv', source='external-ctdc')",
    "a path in pieces": "import pandas as pd\npd.read_csv('../data_raw/' + 'mem' + 'bers/rows.csv')",
    "a path out of demo": "import pandas as pd\npd.read_csv('../data_raw/demo/../members/2023/rows.csv')",
    "a path with a name in it": "import pandas as pd\nwhere = '../..'\npd.read_csv(f'../data_raw/demo/{where}/x.csv')",
    "a path on another disk": "import pandas as pd\npd.read_excel(r'E:\\svar.xlsx')",
    "an address": "import pandas as pd\npd.read_json('https://a.se/x')",
    "a path listed": "from pathlib import Path\n[p.read_text() for p in Path('..').glob('data_raw/*/*/*.json')]",
    "a folder of the workspace": "from platform_utils.paths import Workspace\n(Workspace.find().results / 'x').read_text()",
    "open": "open('svar').read()",
    "an alias of a reader": "import pandas as pd\nr = pd.read_parquet\nr('x')",
    "a reader imported": "from pandas import read_parquet\nread_parquet('x')",
    "a reader of numpy": "import numpy as np\nnp.loadtxt('x')",
    "a library behind one": "import pandas as pd\npd.io.common.os.popen('cat x').read",
    "another library": "import duckdb\nduckdb.sql('select 1')",
    "a module beside it": "import rows\nrows.all",
    "a function by its name": "import pandas as pd\ngetattr(pd, 'rea' + 'd_csv')('x')",
    "a function handed on": "from functools import partial\nfrom platform_utils import pipeline\npartial(pipeline.clean, 2023)",
    "a library under our name": "import pandas as publish\nfrom platform_utils import publish\npublish.load('x')",
    "a query that calls": "import pandas as pd\npd.DataFrame({'a': [1]}).query('@pd.read_csv(a)')",
    "the shell": "!cat ../data_raw/members/2023/*.json",
    "a magic": "%run rows.py",
    "a cell of another language": "%%bash\ncat x",
    "what IPython keeps": "In",
    "an inline expression": cell("`{python} open('x').read()`", "markdown", metadata={"user_expressions": [1]}),
    "a library behind another": "import dataclasses\ndataclasses.inspect.linecache.getlines('x')",
    "text that is run": "import dataclasses\ndataclasses.make_dataclass('A', [('x', '1')])",
    "a path of one's own": "class Path(str):\n    pass\nPath('../data_raw/demo')",
    "a file of the library": "from platform_utils.paths import resource\nresource('x').read_text()",
    "a ledger": "from platform_utils import protect\nprotect.open_ledger('releases')",
    "a path as a text": "from IPython.display import Markdown\nMarkdown('/'.join(['..', 'data' + '_raw', 'mem' + 'bers']))",
    "a path under another name": "from IPython.display import HTML as show\nplace = 'mem' + 'bers'\nshow(place)",
    "what shows handed on": "from IPython.display import HTML\nlist(map(HTML, ['x']))",
    "a computed source opened": "from platform_utils.paths import Workspace\nprint(Workspace.find().receipts('mem' + 'bers', 2019).open().read(9))",
    "a computed source walked": "from platform_utils.paths import Workspace\nlist(Workspace.find().returns(chr(109), 2019).walk(True))",
    "a style from a file": "import matplotlib.pyplot as plt\nplt.style.use('/'.join(['..', 'x']))",
    "a style imported": "from matplotlib.style import use\nuse('/'.join(['..', 'x']))",
    "a line of a file by a warning": "import warnings\nwarnings.formatwarning('a', Warning, 'x', 3)",
    "a query of a library": "import pandas as pd\npd.DataFrame({'a': [1]}).query('a > @pd.x')",
    "a long text": "x = '" + "kvinna polis " * 200 + "'",
    "many short lists": "\n".join(f"a{n} = ['kvinna', {n}, 'polis', 'ja', 'nej']" for n in range(40)),
    "a file that the browser shows": "from IPython.display import HTML\nHTML(filename='x')",
}  # fmt: skip

FILES = {
    **{name: ("notebooks/explore/a.ipynb", notebook(source)) for name, source in READS.items()},
    "members as source": ("notebooks/a.ipynb", notebook("1", source="members")),
    "members given by papermill": ("notebooks/a.ipynb", notebook("1", about={"papermill": {"parameters": {"source": "members"}}})),
    "an inline answer": ("notebooks/a.ipynb", notebook(cell("x", "markdown", metadata={"user_expressions": [1]}), source="members")),
    "a suffix in capitals": ("notebooks/A.IPYNB", notebook("1")),
    "a notebook called json": ("tests/a.json", notebook("1")),
    "an attachment": ("notebooks/a.ipynb", notebook(cell("x", "markdown", attachments={"a.png": {"image/png": "aaaa"}}))),
    "a picture in the text": ("notebooks/a.ipynb", notebook(cell("![](data:image/png;base64,aaaa)", "markdown"))),
    "a picture that is none": ("notebooks/a.ipynb", notebook(output("image/png", "QUJD"))),
    "widgets": ("notebooks/a.ipynb", notebook("1", about={"widgets": {"state": {"a": "x"}}})),
    "metadata": ("notebooks/a.ipynb", notebook("1", about={"authors": [{"name": "Anna"}]})),
    "metadata of a cell": ("notebooks/a.ipynb", notebook(cell("1", metadata={"note": "Anna"}))),
    "a tag": ("notebooks/a.ipynb", notebook(cell("1", metadata={"tags": ["anna"]}))),
    "something beside the cells": ("notebooks/a.ipynb", notebook("1", rows=["Anna"])),
    "an error shown": ("notebooks/a.ipynb", notebook(cell("1", outputs=[{"output_type": "error", "ename": "Anna", "evalue": "", "traceback": []}]))),
    "an output of another kind": ("notebooks/a.ipynb", notebook(output("application/vnd.x+json", "x"))),
    "a number in an output": ("notebooks/a.ipynb", notebook(output("text/plain", ["8507122", "394 x"]))),
    "rows to be fetched": ("notebooks/a.ipynb", notebook(fetched(ROWS.encode()))),
    "a number to be fetched": ("notebooks/a.ipynb", notebook(fetched(f"x\n{NUMBER}\n".encode()))),
    "bytes to be fetched": ("notebooks/a.ipynb", notebook(fetched(b"PAR1\xff\xfe" * 60))),
    "a workbook to be fetched": ("notebooks/a.ipynb", notebook(fetched(workbook() * 2, "application/zip"))),
    "a number in a text": ("notebooks/a.ipynb", notebook(cell(f"Se {NUMBER}", "markdown"))),
    "rows in one text": ("notebooks/a.ipynb", notebook("x = 'AB-12/kvinna/31 AB-13/man/22 AB-14/kvinna/19'.split()")),
    "rows in a list": ("notebooks/a.ipynb", notebook("x = [['AB-12', 'kvinna', 31], ['AB-13', 'man', 22], ['AB-14', 'man', 2]]")),
    "columns in a cell": ("notebooks/a.ipynb", notebook("x = f({'person_code': ['AB-12'], 'sex': ['man'], 'age_years': [3]})")),
    "rows of HTML in a text": ("notebooks/a.ipynb", notebook(cell("<tr><td>AB-1</td><td>kvinna</td><td>31</td></tr>" * 3, "markdown"))),
    "a printed table in a text": ("notebooks/a.ipynb", notebook(cell("0  AB-1  kvinna  31\n" * 3, "markdown"))),
    "rows in a text": ("notebooks/a.ipynb", notebook(cell(ROWS, "markdown"))),
    "a table in a cell": ("notebooks/a.ipynb", notebook(f"rows = {[[n, n] for n in range(40)]}")),
    "a key twice": ("notebooks/a.ipynb", notebook("1").replace(b'"cells"', b'"cells": [], "cells"', 1)),
    "an old format": ("notebooks/a.ipynb", notebook("1", nbformat=3)),
    "csv": ("notebooks/rows.csv", ROWS.encode()),
    "CSV": ("data_raw/published/rows.CSV", ROWS.encode()),
    "csv where figures stand": ("data_raw/published/rows.csv", ROWS.encode()),
    "csv.gz": ("tests/rows.csv.gz", gzip.compress(ROWS.encode())),
    "gz as csv": ("tests/rows.csv", gzip.compress(ROWS.encode())),
    "csv as md": ("docs/notes.md", ROWS.encode()),
    "csv as py": ("src/rows.py", b"".join(b'("AB-%d", "kvinna", 31, "ja"),\n' % n for n in range(4))),
    "csv in UTF-16": ("tests/rows.csv", ROWS.encode("utf-16")),
    "json": ("tests/rows.json", json.dumps([{"person_code": "AB-1", "sex": "kvinna", "role": "x"}]).encode()),
    "a reduced return": ("tests/m07.json", b'{"format": "reduced return 1", "tables": {}}'),
    "json in another folder": ("docs/a.json", b"{}"),
    "a printed table": ("docs/a.md", b"0  AB-12  kvinna  31\n1  AB-13  man  22\n2  AB-14  kvinna  19\n"),
    "a printed heading": ("docs/a.md", b"   person_code     sex  age_years\n0        AB-1  kvinna         31\n"),
    "rows of HTML": ("docs/a.html", b"<tr>\n<td>AB-1</td>\n<td>kvinna</td><td>31</td></tr>" * 3),
    "a heading of HTML": ("docs/a.md", "<tr><th>Personkod</th><th>Kön</th><th>Ålder (år)</th></tr>".encode()),
    "rows of a spreadsheet's XML": ("docs/a.xml", b"<Row><Cell><Data>AB-1</Data></Cell><Cell><Data>man</Data></Cell><Cell><Data>3</Data></Cell></Row>" * 3),
    "yaml": ("docs/a.yaml", b"- {kod: AB-12, kon: kvinna, alder: 31}\n" * 3),
    "json in one line": ("tests/a.json", json.dumps([["AB-1", "kvinna", 31, "x"]] * 3).encode()),
    "json with keys of its own": ("tests/a.json", json.dumps([{"kod": "AB-1", "kon": "man", "alder": 3}] * 3, indent=1).encode()),
    "json of two questions": ("tests/a.json", json.dumps([{"Personkod": "AB-12", "Kön": "kvinna"}]).encode()),
    "a code in the last column": ("docs/a.md", b"kvinna;31;nigeria;AB-12\n" * 3),
    "codes that are numbers": ("docs/a.md", b"12;kvinna;31\n13;man;22\n14;kvinna;19\n"),
    "py in one line": ("src/a.py", b"ROWS = [" + b'("AB-1", "kvinna", 31), ' * 3 + b"]"),
    "py in a text": ("src/a.py", b'ROWS = """\n' + b"AB-12 kvinna 31 nigeria\n" * 3 + b'"""'),
    "rows in a picture": ("docs/a.png", PNG[:8] + chunk(b"tEXt", b"Comment\0" + b"AB-12;kvinna;31\n" * 3) + PNG[8:]),
    "rows as colours": ("docs/a.png", PNG[:8] + chunk(b"tRNS", b"AB-12;kvinna;31\n" * 3) + PNG[8:]),
    "a compressed text in a picture": ("docs/a.png", PNG[:8] + chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(b"x")) + PNG[8:]),
    "a profile in a picture": ("docs/a.png", PNG[:8] + chunk(b"iCCP", b"a\0\0" + zlib.compress(b"x")) + PNG[8:]),
    "a large part of a picture": ("docs/a.png", PNG[:8] + chunk(b"PLTE", b"x" * 900) + PNG[8:]),
    "something packed and quoted": ("src/a.py", b"X = (\n" + (b'    "' + b"QUJD" * 19 + b'"\n') * 5 + b")"),
    "something packed and indented": ("docs/a.yaml", b"x: !!binary |\n" + (b"  " + b"QUJD" * 19 + b"\n") * 5),
    "toml": ("docs/rows.toml", b'[[row]]\nperson_code = "AB-1"\n' * 3),
    "xlsx": ("docs/svar.xlsx", workbook()),
    "xlsx as docx": ("_extensions/platform/reference.docx", workbook(**{"xl/embeddings/a.bin": "x"})),
    "xlsx as png": ("docs/svar.png", workbook()),
    "xlsx as text": ("docs/svar.md", workbook()),
    "parquet": ("tests/case.parquet", b"PAR1"),
    "PDF": ("docs/annual.pdf", b"%PDF-1.7"),
    "PDF as text": ("docs/annual.md", b"%PDF-1.7 plain"),
    "a draft": ("docs/annual.docx", workbook()),
    "a zip": ("docs/a.zip", workbook()),
    "a photograph": ("docs/a.jpg", b"\xff\xd8\xff"),
    "bytes after a picture": ("docs/a.png", PNG + ROWS.encode()),
    "a number in a picture": ("docs/a.png", PNG[:8] + chunk(b"tEXt", f"Comment\0{NUMBER}".encode()) + PNG[8:]),
    "something packed in a picture": ("docs/a.png", PNG[:8] + chunk(b"zTXt", b"a\0\0x") + PNG[8:]),
    "something packed in a text": ("docs/a.md", b"QUJD" * 100),
    "something packed in lines": ("docs/a.md", (b"QUJD" * 19 + b"\n") * 5),
    "what is called a lock": ("docs/rows.lock", b"x\n" * 300_000),
    "another language": ("notebooks/a.ipynb", notebook("x", about={"kernelspec": {"name": "bash", "language": "bash"}})),
    "members": ("data_raw/members/2023/M07.md", b"x"),
    "Members": ("Data_Raw/Members/2023/M07.md", b"x"),
    "members somewhere else": ("backup/data_raw/members/M07.md", b"x"),
    "rows of a release": ("data_clean/demo/restricted/released/a.md", b"x"),
    "a checkpoint": ("notebooks/.ipynb_checkpoints/a.ipynb", notebook("1")),
    "settings of the desk": ("workspace.toml", b"x = 1"),
    "passwords": ("docs/keys.toml", b"x = 1"),
    "a log": ("docs/run.log", b"x"),
    "a file without a kind": ("rows", b"x"),
    "a number": ("README.md", f"se {NUMBER}".encode()),
    "a number without its dash": ("docs/a.md", NUMBER.replace("-", "").encode()),
    "a number over a comma": ("docs/a.md", NUMBER.replace("-", ", ").encode()),
    "a number over two lines": ("docs/a.md", NUMBER.replace("-", "-\n").encode()),
    "a number with another dash": ("src/a.py", NUMBER.replace("-", "–").encode()),
    "a number with a hidden character": ("CHANGELOG.md", NUMBER.replace("-", "\u200b").encode()),
    "a number written as code": ("tests/test_a.py", NUMBER.replace("-", r"\u2060").encode()),
    "a number in a name": (f"docs/{NUMBER}.md", b"x"),
    "a phone number": ("docs/a.md", "ring 073-123 ¦45 67".replace("¦", "").encode()),
    "an address": ("docs/a.md", "anna.svensson@¦bolag.se".replace("¦", "").encode()),
    "an address that begins as an office": ("docs/a.md", "support.zqxanna@¦bolag.se".replace("¦", "").encode()),
    "an address beside an office": ("docs/a.md", "info+zqxanna@¦bolag.se".replace("¦", "").encode()),
    "a number after another": ("tests/a.csv", "kod,alder,pnr\nAB-1,31,6408¦233234\n".replace("¦", "").encode()),
    "numbers in a list": ("tests/a.json", "[1, 6408¦233234]".replace("¦", "").encode()),
    "a number in two fields": ("tests/a.csv", "day;last\n6408¦23;3234\n".replace("¦", "").encode()),
    "a number in the metadata": ("notebooks/a.ipynb", notebook("1", about={"papermill": {"parameters": {"x": int(NUMBER.replace("-", ""))}}})),
    "a number in a list of a cell": ("notebooks/a.ipynb", notebook("[31,6408¦233234]".replace("¦", ""))),
    "what is too large": ("docs/a.md", b"x\n" * 300_000),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_what_must_not_be_committed_does_not_pass(name):
    path, content = FILES[name]
    said = list(reasons(path, content))
    assert said
    assert not any(word in " ".join(said) for word in ("Anna", "AB-", NUMBER))


MAY = {
    "without outputs": notebook(cell(READS["a path below members"], outputs=[]), source="members"),
    "the library asked": notebook("from platform_utils import pipeline, publish\nreport = publish.load(year=year - 1, lang='sv', source=source)\nreport.table('role')"),
    "demo rows by path": notebook("import pandas as pd\npd.read_parquet(f'../data_clean/demo/restricted/{year}/case.parquet').head()"),
    "demo rows by workspace": notebook("import pandas as pd\nfrom platform_utils.paths import Workspace\nplace = Workspace.find().restricted(source, year)\npd.read_parquet(place / 'case.parquet')"),
    "published figures": notebook("import pandas as pd\ndf = pd.read_csv('../data_raw/published/published_figures.csv')\ndf.groupby('year').size()"),
    "figures to be fetched": notebook(fetched(b"year,number,source\n2018,252,Lagesrapport\n" * 20)),
    "a picture": notebook("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])", output("image/png", base64.b64encode(PNG).decode())),
    "a text shown": notebook("from IPython.display import Markdown\nMarkdown(f'**{year}** persons')"),
    "how a library draws": notebook("import json\nimport pandas as pd\nimport matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (4, 3)\n"
                                    "pd.options.display.max_rows = 9\nplt.style.use('ggplot')\n_ = plt.plot([1])\nfor _ in range(3):\n    print(pd.__version__)"),
    "what is asked in a comment": notebook("%%time\n# why?\nx = list(range(3))", f"x = {list(range(70))}"),
    "a query of a number": notebook("import pandas as pd\nlimit = 1\npd.DataFrame({'a': [1]}).query('a > @limit')"),
    "demo rows by year": notebook("from pathlib import Path\nimport pandas as pd\nbase = Path('../data_clean/demo')\nfor each in (2022, 2023):\n"
                                  "    pd.read_parquet(base / 'restricted' / str(each) / 'case.parquet')"),
    "a function of one's own": notebook("import numpy as np\ndef mean(x):\n    return np.mean(x)\nprint([mean([n, 1]) for n in range(3)])"),
    "as JupyterLab saves it": notebook("1", about={
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
                          "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": "3.11.7"},
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", MAY)
def test_a_notebook_that_may_be_committed_is_not_stopped(name):
    assert [] == list(reasons("notebooks/explore/a.ipynb", MAY[name]))


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "docs/new.md",
            b"Skriv till info@manniskohandel.se, bugg #1234567890, 2024-08-15 10:20, 811228-9874, 020-50 50 50, T = 1704067200",
        ),
        ("tests/golden/numbers.csv", b"year,count\n2023,12\n"),
        ("data_raw/published/new.csv", b"year;table;count\n2023;sex;253\n"),
        ("src/platform_utils/resources/a.json", b'{"sex": ["kvinna"]}'),
        (".github/workflows/a.yml", b"on: push\n"),
        ("_extensions/platform/a.svg", b"<svg></svg>"),
        ("_extensions/platform/a.lua", b"return {}"),
        ("LICENSES/MIT.txt", b"MIT"),
        (".gitignore", b"x"),
        ("data_raw/published/a.csv", b"code,year,value,unit\n" + b"T1,2019,12,persons\nA-1,2019,12,x\n" * 3),
        ("data_raw/published/b.csv", b",sex,year,n\n0,kvinna,2019,12\n1,man,2019,13\n2,kvinna,2020,14\n"),
        (
            "docs/codes.md",
            b"E-101, E-102, E-103, E-104\nM07, M08, M09, M10\n- W-151, E-152, E-153, E-154 too\n" * 3,
        ),
        ("docs/sex.md", b"1;kvinna;12\n2;man;22\n3;annat;4\n"),
        ("docs/hashes.toml", b"".join(b'  "%064x",\n' % (7**70 + n) for n in range(9))),
        ("docs/a.png", PNG),
    ],
)
def test_other_files_that_may_be_committed_are_not_stopped(path, content):
    assert [] == list(reasons(path, content))


def test_nothing_of_this_house_is_stopped():
    """All that git has, also what a rebase, a patch or a merge without a commit brought past the hooks."""
    done = subprocess.run(["git", "ls-files", "-s", "-z"], cwd=ROOT, capture_output=True, check=True)
    listed = [line.split("\t", 1) for line in done.stdout.decode().split("\0") if line]
    found = [
        (name, why)
        for about, name in listed
        if (ROOT / name).is_file()
        for why in reasons(name, (ROOT / name).read_bytes(), about.split()[0])
    ]
    # a report that lets its tables be fetched, as Quarto ran it
    assert [
        (
            "tests/golden/quarto_text/executed/04-rapport.ipynb",
            "is a notebook that has something embedded in cell 4",
        )
    ] == found


def test_links_and_messages_are_looked_at():
    assert list(reasons("docs/a.md", b"../data_raw/members", "120000"))
    assert list(message_reasons(f"clean: row of {NUMBER}"))
    assert list(message_reasons("fix 1,6408¦233234".replace("¦", "")))
    assert [] == list(message_reasons("clean: a row\n\nSigned-off-by: A B <noreply@a.se>\n"))


@pytest.mark.skipif(os.name != "posix", reason="the hook is a shell script")
def test_the_hook_stops_a_commit_whatever_folder_it_is_made_from(tmp_path):
    def git(*words):
        return subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, text=True)

    for name in (".githooks", "src/platform_utils/guard", "src/platform_utils/resources/codebook"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "src/platform_utils/__init__.py").touch()
    shutil.copy(ROOT / "src/platform_utils/resources/guard.toml", tmp_path / "src/platform_utils/resources")
    git("init")
    git("config", "core.hooksPath", ".githooks")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit")
    (tmp_path / "rows.CSV").write_text(ROWS, encoding="utf-8")
    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    git("add", "a.md")
    assert 0 == git(*identity, "-m", "docs: a").returncode
    assert 0 != git(*identity, "--allow-empty", "-m", f"docs: {NUMBER}").returncode
    git("add", "rows.CSV")
    done = git(*identity, "-m", "docs: b")
    assert 0 != done.returncode
    assert done.stderr.startswith("refused: rows.CSV is of a kind")
