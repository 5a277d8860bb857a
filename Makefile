# Each task is `python tasks.py <task>`; on Windows type that instead.
PYTHON ?= python3

.PHONY: report test lab check notebooks lock
report test lab check notebooks lock:
	@$(PYTHON) tasks.py $@
