"""What was handed in before there were revisions becomes the first of each, files included."""

from django.db import migrations

FIRST_REVISIONS = """
    INSERT INTO applications_submissionrevision
        (submission_id, number, document, sha256, submitted_at, submitted_by_id)
    SELECT id, 1, document, sha256, submitted_at, submitted_by_id FROM applications_submission
"""
THEIR_FILES = """
    INSERT INTO applications_submissionrevision_documents (submissionrevision_id, document_id)
    SELECT revision.id, held.document_id
    FROM applications_submission_documents AS held
    JOIN applications_submissionrevision AS revision ON revision.submission_id = held.submission_id
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0015_corrections_and_receipts")]

    operations = [
        migrations.RunSQL(FIRST_REVISIONS, migrations.RunSQL.noop),
        migrations.RunSQL(THEIR_FILES, migrations.RunSQL.noop),
    ]
