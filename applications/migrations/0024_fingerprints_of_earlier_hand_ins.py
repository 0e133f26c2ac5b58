"""What was handed in before texts were compared gets its fingerprint too."""

from django.db import migrations

from applications.checks import likeness

AT_A_TIME = 500


def make(apps, schema_editor):
    Revision = apps.get_model("applications", "SubmissionRevision")
    Fingerprint = apps.get_model("applications", "TextFingerprint")
    Question = apps.get_model("applications", "Question")
    of_form = {}

    def words_of_form(call_id):
        if call_id not in of_form:
            asked = Question.objects.filter(call=call_id).order_by()
            columns = asked.values_list("label_fr", "label_en", "hint_fr", "hint_en")
            of_form[call_id] = likeness.shingles(text for row in columns for text in row)
        return of_form[call_id]

    batch = []
    rows = Revision.objects.filter(fingerprint=None).order_by("pk")
    columns = rows.values_list("pk", "document", "submission__call")
    for pk, document, call_id in columns.iterator(chunk_size=AT_A_TIME):
        texts = likeness.description(document).values()
        shingles = likeness.shingles(texts, words_of_form(call_id))
        batch.append(
            Fingerprint(
                revision_id=pk,
                method=likeness.METHOD,
                shingles=sorted(shingles),
                bands=likeness.bands(shingles),
            )
        )
        if len(batch) == AT_A_TIME:
            Fingerprint.objects.bulk_create(batch)
            batch = []
    Fingerprint.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [("applications", "0023_texts_are_compared")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
