"""``python -m platform_utils`` is the command ``platform-utils``."""

import sys

from platform_utils.cli import main

if __name__ == "__main__":
    sys.exit(main())
