from django.db import migrations

BATCH = 2000  # replies by id, each in a transaction of its own

# What was obeyed waits for nobody (campaigns.inbox); who asked to come back and is in nothing does wait.
OBEYED = """
UPDATE campaigns_reply reply SET handled_at = reply.at
 WHERE reply.id >= %(first)s AND reply.id < %(first)s + %(batch)s
   AND reply.handled_at IS NULL AND reply.contact_id IS NOT NULL
   AND (reply.kind = 'stop' OR reply.kind = 'return' AND EXISTS (
           SELECT 1 FROM contacts_subscription subscription
            WHERE subscription.contact_id = reply.contact_id AND subscription.state = 'granted'))
"""


def mark_obeyed(_apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM campaigns_reply")
        first, last = cursor.fetchone()
        if first is None:
            return
        for low in range(first, last + 1, BATCH):
            cursor.execute(OBEYED, {'first': low, 'batch': BATCH})


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('campaigns', '0010_reply_person'),
        ('contacts', '0006_import_discarded'),
    ]

    operations = [
        migrations.RunPython(mark_obeyed, migrations.RunPython.noop),
    ]
