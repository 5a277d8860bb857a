"""Demo: invented returns of invented members, with the faults of real life, that add up to published figures.

Enters: ``resources/demo``. Leaves: returns in the raw folder of the source ``demo``. Serves rule 4: the same
commands run on these returns and on members' own.
"""

from platform_utils.demo.make import make_returns
