"""What builds.py compares with: papermill one after another, a process pool of papermill, and Snakemake.

The same notebooks and documents with the same parameters in the same order, run by what other people would
reach for. Their pages are made by nbconvert, HTML only: it needs TeX for PDF and makes no Word file.
"""

import json
import os
import shlex
import sys
from pathlib import Path

CELLS = (
    ("seed = 1", ["parameters"]),
    (
        (
            "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
            "import scipy.stats\nimport seaborn as sns"
        ),
        [],
    ),
    ("data = pd.DataFrame(np.random.default_rng(seed).normal(size=(300, 3)), columns=list('abc'))", []),
    ("sns.histplot(data['a'])\nplt.show()", []),
    ("sns.scatterplot(data=data, x='a', y='b')\nplt.show()", []),
    ("sns.boxplot(data=data)\nplt.show()", []),
    ("sns.kdeplot(data['c'])\nplt.show()", []),
    ("scipy.stats.ttest_ind(data['a'], data['b']).pvalue.round(6)", []),
)
ONE_AFTER_ANOTHER = """
    import json, sys
    import papermill
    pages = len(sys.argv) > 2
    for wave in json.load(open(sys.argv[1])):
        for job in wave:
            papermill.execute_notebook(
                job["notebook"], job["made"], job["parameters"], cwd=job["cwd"], progress_bar=False)
            if pages:
                from nbconvert import HTMLExporter
                text, _ = HTMLExporter().from_filename(job["made"])
                open(job["made"] + ".html", "w").write(text)
    """
POOL = """
    import json, sys
    from concurrent.futures import ProcessPoolExecutor
    import papermill
    pages = len(sys.argv) > 2
    def one(job):
        papermill.execute_notebook(
            job["notebook"], job["made"], job["parameters"], cwd=job["cwd"], progress_bar=False)
        if pages:
            from nbconvert import HTMLExporter
            text, _ = HTMLExporter().from_filename(job["made"])
            open(job["made"] + ".html", "w").write(text)
    with ProcessPoolExecutor(2) as pool:
        for wave in json.load(open(sys.argv[1])):
            list(pool.map(one, wave))
    """


def write_notebook(path):
    """The notebook of four figures."""
    empty = {"cell_type": "code", "outputs": [], "execution_count": None}
    cells = [
        {"id": f"c{i}", "source": source, "metadata": {"tags": tags}} | empty
        for i, (source, tags) in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def eight_jobs(folder, number):
    """The notebook of four figures as often as asked, in one wave."""
    return [
        [
            job(folder / "four.ipynb", folder / f"peer-{i}.ipynb", {"seed": i}, [folder / "four.ipynb"], [])
            for i in range(number)
        ]
    ]


def report_jobs(workspace, years):
    """The notebooks and documents of all years in three waves; a year's counts read every earlier year."""
    out = workspace / "peers"
    out.mkdir(exist_ok=True)
    notebooks = workspace / "notebooks"
    clean = [
        job(
            notebooks / "10_clean_member_statistics.ipynb",
            out / f"clean-{year}.ipynb",
            {"year": year, "source": "demo"},
            sorted(p for p in (workspace / "data_raw" / "demo" / str(year)).iterdir() if p.is_file()),
            [],
        )
        for year in years
    ]
    count = [
        job(
            notebooks / "20_annual_statistics.ipynb",
            out / f"count-{year}.ipynb",
            {"year": year, "source": "demo"},
            [],
            [one["made"] for one in clean[: number + 1]],
        )
        for number, year in enumerate(years)
    ]
    documents = [
        job(
            as_notebook(workspace / "reports" / lang / "annual.qmd", out / f"annual.{lang}.ipynb"),
            out / f"annual-{year}.{lang}.ipynb",
            {"year": year, "source": "demo"},
            [],
            [one["made"] for one in count[: number + 1]],
            cwd=workspace / "reports" / lang,
        )
        for number, year in enumerate(years)
        for lang in ("sv", "en")
    ]
    return [clean, count, documents]


def job(notebook, made, parameters, inputs, needs, cwd=None):
    return {
        "notebook": str(notebook),
        "made": str(made),
        "parameters": parameters,
        "inputs": [str(path) for path in inputs],
        "needs": [str(path) for path in needs],
        "cwd": str(cwd or Path(notebook).parent),
    }


def as_notebook(document, path):
    """A Quarto document as the notebook that papermill can run; inline expressions stay as they are."""
    import nbformat

    from platform_utils.execute.source import read_document

    notebook = read_document(document).notebook
    for number, cell in enumerate(notebook["cells"]):
        cell.setdefault("id", f"c{number}")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook["metadata"]["kernelspec"] = kernel
    nbformat.write(nbformat.from_dict(notebook), path)
    return path


def write_snakefile(waves, path, peers):
    """A rule per job: papermill's command line, then nbconvert's if its folder is given."""
    rules = []
    names = [one["made"] for wave in waves for one in wave]
    rules.append(f"rule all:\n    input: {names!r}\n")
    for number, one in enumerate(one for wave in waves for one in wave):
        words = [sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", one["cwd"]]
        words += [one["notebook"], one["made"]]
        for name, value in one["parameters"].items():
            words += ["-p", name, str(value)]
        command = shlex.join(words)
        if peers:
            page = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", one["made"]]
            command += f" && env PYTHONPATH={peers} JUPYTER_PATH={peers}/share/jupyter {shlex.join(page)}"
        rules.append(
            f"rule job{number}:\n    input: {[one['notebook'], *one['inputs'], *one['needs']]!r}\n"
            f"    output: {one['made']!r}\n    shell: {command!r}\n"
        )
    path.write_text("\n".join(rules))
    return path


def snakemake_command(program, snakefile):
    return [
        program,
        "--cores",
        "2",
        "--quiet",
        "all",
        "--snakefile",
        str(snakefile),
        "--directory",
        str(snakefile.parent),
    ]


def environment(workspace, peers):
    more = {"PYTHONPATH": peers, "JUPYTER_PATH": str(Path(peers) / "share" / "jupyter")} if peers else {}
    return {**os.environ, "PLATFORM_UTILS_HOME": str(workspace), **more}
