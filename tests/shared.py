"""Where the folder of real input is, beside the project; a public clone has none."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("BPF_SHARED", Path(__file__).parents[2] / "shared"))
