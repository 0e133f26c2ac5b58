from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "bpf_portal.core"
    label = "core"

    def ready(self) -> None:
        from bpf_portal.core import checks, logs, tasks  # noqa: F401  (they register themselves)
