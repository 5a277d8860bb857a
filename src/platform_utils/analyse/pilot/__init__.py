"""The pilot's effect on being lost and on police reports: estimators, plan, checks, designs, verdict.

Each estimator is a public function on plain arrays, usable alone, with its source in the docstring.
``evaluate`` puts them together under a frozen plan. Nothing here has passed the gate.
"""
