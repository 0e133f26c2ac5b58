"""What a company declares by handing in: the words in force, as they go into the dossier."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from accounts.models import User
from applications.models import DeclarationVersion, Proposal

Json = dict[str, Any]


def sha256_of_statements(statements: Iterable[Mapping[str, str]]) -> str:
    """Of the statements' texts, a line each, so that anybody can make it again from a receipt."""
    return hashlib.sha256("\n".join(each["text"] for each in statements).encode()).hexdigest()


def declared(proposal: Proposal, actor: User, on: date) -> Json:
    """The declarations in force for this call, in the application's language, as the person who
    hands in makes them; empty where there are none. One query."""
    current = DeclarationVersion.objects.current(proposal.call, proposal.language, on)
    if current is None:
        return {}
    return {
        "declarations": {
            "version": current.version,
            "statements": current.statements,
            "sha256": current.sha256,
            "declared_by": str(actor),
        }
    }
