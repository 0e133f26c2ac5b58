"""Many small lists of one row in one query.

A page that shows one thing with all that belongs to it asks for a dozen lists. `prefetch_related`
sends a query for each; this sends one, and fills the same caches, so whatever reads
`row.lines.all()` afterwards finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Expression, F, Subquery
from django.db.models.functions import Cast, JSONObject
from django.db.models.query import QuerySet

Row = models.Model


def fetch_together(row: Row, *paths: str, **values: Expression | Subquery) -> None:
    """Fetch these lists of the row into its prefetch cache, in one query; `values` become
    attributes of the row.

    A path names a list of the row ("lines") or of a row that it refers to and that is at hand
    already ("call__questions"). The lists keep the order of their models. Decimals travel as text,
    so that no float touches them.
    """
    lists = {f"list_{number}": _list_of(row, path) for number, path in enumerate(paths)}
    subqueries = {
        name: ArraySubquery(rows.values(row_as_json=_as_json(rows.model)))
        for name, (_holder, _name, rows) in lists.items()
    }
    found = type(row)._base_manager.values(**subqueries, **values).get(pk=row.pk)
    for name in values:
        setattr(row, name, found[name])
    for name, (holder, relation, rows) in lists.items():
        _keep(holder, relation, rows, found[name])


def _list_of(row: Row, path: str) -> tuple[Row, str, QuerySet[Any]]:
    *through, relation = path.split("__")
    holder = row
    for step in through:
        holder = getattr(holder, step)
    return holder, relation, getattr(holder, relation).all()


def _as_json(model: type[Row]) -> JSONObject:
    columns: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        exact = isinstance(field, models.DecimalField)
        columns[field.attname] = (
            Cast(field.attname, models.TextField()) if exact else F(field.attname)
        )
    return JSONObject(**columns)


def _keep(holder: Row, relation: str, rows: QuerySet[Any], found: list[Mapping[str, Any]]) -> None:
    """What prefetching does at its end, with rows that came otherwise."""
    back = holder._meta.get_field(relation).field  # type: ignore[union-attr]
    made = [_made(rows, values) for values in found]
    for each in made:
        back.set_cached_value(each, holder)
    rows._result_cache = made
    rows._prefetch_done = True  # type: ignore[attr-defined]
    holder.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = rows


def _made(rows: QuerySet[Any], values: Mapping[str, Any]) -> Row:
    fields = rows.model._meta.concrete_fields
    names = [field.attname for field in fields]
    return rows.model.from_db(
        rows.db, names, [field.to_python(values[field.attname]) for field in fields]
    )
