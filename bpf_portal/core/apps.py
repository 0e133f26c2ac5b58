from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "bpf_portal.core"
    label = "core"

    def ready(self) -> None:
        from bpf_portal.core import checks, logs  # noqa: F401  (register themselves)
