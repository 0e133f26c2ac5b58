"""Start-up checks: what would be slow or missing is said before anybody notices."""

import ctypes.util
from typing import Any

from django.core.checks import CheckMessage, Info, Tags, register

from bpf_portal.core import virus_scanner


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


@register(Tags.security, deploy=True)
def scanner_for_viruses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a scanner, staff open strangers' files at their own risk; the pages say so."""
    if virus_scanner.is_configured():
        return []
    return [
        Info(
            "No virus scanner is configured: files are marked as not scanned.",
            hint="Set CLAMAV_URL to the address of ClamAV's clamd.",
            id="bpf.I002",
        )
    ]
