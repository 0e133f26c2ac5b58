"""The parameters of a rule set: what is read, and what is refused by its name."""

from typing import Any

import pytest

from applications.checks import InvalidParameter, RuleParameters
from applications.checks.rules import PARAMETER_NAMES


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"min_yaers": 3}, "min_yaers"),
        ({"min_years": "3"}, "min_years"),
        ({"min_years": True}, "min_years"),
        ({"min_years": -1}, "min_years"),
        ({"max_rate": 0.5}, "max_rate"),
        ({"max_rate": "half"}, "max_rate"),
        ({"max_rate": "50"}, '"0.50"'),
        ({"max_rate": "1.01"}, "max_rate"),
        ({"lead_kinds": "company"}, "lead_kinds"),
        ({"turnover": {"floor": "1"}}, "turnover.base"),
        ({"turnover": {"floor": "1", "flor": "2"}}, "turnover.flor"),
        ({"registration_window": {"first": "2025-01-01", "last": "2024-01-01"}}, "registration_w"),
        ({"duration_months": {"shortest": 12}}, "duration_months.longest"),
        ({"register_formats": {"LU": {"pattern": "["}}}, "register_formats.LU"),
        ({"due_diligence_scope": {"low": []}}, "due_diligence_scope.medium"),
    ],
)
def test_a_wrong_parameter_is_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidParameter, match=name):
        RuleParameters.from_mapping(parameters)


def test_an_empty_rule_set_switches_off_all_it_can(examine: Any) -> None:
    empty = RuleParameters.from_mapping(dict.fromkeys(PARAMETER_NAMES))
    always = {
        "lead.registration_number",
        "lead.vat_number",
        "lead.good_standing",
        "project.sdg",
        "budget.balance",
        "aid.double_funding",
        "documents.complete",
        "call.deadline",
    }
    assert {finding.code for finding in examine(parameters=empty).findings} == always
