"""The annual figures, beside the bare SQL that reads the same rows once."""

from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from benchmarks.measurement import Measurement, measure
from reviews.models import Decision
from reviews.reports.figures import annual_report

#: Every published decision with its submission, grouped once: less than this nobody can read.
_SQL = """
    SELECT extract(year FROM d.published_at), d.kind, count(*), sum(d.amount), sum(s.requested)
    FROM reviews_decision d JOIN applications_submission s ON s.id = d.submission_id
    WHERE d.state = 'published' GROUP BY 1, 2
"""


def measure_group(n: int, repeat: int) -> Iterator[Measurement]:
    latest = Decision.objects.published().latest("published_at").published_at
    year = timezone.localtime(latest).year

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SQL)
            cursor.fetchall()

    limit = measure("bare SQL over all decisions", bare, n=n, repeat=repeat)
    yield limit
    yield measure("annual figures", lambda: annual_report(year), n=n, repeat=repeat, against=limit)
