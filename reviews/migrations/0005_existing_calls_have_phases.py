"""Calls that are there get the shipped phases, their grid says what stands beside each criterion,
and whoever recused themselves from one stage of a proposal is out of the whole of it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations

LUXEMBOURG = ZoneInfo("Europe/Luxembourg")
# As in reviews/reference/phases.json on the day of this migration.
FIRST, SECOND = 75, 105
CONCERNS = {
    "innovation": ["project.sector", "#project", "#business_plan"],
    "sdg_impact": ["project.sdg", "project.country", "#project", "#results"],
    "financial_viability": [
        "budget.", "lead.turnover", "lead.external_funding", "#budget", "#business_plan",
    ],
    "additionality": ["aid.", "#budget", "#company"],
    "partnership": ["partnership.", "#partners", "#work_plan"],
    "replicability": ["project.duration", "#project", "#business_plan"],
    "human_rights_environment": ["hrdd.", "project.excluded_activity", "#due_diligence"],
}


def to_the_end_of(deadline, days):
    """The midnight after the day so many days later."""
    day = deadline.astimezone(LUXEMBOURG).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), LUXEMBOURG)


def give_phases(apps, schema_editor):
    Call = apps.get_model("applications", "Call")
    ReviewPhase = apps.get_model("reviews", "ReviewPhase")
    for call in Call.objects.order_by("pk"):
        for stage, deadline in (
            ("preselection", call.deadline_at),
            ("detailed_proposal", call.stage_2_deadline_at),
        ):
            ReviewPhase.objects.create(
                call=call,
                stage=stage,
                name_fr="Évaluation individuelle",
                name_en="Individual review",
                ends_at=to_the_end_of(deadline, FIRST) if deadline else None,
                see=True,
                score=True,
                assumed=True,
            )
            if deadline:
                ReviewPhase.objects.create(
                    call=call,
                    stage=stage,
                    name_fr="Échange entre évaluateurs",
                    name_en="Discussion among reviewers",
                    starts_at=to_the_end_of(deadline, FIRST),
                    ends_at=to_the_end_of(deadline, SECOND),
                    see=True,
                    discuss=True,
                    scores=True,
                    names=True,
                    assumed=True,
                )


def say_what_criteria_concern(apps, schema_editor):
    Criterion = apps.get_model("reviews", "Criterion")
    for code, concerns in CONCERNS.items():
        Criterion.objects.filter(rubric__code="bpf-example", code=code).update(concerns=concerns)


def keep_recusals(apps, schema_editor):
    Assignment = apps.get_model("reviews", "Assignment")
    Conflict = apps.get_model("reviews", "Conflict")
    recused = Assignment.objects.filter(state="recused").select_related("submission")
    for assignment in recused.order_by("pk"):
        Conflict.objects.get_or_create(
            person_id=assignment.reviewer_id,
            proposal_id=assignment.submission.proposal_id,
            defaults={
                "state": "recused",
                "details": assignment.conflict_details,
                "found_at": assignment.declared_at,
            },
        )


class Migration(migrations.Migration):

    dependencies = [
        ("applications", "0021_the_clause_is_answered_again_under_a_correction"),
        ("reviews", "0004_phases_and_conflicts"),
    ]

    operations = [
        migrations.RunPython(give_phases, migrations.RunPython.noop),
        migrations.RunPython(say_what_criteria_concern, migrations.RunPython.noop),
        migrations.RunPython(keep_recusals, migrations.RunPython.noop),
    ]
