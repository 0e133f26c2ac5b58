"""Before anybody could decide finding by finding, the machine's outcome is what stands."""

from django.db import migrations

BEGIN = """
    UPDATE applications_submission AS submission
    SET decided_outcome = outcome,
        decided_due_diligence = due_diligence,
        open_findings = (
            SELECT count(*) FROM applications_finding AS finding
            WHERE finding.outcome <> 'pass' AND finding.code NOT LIKE 'hrdd.%'
                AND finding.check_run_id = (
                    SELECT max(run.id) FROM applications_checkrun AS run
                    WHERE run.submission_id = submission.id AND run.state = 'done'
                )
        )
    WHERE outcome <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0019_people_decide_on_findings")]

    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
