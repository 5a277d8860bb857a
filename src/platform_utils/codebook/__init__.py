"""The codebook: every variable, its codes and labels, defined once; all else is generated from it.

Enters: ``resources/codebook/*.toml``. Leaves: frozen definitions that template, validator, cleaning,
demo data, labels and the data dictionary read.
"""

from platform_utils.codebook.book import Codebook, load
from platform_utils.codebook.text import normalise_text
from platform_utils.codebook.variable import SPECIAL_CODES, Code, Derived, Variable

__all__ = ["SPECIAL_CODES", "Code", "Codebook", "Derived", "Variable", "load", "normalise_text"]
