"""What a release of one year holds, file by file, and one digest of it all.

Enters: a workspace whose year is up to date. Leaves: bytes by name, sorted. Nothing restricted goes in:
a manifest's hashes of restricted inputs are keyed, since a small return could be guessed from a plain one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from platform_utils import publish
from platform_utils.errors import FileError
from platform_utils.paths import Workspace, is_open, resource, write_whole
from platform_utils.protect.anchors import COPY as LEDGER
from platform_utils.spec.reports import load_reports
from platform_utils.spec.safe import RECORD, SafeTable, record_of
from platform_utils.workflow import Manifest, read_manifest

ABOUT_CHECKSUM = "release.sha256"
_DEMO_KEY = b"demo returns are invented and no secret"
_REPORT = re.compile(r"([a-z][a-z0-9_]*)-([0-9]{4})\.(sv|en)\.([a-z]+)")
_NEEDED = "annual"
"""The report that a release is of; others go with it."""
_RECORDS = ("design.json", RECORD)
_NO_PATHS = ("code:", "document:", "package:", "parameter:")
_RULES = ("disclosure.toml", "table_plan.toml", "back_test.toml", "pilot.toml")


def collect(workspace: Workspace, source: str, year: int) -> dict[str, bytes]:
    """Return every file of a release by its name in it.

    Returns
    -------
    dict of str to bytes
        Reports, evidence, safe tables (as the gate wrote them, and as CSV), manifests, codebook, rules,
        documents, locks and our own wheel; sorted by name.

    Raises
    ------
    FileError
        E-801 if the year has no reports yet.
    """
    files: dict[str, bytes] = {}
    drafts = workspace.drafts(source, year)
    reports = sorted(path for path in drafts.glob("*") if path.is_file() and parts_of(path.name, year))
    if not any(parts[0] == _NEEDED for path in reports if (parts := parts_of(path.name, year))):
        raise FileError("E-801", year=year, source=source)
    files |= {f"reports/{path.name}": path.read_bytes() for path in reports}
    for path, name in _from_workspace(workspace, source, year):
        files[name] = path.read_bytes()
    for before in publish.years_before(workspace, source, year):
        files |= _shown_later(workspace, source, before)
    for table in publish.read_tables(workspace, source, year).values():
        files[f"open_data/{table.name}.csv"] = _csv(table)
    for path in sorted((workspace.data_clean(source) / "manifests").rglob("[!.]*.json")):
        name = path.relative_to(workspace.data_clean(source)).as_posix()
        manifest = read_manifest(path)
        if str(year) in name and manifest is not None:
            files[name] = _public_manifest(workspace, source, manifest)
    files |= _wheel(workspace)
    return dict(sorted(files.items()))


def parts_of(name: str, year: int) -> tuple[str, str, str] | None:
    """Return report, language and format of a rendered report's file name; None if it is something else.

    Examples
    --------
    >>> parts_of("annual-2023.sv.pdf", 2023)
    ('annual', 'sv', 'pdf')
    >>> parts_of(".~lock.annual-2023.sv.docx#", 2023) is None
    True
    """
    found = _REPORT.fullmatch(name)
    about = load_reports().get(found[1]) if found else None
    if found is None or int(found[2]) != year or about is None or found[4] not in about.formats:
        return None
    return found[1], found[3], found[4]


def reports_among(names: Iterable[str], year: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return each report and language among rendered reports' file names, with the formats that are there."""
    made = {parts for name in names if (parts := parts_of(name, year))}
    return [
        (report, lang, tuple(k for k in load_reports()[report].formats if (report, lang, k) in made))
        for report, lang in sorted({parts[:2] for parts in made})
    ]


def checksums(files: Mapping[str, bytes]) -> str:
    """Return the checksum file: a SHA-256 and a name per line, as ``sha256sum --check`` reads it."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines)


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return one hash of a whole release: the hash of its checksum file."""
    return hashlib.sha256(checksums(files).encode("utf-8")).hexdigest()


def public_hashes(workspace: Workspace, source: str, hashes: Mapping[str, str]) -> dict[str, str]:
    """Return hashes as a release shows them: those of restricted inputs keyed with this workspace's key."""
    key = _key(workspace, source)

    def shown(name: str, value: str) -> str:
        keyed = hmac.new(key, value.encode("utf-8"), hashlib.sha256).hexdigest()
        return f"keyed:{keyed}" if _is_restricted(name) else value

    return {name: shown(name, value) for name, value in hashes.items()}


def _from_workspace(workspace: Workspace, source: str, year: int) -> Iterator[tuple[Path, str]]:
    evidence = workspace.restricted(source, year) / "notebooks"
    for lang in ("sv", "en"):
        for path in sorted(workspace.reports(lang).glob("*.qmd")):
            yield path, f"documents/{lang}/{path.name}"
            executed = evidence / f"{path.stem}.{lang}.ipynb"
            if executed.is_file():  # a report holds nothing but what the gate has released
                yield executed, f"evidence/{executed.name}"
    for path in sorted(workspace.notebooks.glob("*.ipynb")):
        yield path, f"documents/notebooks/{path.name}"
    for path in sorted(publish.tables_folder(workspace, source, year).iterdir()):
        if _is_of_tables(path):
            yield path, f"tables/{year}/{path.name}"
    for path in sorted(workspace.own_words(source, year).glob("[!.]*")):
        yield path, f"texts/{year}/{path.name}"
    if workspace.ledger(source).is_file():
        yield workspace.ledger(source), LEDGER
    for path in sorted(resource("codebook").glob("*.toml")):
        yield path, f"codebook/{path.name}"
    for name in _RULES:
        if resource(name).is_file():
            yield resource(name), f"rules/{name}"
    for name in ("requirements.lock", "pyproject.toml", "LICENSE", "CITATION.cff"):
        if (workspace.root / name).is_file():
            yield workspace.root / name, name


def _shown_later(workspace: Workspace, source: str, year: int) -> dict[str, bytes]:
    """Return the tables of another year that the documents show something of, and no more of its record."""
    folder = publish.tables_folder(workspace, source, year)
    names = [f"{name}.parquet" for name in publish.read_shown_later(workspace, source, year)]
    found = {name: (folder / name).read_bytes() for name in names} | {RECORD: record_of(folder, names)}
    return {f"tables/{year}/{name}": content for name, content in found.items()}


def _is_of_tables(path: Path) -> bool:
    return (path.suffix == ".parquet" and path.name[0] not in ".~") or path.name in _RECORDS


def _csv(table: SafeTable) -> bytes:
    """Write a table as open data: UTF-8, comma, the universe and the rule in every row."""
    data, who = table.data, table.universe
    data.insert(0, "table", table.name)
    data = data.assign(universe=who.name, year=who.year, source=who.source, unit=who.unit, rule=table.rule)
    return data.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _public_manifest(workspace: Workspace, source: str, manifest: Manifest) -> bytes:
    inputs, outputs = (public_hashes(workspace, source, part) for part in (manifest.inputs, manifest.outputs))
    shown = {"node": manifest.node, "inputs": inputs, "outputs": outputs}
    return (json.dumps(shown, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _is_restricted(name: str) -> bool:
    """Say whether the hash of an input or output could give rows away; what we do not know might."""
    return not name.startswith(_NO_PATHS) and not is_open(name.removeprefix("data:"))


def _key(workspace: Workspace, source: str) -> bytes:
    """Return this workspace's secret, made once; it never leaves the folder of releases."""
    if source == "demo":
        return _DEMO_KEY
    path = workspace.releases(source) / ".key"
    if not path.is_file():
        write_whole(path, secrets.token_bytes(32))
        path.chmod(0o600)
    return path.read_bytes()


def _wheel(workspace: Workspace) -> dict[str, bytes]:
    """Build our own wheel; hatchling gives the same bytes for the same code."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        done = subprocess.run(command, cwd=workspace.root, capture_output=True, check=False)
        built = sorted(Path(folder).glob("*.whl"))
        if done.returncode or len(built) != 1:
            raise FileError("E-802")
        return {f"wheel/{built[0].name}": built[0].read_bytes()}
