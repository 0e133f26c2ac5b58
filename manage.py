#!/usr/bin/env python
"""Runs the portal's commands, on the given servers or on the embedded ones."""

import os
import sys


def main() -> None:
    """Finds or starts what the environment does not name, then runs the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")
    from django.core.management import execute_from_command_line

    from bpf_portal import embedded

    try:
        embedded.ensure_from_environment()
    except embedded.EmbeddedServerError as error:
        sys.exit(f"manage.py: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
