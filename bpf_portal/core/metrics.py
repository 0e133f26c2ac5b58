"""Numbers for whoever watches the machines, in Prometheus' text format.

They are counted in the database, so every web process gives the same answer.
"""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bpf_portal.core import jobs


class JobCollector(Collector):
    """Jobs by kind and state, and the age of the oldest that should have been begun."""

    def collect(self) -> Iterator[Metric]:
        counted = GaugeMetricFamily(
            "bpf_jobs", "Durable jobs by kind and state.", labels=["kind", "state"]
        )
        for model in jobs.kinds():
            rows = model._default_manager.values_list("state").annotate(count=Count("pk"))
            for state, count in rows:
                counted.add_metric([model._meta.model_name or "", state], count)
        yield counted
        yield GaugeMetricFamily(
            "bpf_oldest_waiting_job_seconds",
            "Age of the oldest job that nobody has begun.",
            value=jobs.oldest_waiting_seconds(),
        )


def exposition() -> bytes:
    registry = CollectorRegistry()
    registry.register(JobCollector())
    return generate_latest(registry)
