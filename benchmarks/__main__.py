"""`script/bench`: which groups to measure, at how many proposals."""

import argparse
import sys

from benchmarks import environment

USUAL = ("pages", "checks", "letters", "report")
#: `sanctions` takes minutes: only when asked for.
GROUPS = (*USUAL, "sanctions")


def main() -> None:
    """Print one JSON object a line, in the order of the groups."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument(
        "groups", nargs="*", metavar="|".join(GROUPS), help="default: all but sanctions"
    )
    parser.add_argument("--n", type=_positive, default=200, help="proposals (default 200)")
    parser.add_argument("--repeat", type=_positive, default=15, help="runs of each (default 15)")
    given = parser.parse_args()
    if unknown := set(given.groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    environment.prepare()
    # Only now: what they import needs Django's settings.
    from benchmarks import checks, letters, pages, report, sanctions

    modules = dict(zip(GROUPS, (pages, checks, letters, report, sanctions), strict=True))
    with environment.database(given.n):
        for group in given.groups or USUAL:
            for measurement in modules[group].measure_group(given.n, given.repeat):
                print(measurement.as_json(), flush=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
