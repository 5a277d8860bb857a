"""The two workflows are valid, cover what they promise, and let nothing restricted out."""

import copy
import itertools
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from platform_utils.cli import build_app

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
SCHEMA = json.loads((Path(__file__).parent / "workflow_schema.json").read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
CONTEXTS = ("github", "inputs", "matrix", "runner", "vars", "env")


class Loader(yaml.SafeLoader):
    """YAML 1.2 as GitHub reads it: ``on`` is a word, and a key stands once."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key twice: {keys}"
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def read(name):
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader)


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def texts(value):
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    return [text for item in value for text in texts(item)] if isinstance(value, list) else [str(value)]


NAMES = sorted(path.name for path in FOLDER.iterdir())


def test_there_are_two_workflows():
    assert ["ci.yml", "yearly-reports.yml"] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_is_valid(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(read(name), SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_expressions_name_contexts_and_values_that_are_there(name):
    workflow = read(name)
    given = set(workflow["on"].get("workflow_dispatch", {}).get("inputs", {}))
    conditions = [step["if"] for step in steps(workflow) if "if" in step]
    for found in [*conditions, *(e for text in texts(workflow) for e in EXPRESSION.findall(text))]:
        for context, value in re.findall(r"\b([a-z]+)\.([A-Za-z_]+)", found):
            assert context in CONTEXTS
            assert context != "inputs" or value in given
            known = {
                key for job in workflow["jobs"].values() for key in job.get("strategy", {}).get("matrix", {})
            }
            assert context != "matrix" or value in known
    # what somebody types reaches a command as a variable, never as text of the command
    assert not [step for step in steps(workflow) if "inputs." in step.get("run", "")]


FAULTS = {
    "a misspelt key": lambda w: w.update(job=w.pop("jobs")),
    "no trigger": lambda w: w["on"].clear(),
    "an action without a version": lambda w: first(w, "uses").update(uses="actions/upload-artifact"),
    "an action that moves": lambda w: first(w, "uses").update(uses="actions/upload-artifact@main"),
    "a step that does nothing": lambda w: steps(w)[0].pop("run", None),
    "a step that does two things": lambda w: first(w, "uses").update(run="true"),
    "the right to write": lambda w: w["permissions"].update(contents="write"),
    "a runner that is not there": lambda w: next(iter(w["jobs"].values())).update(
        {"runs-on": "ubuntu-lastest"}
    ),
    "a schedule of four fields": lambda w: w["on"].update(schedule=[{"cron": "0 4 * *"}]),
    "no time limit": lambda w: next(iter(w["jobs"].values())).pop("timeout-minutes"),
}


def first(workflow, key):
    return next(step for step in steps(workflow) if key in step)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused(fault):
    workflow = copy.deepcopy(read("yearly-reports.yml"))
    FAULTS[fault](workflow)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(workflow, SCHEMA)


def test_tests_run_on_every_system_and_python_with_and_without_quarto():
    (job,) = read("ci.yml")["jobs"].values()
    matrix = job["strategy"]["matrix"]
    systems = ("ubuntu-latest", "macos-latest", "windows-latest")
    every = set(itertools.product(matrix["os"], matrix["python"], matrix["quarto"]))
    assert set(itertools.product(systems, ("3.11", "3.12", "3.13", "3.14"), (False,))) == every
    added = {(each["os"], each["quarto"]) for each in matrix["include"]}
    assert {(system, True) for system in systems} == added
    commands = [step.get("run") for step in job["steps"]]
    assert {"python tasks.py test", "python tasks.py check"} <= set(commands)
    (real,) = [step for step in job["steps"] if step.get("run") == "python tasks.py quarto"]
    assert "matrix.quarto" == real["if"]
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.15"' in declared


def test_yearly_reports_run_at_home_and_only_releases_leave():
    workflow = read("yearly-reports.yml")
    assert {"workflow_dispatch", "schedule"} == set(workflow["on"])
    (job,) = workflow["jobs"].values()
    assert "self-hosted" in job["runs-on"]
    uses = [step for step in job["steps"] if "uses" in step]
    # a checkout would empty the folder of returns and releases, which git does not hold
    assert ["actions/upload-artifact@v4"] == [step["uses"] for step in uses]
    (path,) = uses[0]["with"]["path"].splitlines()
    assert path == "${{ vars.PLATFORM_WORKSPACE }}/releases/*/[0-9][0-9][0-9][0-9]-*/"
    assert "inputs.release != ''" == uses[0]["if"]
    commands = " ".join(step.get("run", "") for step in job["steps"])
    assert not re.search(r"\b(rm|git clean|git reset)\b", commands)


def test_every_command_of_the_workflows_is_one_of_ours():
    known = {command.name for command in build_app().registered_commands}
    commands = [step.get("run", "") for name in NAMES for step in steps(read(name))]
    called = {word for command in commands for word in re.findall(r"platform-utils (\w+)", command)}
    assert {"run", "report", "release", "verify"} == called & known == called
