"""Cells for a copy of our notebook, each with one fault that comes out only on the second run.

The cell's source is the same both times; ``PLANTED`` in the environment says whether the fault shows.
"""

import datetime as dt
import os
import time
import warnings
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from platform_utils.publish import figure, words
from platform_utils.publish.inline import Shown, percent
from platform_utils.publish.table import show_table

MATTERS, HARMLESS = {}, {}


def planted(name, part, among=MATTERS):
    """Register a cell by its id: what it shows given (report, whether the fault is in), and the part to be named."""

    def register(show):
        among[name] = (show, part)
        return show

    return register


harmless = partial(planted, part="", among=HARMLESS)


def show(name, report):
    """What stands in the cell."""
    made, _ = {**MATTERS, **HARMLESS}[name]
    return made(report, os.environ["PLANTED"] == "yes")


def role(report):
    return report._safe("role")


def patched(report, fault, *changes):
    """The figure of roles, with parts of the library changed while the fault is in."""
    with ExitStack() as held:
        for change in changes if fault else ():
            held.enter_context(change)
        return report.figure("role")


def finished(then):
    """Do something to the axes after they have been drawn."""
    whole = figure.draw_bars

    def draw(axes, **given):
        whole(axes, **given)
        then(axes)

    return patch.object(figure, "draw_bars", draw)


# ------------------------------------------------------------------ chance, order, clock


@planted("unseeded-chance", "outputs: ")
def _(report, fault):
    draw = np.random.default_rng() if fault else np.random.default_rng(1)
    return pd.DataFrame(
        {"share": draw.random(60).mean(keepdims=True)}
    )  # a choice of few values can fall alike


@planted("order-of-a-set", "outputs: ")
def _(report, fault):
    found = list({"direct", "child", "sibling", "partner"})
    return found[::-1] if fault else found


@planted("the-clock", "outputs: ")
def _(report, fault):
    return str(dt.datetime.now(dt.UTC)) if fault else "2018-12-31 12:00:00"


@planted("order-of-a-sum", "outputs: ")
def _(report, fault):
    values = [0.1, 0.2, 0.3]
    total = 0.0
    for value in reversed(values) if fault else values:  # sum() itself loses nothing since Python 3.12
        total += value
    return total


@planted("dropped-warning", "outputs: 1 → 0, gone: ")
def _(report, fault):
    if not fault:
        warnings.warn("two members did not answer", stacklevel=1)


# ------------------------------------------------------------------ figures


@planted("changed-colour", "bars 1: colour #0072b2 → #d55e00")
def _(report, fault):
    return patched(report, fault, patch.dict(figure.COLOURS, main="#D55E00"))


@planted("one-bar", "bars 1: bar ”medföljande barn” (1, ")
def _(report, fault):
    return patched(
        report, fault, finished(lambda axes: axes.patches[1].set_width(axes.patches[1].get_width() + 1))
    )


@planted("one-row", "table, row direkt utsatt: ")
def _(report, fault):
    one = role(report)
    if fault:
        table = one.data.copy()
        table.loc[table["role"] == "direct", "count"] += 1
        with patch.object(type(one), "data", table):
            return figure.show_figure(one, "sv")
    return figure.show_figure(one, "sv")


@planted("axis-limit", "x axis right limit ")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.set_xlim(0, 999)))


@planted("axis-scale", "x axis scale ”linear” → ”symlog”")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.set_xscale("symlog")))


@planted("tick-label", "y axis tick label ”direkt utsatt” → ”annat”")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.set_yticks([0], ["annat"])))


@planted("axis-label", "x axis label ”")
def _(report, fault):
    return patched(
        report,
        fault,
        patch.object(Axes, "set_xlabel", lambda axes, *_, **__: axes.xaxis.label.set_text("Personer")),
    )


@planted("figure-title", "title ”” → ”Alla”")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.set_title("Alla")))


@planted("legend", "legend none → antal")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.legend([axes.containers[0]], ["antal"])))


@planted("number-beside-a-bar", "text 1: ”")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.texts[0].set_text("1")))


@planted("what-a-picture-does-not-say", "though table, axes, series and labels are the same")
def _(report, fault):
    return patched(report, fault, finished(lambda axes: axes.spines["bottom"].set_visible(True)))


@planted("a-picture-of-another-hand", "picture 1: points ")
def _(report, fault):
    _, axes = plt.subplots(figsize=(2, 1))
    axes.set_ylim(0, 6)
    axes.bar([1, 2], [3, 5 if fault else 4])


# ------------------------------------------------------------------ words, tables, units


@planted("rounding-in-prose", "outputs: ")
def _(report, fault):
    def rounded(part, whole, lang):
        return f"{100 * part / whole:.1f}\u00a0%"

    share = rounded if fault else percent
    return Shown(f"Av alla var {share(2, 3, 'sv')} direkt utsatta.")


@planted("last-digit-of-a-table", "outputs: ")
def _(report, fault):
    return pd.DataFrame({"share": [repr(0.8125 * (1 + 1e-9 * fault))]})


@planted("changed-unit", "outputs: ")
def _(report, fault):
    shown = show_table(role(report), "sv")
    return Shown(shown._repr_markdown_().replace("Antal", "Antal ärenden")) if fault else shown


@planted("row-left-out", "outputs: ")
def _(report, fault):
    shown = show_table(role(report), "sv")._repr_markdown_().splitlines()
    return Shown("\n".join(shown[:2] + shown[3:] if fault else shown))


@planted("another-word", "outputs: ")
def _(report, fault):
    return Shown(words.say("words", "hidden", "en" if fault else "sv"))


# ------------------------------------------------------------------ what looks different and is not


@harmless("address-in-memory")
def _(report, fault):
    return object() if fault else [object() for _ in range(1000)][-1]


@harmless("temporary-folder")
def _(report, fault):
    return str(Path.cwd())


@harmless("time-taken")
def _(report, fault):
    time.sleep(0.05 * fault)
    return Shown("klart")


@harmless("order-of-streams")
def _(report, fault):
    import sys

    for stream in (sys.stderr, sys.stdout) if fault else (sys.stdout, sys.stderr):
        print(stream.name.strip("<>"), file=stream, flush=True)
        time.sleep(0.05)
