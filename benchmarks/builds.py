"""What a build costs, beside papermill with nbconvert, a process pool of papermill, and Snakemake.

Usage: python benchmarks/builds.py [--years 2018-2024] [--part all] [--peers FOLDER] [--snakemake PATH]
Parts: one notebook of four figures, eight of them; a full rebuild in two languages and three formats, with
nothing to do, with one member's return changed; the same build on two workers of a cluster; unit costs, and
what they make of an umbrella of 27 countries. Start-up is counted everywhere. Peak memory is that of all
processes together. Peers live outside the checkout:
  python -m venv /tmp/snake_env && /tmp/snake_env/bin/pip install snakemake
  pip install --target /tmp/peers nbconvert
"""

import argparse
import importlib.util
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

from builds_peers import (
    ONE_AFTER_ANOTHER,
    POOL,
    eight_jobs,
    environment,
    report_jobs,
    snakemake_command,
    write_notebook,
    write_snakefile,
)

ROOT = Path(__file__).parents[1]
EIGHT = 8
COMMAND = ("report", "annual", "all", "--lang", "sv,en", "--to", "html,pdf,docx")
COUNTRIES, UMBRELLA_YEARS, LANGUAGES = 27, 15, 2
MEGABYTE = 1 << 20

OURS = """
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path
    from platform_utils.execute.fork_server import CAN_FORK, warm_up
    if CAN_FORK:
        warm_up()
    from platform_utils.execute import run_document
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    def one(i):
        run_document(folder / "four.ipynb", {"seed": i}, folder / f"ours-{i}.ipynb", kernels="forked")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(number)))
    """
WARM = """
    import sys, time
    from pathlib import Path
    from platform_utils.execute import run_document
    folder = Path(sys.argv[2])
    times = []
    for i in range(4):
        start = time.perf_counter()
        run_document(folder / "four.ipynb", {"seed": i}, folder / f"warm-{i}.ipynb", kernels="forked")
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
UNITS = """
    import json, sys, time
    from platform_utils.workflow import annual_nodes, report_nodes, run_nodes
    from platform_utils.paths import Workspace
    place, years = Workspace.find(), tuple(map(int, sys.argv[1].split(",")))
    about = {"source": "demo", "langs": ("sv", "en"), "formats": ("html", "pdf", "docx")}
    nodes = annual_nodes(place, "demo", years, "sv")
    nodes += report_nodes(place, "annual", years, engine="embedded", **about)
    began, took = {}, {}
    def report(name, state):
        if state == "started":
            began[name] = time.perf_counter()
        elif state == "done":
            took[name] = time.perf_counter() - began[name]
    outcome = run_nodes(nodes, place, "demo", workers=1, report=report)
    assert not outcome.failed, outcome.failed
    print(json.dumps(took))
    """


def timed(command, env=None, cwd=None):
    """Seconds of wall time, what was printed, the most memory that all its processes had together, what was said."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=out, stderr=said, text=True)
        peak = Peak(process.pid)
        status = process.wait()
        seconds = time.perf_counter() - start
        megabytes = peak.stop()
        out.seek(0)
        said.seek(0)
        if status:
            sys.exit(f"{command[:4]} failed:\n{said.read()[-2000:]}")
        return seconds, out.read(), megabytes, said.read()


class Peak:
    """Looks five times a second at the memory of a process and all below it; shared pages count once."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        import psutil

        while not self.over.wait(0.2):
            total = 0
            try:
                family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
            except psutil.Error:
                continue
            for one in family:
                try:
                    memory = one.memory_full_info()
                except psutil.Error:
                    continue
                total += getattr(memory, "pss", memory.rss)
            self.most = max(self.most, total)

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.most / MEGABYTE


def script(text, *arguments, env=None):
    return timed([sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)], env)


def lay_out(folder):
    for name in ("_extensions", "notebooks", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data_raw" / "published", folder / "data_raw" / "published")
    shutil.copy(ROOT / "_quarto.yml", folder)
    return folder


def tool(folder, *words):
    return timed([sys.executable, "-m", "platform_utils", *words], environment(folder, ""), folder)


def forget(folder):
    """Take away everything that was made from the returns."""
    shutil.rmtree(folder / "data_clean", ignore_errors=True)


def change_a_return(folder, year, number):
    """A member sends its workbook again, one answer of its last person changed."""
    from platform_utils.form import write_template
    from platform_utils.paths import Workspace
    from platform_utils.returns import read_year
    from platform_utils.spec.returns import PROVENANCE

    for raw in read_year(Workspace(folder), "demo", year):
        tables = {grain: table.drop(columns=list(PROVENANCE)) for grain, table in raw.tables.items()}
        if "case" not in tables or len(tables["case"]) < 12:
            continue
        last, other = tables["case"].iloc[-1, 1:], tables["case"].iloc[-2, 1:]
        differing = [name for name in last.index if last[name] and other[name] and last[name] != other[name]]
        if not differing:
            continue
        name = differing[number % len(differing)]
        tables["case"].loc[tables["case"].index[-1], name] = other[name]
        sent = folder / f"sent again {number}.xlsx"
        write_template(sent, year, "sv", member_id=raw.member_id, tables=tables)
        words = ("--year", str(year), "--source", "demo", "--date", f"{year + 1}-04-0{number}")
        tool(folder, "receive", str(sent), "--member", raw.member_id, *words)
        return
    sys.exit("no return to change")


def years_of(words):
    first, last = map(int, words.split("-"))
    return list(range(first, last + 1))


def notebooks(folder, given, table):
    write_notebook(folder / "four.ipynb")
    for number, what in ((1, "one notebook of four figures, cold"), (EIGHT, "eight of them, cold")):
        plan = folder / f"plan-{number}.json"
        plan.write_text(json.dumps(eight_jobs(folder, number)))
        rounds = 3 if number == 1 else 1
        ours = middle(rounds, lambda n=number: script(OURS, n, folder))
        table.add(what, "this", ours, ours)
        peers = {"papermill": ONE_AFTER_ANOTHER, "pool of 2, papermill": POOL}
        for name, text in peers.items():
            table.add(what, name, middle(rounds, lambda t=text, p=plan: script(t, p)), ours)
        if given.peers:
            env = environment(folder, given.peers)
            pages = middle(rounds, lambda p=plan, e=env: script(ONE_AFTER_ANOTHER, p, "pages", env=e))
            table.add(what, "papermill + nbconvert", pages, ours)
        else:
            table.miss(what, "papermill + nbconvert", "--peers not given")
        if given.snakemake:
            (folder / f"snake-{number}").mkdir()
            made = [
                [{**one, "made": one["made"] + ".s.ipynb"} for one in wave]
                for wave in eight_jobs(folder, number)
            ]
            snakefile = write_snakefile(made, folder / f"snake-{number}" / "Snakefile", "")
            table.add(what, "Snakemake, 2 cores", timed(snakemake_command(given.snakemake, snakefile)), ours)
        else:
            table.miss(what, "Snakemake", "--snakemake not given")
    ours, theirs = (float(script(text, 4, folder)[1]) for text in (WARM, WARM_PAPERMILL))
    table.add("one more, warm", "this", (ours, "", 0), (ours,))
    table.add("one more, warm", "papermill", (theirs, "", 0), (ours,))


def middle(rounds, measure):
    return sorted(measure() for _ in range(rounds))[rounds // 2]


def builds(folder, given, table):
    years = years_of(given.years)
    full, idle = f"full rebuild, {given.years}, 2 languages", "nothing to do"
    changed = f"one return of {years[-1]} changed"
    ours = {full: tool(folder, *COMMAND), idle: middle(5, lambda: tool(folder, *COMMAND))}
    change_a_return(folder, years[-1], 1)
    ours[changed] = tool(folder, *COMMAND)
    for what, measured in ours.items():
        table.add(what, "this, 3 formats", measured, measured)
    ran, right = re.findall(r"^(\d+) \D+ (\d+) ", ours[changed][3], re.MULTILINE)[0]
    table.note(f"after the change {ran} nodes ran and {right} stayed")
    peers(folder, given, table, years, ours, (full, idle, changed))


def peers(folder, given, table, years, ours, rows):
    full, idle, changed = rows
    if not given.peers:
        for name in ("papermill + nbconvert", "pool of 2, papermill + nbconvert", "Snakemake"):
            table.miss(full, name, "--peers not given")
        return
    plan = folder / "plan.json"
    plan.write_text(json.dumps(report_jobs(folder, years)))
    env = environment(folder, given.peers)
    admit = "from platform_utils import pipeline; pipeline.admit_published()"
    ways = {"papermill + nbconvert": ONE_AFTER_ANOTHER, "pool of 2, papermill + nbconvert": POOL}
    for name, text in ways.items():
        forget(folder)
        script(admit, env=environment(folder, ""))
        table.add(full, f"{name}, HTML only", script(text, plan, "pages", env=env), ours[full])
        table.miss(idle, name, "has no memory: all of it again")
        table.miss(changed, name, "has no memory: all of it again")
    if not given.snakemake:
        table.miss(full, "Snakemake", "--snakemake not given")
        return
    forget(folder)
    script(admit, env=environment(folder, ""))
    place = folder / "snake"
    place.mkdir()
    jobs = json.loads(plan.read_text().replace("/peers/", "/peers/s-"))
    for source in (folder / "peers").glob("annual.*.ipynb"):
        shutil.copy(source, source.with_name(f"s-{source.name}"))
    command = snakemake_command(given.snakemake, write_snakefile(jobs, place / "Snakefile", given.peers))
    bare = environment(folder, "")
    table.add(full, "Snakemake, 2 cores, HTML only", timed(command, bare), ours[full])
    table.add(idle, "Snakemake", middle(3, lambda: timed(command, bare)), ours[idle])
    change_a_return(folder, years[-1], 2)
    table.add(changed, "Snakemake, HTML only", timed(command, bare), ours[changed])


def cluster(folder, given, table):
    """Full rebuilds in turn, here on two cores and on two workers of one thread that stand already."""
    if importlib.util.find_spec("distributed") is None:
        table.miss("full rebuild", "cluster", "distributed is not installed")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    dask = [sys.executable, "-m", "dask"]
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [subprocess.Popen([*dask, "scheduler", "--port", port, *here], **quiet)]
    for number in range(2):
        own = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder / f"worker-{number}")]
        started.append(subprocess.Popen([*dask, "worker", address, *here, *own], **quiet))
    try:
        while len(list(folder.glob("worker-*/*/worker-*.dirlock"))) < 2:
            time.sleep(0.1)
        local, remote = [], []
        for _ in range(2):
            forget(folder)
            local.append(tool(folder, *COMMAND, "--workers", "2"))
            before = made(folder)
            forget(folder)
            remote.append(tool(folder, *COMMAND, "--cluster", address))
            differ = sum(before.get(name) != content for name, content in made(folder).items())
            table.note(f"here {local[-1][0]:.1f} s, on the cluster {remote[-1][0]:.1f} s")
            table.note(f"files that differ from the local build: {differ} of {len(before)}")
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
    what = f"full rebuild, {given.years}, 2 languages, 3 formats"
    table.add(what, "this, 2 cores", min(local), min(local))
    table.add(what, "this, 2 workers on loopback (client's memory)", min(remote), min(local))
    table.note(f"throughput of the cluster: {min(local)[0] / min(remote)[0]:.2f} of the local one (aim 0.8)")


def made(folder):
    root = folder / "data_clean"
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def units(folder, given, table):
    """Unit costs on one core, and what they make of the umbrella."""
    years = years_of(given.years)
    forget(folder)
    asked = ",".join(map(str, years))
    took = json.loads(script(UNITS, asked, env=environment(folder, ""))[1])
    idle = middle(3, lambda: tool(folder, *COMMAND))[0]
    kinds = {
        kind: [took[name] for name in took if name.startswith(f"{kind}/")]
        for kind in ("clean", "count", "document", "render")
    }
    for kind, seconds in kinds.items():
        spread = f"{min(seconds):.1f} to {max(seconds):.1f}"
        table.note(
            f"unit cost of {kind}: {statistics.mean(seconds):.2f} core-seconds ({spread}, {len(seconds)} nodes)"
        )
    counts = [took[f"count/{year}"] for year in years]
    slope = (
        max(0.0, statistics.linear_regression(range(len(counts)), counts).slope) if len(counts) > 1 else 0.0
    )
    table.note(f"a year's counts cost {slope:.2f} core-seconds more per earlier year")
    for line in umbrella(
        {kind: statistics.mean(seconds) for kind, seconds in kinds.items()}, counts, slope, idle
    ):
        table.note(line)


def umbrella(mean, counts, slope, idle):
    """The table of docs/scale.md."""
    middle_year = (len(counts) - 1) / 2
    counted = [mean["count"] + slope * (number - middle_year) for number in range(UMBRELLA_YEARS)]
    reports = UMBRELLA_YEARS * LANGUAGES
    rows = {
        "clean a year": (COUNTRIES * UMBRELLA_YEARS, COUNTRIES * UMBRELLA_YEARS * mean["clean"]),
        "count and protect a year": (COUNTRIES * UMBRELLA_YEARS, COUNTRIES * sum(counted)),
        "execute a report": (COUNTRIES * reports, COUNTRIES * reports * mean["document"]),
        "render it in three formats": (COUNTRIES * reports, COUNTRIES * reports * mean["render"]),
    }
    yield "| work | nodes | core-seconds |\n|---|---|---|"
    for what, (number, seconds) in rows.items():
        yield f"| {what} | {number} | {seconds:.0f} |"
    total, number = sum(row[1] for row in rows.values()), sum(row[0] for row in rows.values())
    yield f"| **all** | **{number}** | **{total:.0f}** |\n"
    chain = mean["clean"] + counted[-1] + mean["document"] + mean["render"]
    new = mean["clean"] + counted[-1] + LANGUAGES * (mean["document"] + mean["render"])
    yield "| what | core-seconds | 2 cores | 16 cores | 54 workers |\n|---|---|---|---|---|"
    for what, work in (("everything, from nothing", total), ("one country's new year (6 nodes)", new)):
        walls = " | ".join(f"{max(work / cores, chain) + idle:.0f} s" for cores in (2, 16, 54))
        yield f"| {what} | {work:.0f} | {walls} |"
    yield f"| nothing to do, one country | {idle:.1f} | {idle:.1f} s | {idle:.1f} s | {idle:.1f} s |"


class Table:
    """Rows as they are measured, also to be seen while the rest runs."""

    def __init__(self):
        self.rows, self.notes = [], []

    def add(self, what, who, measured, ours):
        memory = f"{measured[2]:.0f}" if measured[2] else ""
        self.say(f"| {what} | {who} | {measured[0]:.2f} | {measured[0] / ours[0]:.1f} | {memory} |")

    def miss(self, what, who, why):
        self.say(f"| {what} | {who} | – | {why} | |")

    def say(self, row):
        self.rows.append(row)
        print(row, file=sys.stderr, flush=True)

    def note(self, text):
        self.notes.append(text)
        print(text, file=sys.stderr, flush=True)


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--years", default="2018-2024")
    asked.add_argument("--part", choices=["all", "notebooks", "builds", "cluster", "units"], default="all")
    asked.add_argument("--peers", default="", help="folder of pip install --target FOLDER nbconvert")
    asked.add_argument("--snakemake", default="", help="the program in an environment of its own")
    given = asked.parse_args()
    if given.snakemake and not shutil.which(given.snakemake):
        sys.exit(f"no program {given.snakemake}")
    table = Table()
    os.environ.pop("PLATFORM_UTILS_HOME", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.part in ("all", "notebooks"):
            notebooks(folder, given, table)
        parts = {"builds": builds, "cluster": cluster, "units": units}
        wanted = [part for part in parts if given.part in ("all", part)]
        if wanted:
            place = lay_out(folder / "workspace")
            tool(place, "demo", "--years", given.years, "--seed", "1")
        for part in wanted:
            parts[part](place, given, table)
    print("| what | how | seconds | times ours | peak memory, MiB |\n|---|---|---|---|---|")
    print("\n".join(table.rows), "\n".join(table.notes), sep="\n\n")


if __name__ == "__main__":
    main()
