"""What may leave this desk by hand: in a text, a saved notebook, a commit.

Standard library alone, and nothing of the package: the hook runs it on any Python, before anything is installed.
"""
