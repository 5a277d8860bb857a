"""What may leave this desk by hand: in a text, a saved notebook, a commit.

Standard library alone, and nothing else of the package: the hook runs it before anything is installed.
"""
