"""What Quarto runs after rendering in the workspace: `_quarto.yml` names it."""

import os
from pathlib import Path

from platform_utils.render import finish_outputs

files = os.environ["QUARTO_PROJECT_OUTPUT_FILES"].splitlines()
finish_outputs([Path(name) for name in files], Path(__file__).parent)
