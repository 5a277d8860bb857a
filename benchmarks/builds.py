"""What a build costs, beside papermill with nbconvert and a process pool of papermill; prints a table.

Usage: python benchmarks/builds.py [--years 2018-2024]
One notebook of four figures, eight of them, a full rebuild of all years in two languages and three formats,
a build with nothing to do, one member's return changed, and peak memory. Start-up is counted everywhere.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EIGHT = 8
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

OURS = """
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path
    from platform_utils.execute.forked import CAN_FORK, warm_up
    if CAN_FORK:
        warm_up()
    from platform_utils.execute import run_notebook
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    def one(i):
        run_notebook(folder / "four.ipynb", {"seed": i}, folder / f"ours-{i}.ipynb", kernels="forked")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(number)))
    """
WARM = """
    import sys, time
    from pathlib import Path
    from platform_utils.execute import run_notebook
    folder = Path(sys.argv[2])
    times = []
    for i in range(4):
        start = time.perf_counter()
        run_notebook(folder / "four.ipynb", {"seed": i}, folder / f"warm-{i}.ipynb", kernels="forked")
        times.append(time.perf_counter() - start)
    print(sorted(times[1:])[1])
    """
WARM_PAPERMILL = """
    import sys, time
    from pathlib import Path
    import papermill
    folder = Path(sys.argv[2])
    times = []
    for i in range(4):
        start = time.perf_counter()
        papermill.execute_notebook(folder / "four.ipynb", folder / "w.ipynb", {"seed": i}, progress_bar=False)
        times.append(time.perf_counter() - start)
    print(sorted(times[1:])[1])
    """
PAPERMILL = """
    import sys
    from pathlib import Path
    import papermill
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    for i in range(number):
        out = folder / f"pm-{i}.ipynb"
        papermill.execute_notebook(folder / "four.ipynb", out, {"seed": i}, progress_bar=False)
    """
PAPERMILL_HTML = (
    PAPERMILL
    + """
    from nbconvert import HTMLExporter
    for i in range(number):
        text, _ = HTMLExporter().from_filename(str(folder / f"pm-{i}.ipynb"))
        (folder / f"pm-{i}.html").write_text(text)
    """
)
POOL = """
    import sys
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path
    import papermill
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    def one(i):
        out = folder / f"pool-{i}.ipynb"
        papermill.execute_notebook(folder / "four.ipynb", out, {"seed": i}, progress_bar=False)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(one, range(number)))
    """


def write_notebook(path):
    empty = {"cell_type": "code", "outputs": [], "execution_count": None}
    cells = [
        {"id": f"c{i}", "source": source, "metadata": {"tags": tags}} | empty
        for i, (source, tags) in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def timed(command, env=None, cwd=None):
    """Seconds of wall time, and what was printed."""
    start = time.perf_counter()
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[:4]} failed:\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def script(text, number, folder, packages=""):
    templates = str(Path(packages) / "share" / "jupyter")
    env = {**os.environ, "PYTHONPATH": packages, "JUPYTER_PATH": templates} if packages else None
    return timed([sys.executable, "-c", textwrap.dedent(text), str(number), str(folder)], env)


def lay_out(folder):
    for name in ("notebooks", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data_raw" / "published", folder / "data_raw" / "published")
    shutil.copy(ROOT / "_quarto.yml", folder)
    return folder


def tool(folder, *words):
    env = {**os.environ, "PLATFORM_UTILS_HOME": str(folder)}
    return timed([sys.executable, "-m", "platform_utils", *words], env, folder)[0]


def change_a_return(folder, year):
    """One cell of one member's form becomes another."""
    import openpyxl

    place = folder / "data_raw" / "demo" / str(year)
    for path in sorted(place.glob("*.xlsx")):
        try:
            book = openpyxl.load_workbook(path)
        except Exception:  # noqa: BLE001 - demo returns hold broken and locked files on purpose
            continue
        if "Personer" in book.sheetnames and book["Personer"].max_row > 12:
            book["Personer"].cell(book["Personer"].max_row + 2, 1).value = None
            book.properties.description = "changed"
            book.save(path)
            return path.name
    sys.exit("no return to change")


def notebooks(folder, peers, say):
    write_notebook(folder / "four.ipynb")
    ways = {"this": OURS, "papermill": PAPERMILL, "pool of 2, papermill": POOL}
    ways |= {"papermill + nbconvert": PAPERMILL_HTML} if peers else {}
    for number, what in ((1, "one notebook of four figures, cold"), (EIGHT, "eight of them, cold")):
        rounds = 3 if number == 1 else 1
        rows = {
            name: statistics.median(
                script(text, number, folder, peers if "nbconvert" in name else "")[0] for _ in range(rounds)
            )
            for name, text in ways.items()
        }
        for name, seconds in rows.items():
            say(what, name, seconds, seconds / rows["this"])
    ours, theirs = (float(script(text, 4, folder)[1]) for text in (WARM, WARM_PAPERMILL))
    say("one more, warm", "this", ours, 1)
    say("one more, warm", "papermill", theirs, theirs / ours)


def builds(folder, years, say):
    tool(folder, "demo", "--years", years, "--seed", "1")
    command = ("report", "annual", "all", "--lang", "sv,en", "--to", "html,pdf,docx")
    say(f"full rebuild, {years}, 2 languages, 3 formats", "this", tool(folder, *command), 1)
    say("nothing to do", "this", statistics.median(tool(folder, *command) for _ in range(5)), 1)
    last = int(years.rpartition("-")[2])
    name = change_a_return(folder, last)
    say(f"one return of {last} changed ({name.rpartition('.')[2]})", "this", tool(folder, *command), 1)


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--years", default="2018-2024")
    asked.add_argument("--part", choices=["all", "notebooks", "builds"], default="all")
    asked.add_argument("--peers", default="", help="folder of pip install --target FOLDER nbconvert")
    given = asked.parse_args()
    rows = []

    def say(what, who, seconds, ratio):
        rows.append(f"| {what} | {who} | {seconds:.2f} | {ratio:.1f} |")
        print(rows[-1], file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.part != "builds":
            notebooks(folder, given.peers, say)
        if given.part != "notebooks":
            builds(lay_out(folder / "workspace"), given.years, say)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("| what | how | seconds | times ours |\n|---|---|---|---|")
    print("\n".join(rows))
    print(f"\nPeak memory of the largest process: {peak:.0f} MB.")


if __name__ == "__main__":
    main()
