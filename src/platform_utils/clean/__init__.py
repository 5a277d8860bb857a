"""Clean: one tidy table of persons, one of interventions, one of members, per year.

Enters: ``spec.returns.CheckedReturn``. Leaves: ``spec.clean.CleanYear``, stored as Parquet in the
restricted folder. Serves rules 1 and 2.
"""

from platform_utils.clean.persons import flag_duplicates
from platform_utils.clean.store import read_year, write_year
from platform_utils.clean.views import describe_year
from platform_utils.clean.year import clean_year, summarise_ledger
