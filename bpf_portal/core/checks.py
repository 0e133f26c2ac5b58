"""Start-up checks: what would be slow or missing is said before anybody notices."""

import ctypes.util
from typing import Any

from django.core.checks import CheckMessage, Info, register


@register
def harfbuzz_subset(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without libharfbuzz-subset WeasyPrint subsets fonts in Python: a letter takes six times."""
    if ctypes.util.find_library("harfbuzz-subset"):
        return []
    return [
        Info(
            "libharfbuzz-subset is not installed: letters are made about six times more slowly.",
            hint="Install the package libharfbuzz-subset0.",
            id="bpf.I001",
        )
    ]
