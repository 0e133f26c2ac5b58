"""Events: dataclasses with named fields, one for each thing that can happen."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from django.db import models

from bpf_portal.core.models import Event


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of all events; a subclass names its aggregate and adds its own fields."""

    aggregate: ClassVar[str]


def record(
    event: DomainEvent,
    *,
    about: models.Model,
    actor: models.Model | None,
    from_state: str = "",
    to_state: str = "",
) -> Event:
    """Write the event beside the change it tells of, in the same transaction."""
    details: dict[str, Any] = asdict(event)
    return Event.objects.create(
        actor=actor,  # type: ignore[misc]
        aggregate=event.aggregate,
        aggregate_id=about.pk,
        name=type(event).__name__,
        from_state=from_state,
        to_state=to_state,
        details=details,
    )
