# Each task is `python tasks.py <task>`; on Windows type that instead.
PYTHON ?= python3

.PHONY: report test quarto lab check coverage notebooks dictionary lock
report test quarto lab check coverage notebooks dictionary lock:
	@$(PYTHON) tasks.py $@
