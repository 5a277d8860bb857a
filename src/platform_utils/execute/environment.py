"""What every kernel is started with.

Nothing of the desk's own set-up reaches it: profile, history, hash seed, time zone, size of the screen and
figure settings are fixed, so the same cells give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from platform_utils import paths

_EPOCH = "315532800"  # 1980-01-01, the first day that a zip file can name


def kernel_environment(home: Path) -> dict[str, str]:
    """Return what is added to the environment of a kernel whose own files stand in ``home``.

    One thread for linear algebra (two kernels on two cores beat four threads), and fixed seeds.
    """
    return {
        "COLUMNS": "80",
        "IPYTHONDIR": str(home / "ipython"),
        "LC_ALL": "C",
        "LINES": "24",
        "MATPLOTLIBRC": str(paths.resource("execute", "matplotlibrc")),
        "MKL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONSTARTUP": "",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": _EPOCH,
        "TZ": "UTC",
    }
