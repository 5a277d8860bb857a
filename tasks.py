"""Set up and run the workspace with nothing but Python: every task of the list below.

Usage: python tasks.py report|test|quarto|lab|check|coverage|notebooks|dictionary|lock
The standard library is all that this file needs; it makes .venv and installs the rest from the lock.
"""

import hashlib
import os
import platform
import re
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
SYSTEMS = ("Linux", "Darwin", "Windows")
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
LOCK, LAB_LOCK = "requirements.lock", "requirements-lab.lock"
YEARS, REPORT_YEAR = "2018-2024", "2023"


def refuse_unsupported():
    """Stop with one clear line where Python or the system is not one we support."""
    here = sys.version_info[:2]
    if not OLDEST <= here <= NEWEST:
        wanted = "%d.%d to %d.%d" % (OLDEST + NEWEST)
        sys.exit(
            "This workspace needs Python %s; this is Python %d.%d. Install one of them and try again."
            % ((wanted,) + here)
        )
    if platform.system() not in SYSTEMS or (platform.system() == "Darwin" and platform.machine() != "arm64"):
        sys.exit(
            "This workspace runs on Linux, Windows and macOS on Apple silicon; this is %s %s."
            % (platform.system(), platform.machine())
        )


def run(*command, **options):
    """Run a command in the workspace; stop with its exit status if it fails."""
    environment = dict(os.environ, PLATFORM_UTILS_HOME=ROOT, PYTHONUTF8="1", **options.get("env", {}))
    status = subprocess.call(list(command), cwd=ROOT, env=environment)
    if status:
        sys.exit(status)


def set_up(lock=LOCK):
    """Make .venv, install the lock (hashes checked, bytecode compiled) and then the project; once per lock."""
    stamp = os.path.join(VENV, ".installed")
    wanted = fingerprint(lock)
    if os.path.isfile(stamp):
        with open(stamp, encoding="ascii") as file:
            done = file.read()
        if done == wanted or (lock == LOCK and done == fingerprint(LAB_LOCK)):
            return
    say("Setting up .venv (once; about a minute) ...")
    if not os.path.isfile(PYTHON):
        try:
            import ensurepip  # noqa: F401
        except ImportError:
            sys.exit(
                "Python's venv module is incomplete. On Debian and Ubuntu: sudo apt install python3-venv"
            )
        run(sys.executable, "-m", "venv", VENV)
    install_uv()
    uv = [PYTHON, "-m", "uv", "pip"]
    run(*(uv + ["sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", PYTHON, lock]))
    run(
        *(
            uv
            + [
                "install",
                "--quiet",
                "--no-deps",
                "--no-build-isolation",
                "--python",
                PYTHON,
                "--editable",
                ".",
            ]
        )
    )
    with open(stamp, "w", encoding="ascii") as file:
        file.write(wanted)


def install_uv():
    """Install the installer itself from the lock's own pinned and hashed lines."""
    with open(os.path.join(ROOT, LOCK), encoding="utf-8") as file:
        pinned = re.search(r"^uv==(?:.*\\\n)+.*\n", file.read(), re.MULTILINE).group(0)
    requirement = os.path.join(VENV, "uv.lock.txt")
    with open(requirement, "w", encoding="utf-8") as file:
        file.write(pinned)
    run(
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "-r",
        requirement,
    )


def fingerprint(lock):
    """Hash what the installation depends on."""
    digest = hashlib.sha256()
    for name in (lock, "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return lock + " " + digest.hexdigest()


def tool(*arguments):
    """Run the command line of this project."""
    run(PYTHON, "-m", "platform_utils", *arguments)


def say(line):
    """Print a line for the person at the screen, at once."""
    print(line, file=sys.stderr, flush=True)


def report():
    """Make the demo returns, run every stage for every year, evaluate the pilot, write the annual report."""
    set_up()
    tool("demo", "--years", YEARS, "--seed", "1")
    tool("run", "all", "--source", "demo")
    tool("evaluate", "--source", "demo")
    for name, formats in (("annual", "html,pdf,docx"), ("annual_tables", "html,xlsx,ods,csv")):
        tool("report", name, REPORT_YEAR, "--source", "demo", "--lang", "sv,en", "--to", formats)
    tool("report", "activity_report", YEARS[-4:], "--source", "demo")


def test():
    """Run the whole test suite."""
    set_up()
    run(PYTHON, "-m", "pytest", *sys.argv[2:])


def quarto():
    """Install Quarto's wrapper and run the tests that need the program; fails if it ran none."""
    set_up()
    run(PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON, "--editable", ".[quarto]")
    path = os.pathsep.join((BIN, os.environ.get("PATH", "")))
    run(
        *(PYTHON, "-m", "pytest", "-n0", "-m", "quarto", *sys.argv[2:]),
        env={"PATH": path, "REQUIRE_QUARTO": "yes"},
    )


def check():
    """Size, lint, types and conventions; runs everything, then counts failures."""
    set_up()
    steps = (
        ("size", [os.path.join("tests", "conventions", "house_size.py")]),
        ("lint", ["-m", "ruff", "check", "."]),
        ("types", ["-m", "mypy"]),
        ("conventions", ["-m", "pytest", "-q", "tests/conventions"]),
    )
    failed = [name for name, step in steps if subprocess.call([PYTHON] + step, cwd=ROOT)]
    if failed:
        sys.exit("%d of %d checks failed: %s" % (len(failed), len(steps), ", ".join(failed)))
    say("All %d checks passed." % len(steps))


def coverage():
    """Run the test suite and print which lines of src it never reached, in whatever process."""
    set_up()
    measured = [PYTHON, "-m", "coverage"]
    run(*(measured + ["erase"]))
    run(*(measured + ["run", "-m", "pytest"] + sys.argv[2:]))
    run(*(measured + ["combine", "--quiet"]))
    run(*(measured + ["report"]))


def lab():
    """Open JupyterLab on the notebooks."""
    set_up(LAB_LOCK)
    tool("lab", *sys.argv[2:])


def notebooks():
    """Run the committed notebooks on demo data and store what they show."""
    set_up()
    tool("demo", "--years", YEARS, "--seed", "1")
    tool("run", "all", "--source", "demo")
    for name in sorted(os.listdir(os.path.join(ROOT, "notebooks"))):
        if name.endswith(".ipynb"):
            run(
                PYTHON,
                "-c",
                "import sys; from pathlib import Path; from platform_utils.execute import run_document;"
                " path = Path(sys.argv[1]); run_document(path, {}, path)",
                os.path.join("notebooks", name),
            )


def dictionary():
    """Write again what is generated: data dictionaries, the README's lists."""
    set_up()
    run(PYTHON, os.path.join("docs", "generate.py"))


def lock():
    """Rewrite both locks: universal, hashed, naming no address."""
    set_up()
    common = [
        PYTHON,
        "-m",
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--no-emit-index-url",
        "--python-version",
        "%d.%d" % OLDEST,
        "--group",
        "test",
        "--custom-compile-command",
        "python tasks.py lock",
    ]
    run(*(common + ["--upgrade", "--output-file", LOCK]))
    run(
        *(
            common
            + [
                "--upgrade",
                "--extra",
                "lab",
                "--extra",
                "cluster",
                "--constraint",
                LOCK,
                "--output-file",
                LAB_LOCK,
            ]
        )
    )


TASKS = {
    "report": report,
    "test": test,
    "quarto": quarto,
    "lab": lab,
    "check": check,
    "coverage": coverage,
    "notebooks": notebooks,
    "dictionary": dictionary,
    "lock": lock,
}

if __name__ == "__main__":
    refuse_unsupported()
    if len(sys.argv) < 2 or sys.argv[1] not in TASKS:
        for name, task in TASKS.items():
            say("python tasks.py %-10s %s" % (name, task.__doc__.splitlines()[0]))
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    TASKS[sys.argv[1]]()
