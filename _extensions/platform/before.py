"""What Quarto runs before it renders members' data: their folder is closed before anything stands in it."""

import os
from pathlib import Path

from platform_utils.paths import make_folder

folder = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
make_folder(folder)
folder.chmod(0o700)
