"""Composite foreign keys: a consent and its contact and topic are of one business, or refused."""

from django.db import migrations

KEYS = [
    ("contacts_consent", "consent_contact_business", "contact_id", "contacts_contact"),
    ("contacts_consent", "consent_topic_business", "topic_id", "contacts_topic"),
    ("contacts_subscription", "subscription_contact_business", "contact_id", "contacts_contact"),
    ("contacts_subscription", "subscription_topic_business", "topic_id", "contacts_topic"),
    ("contacts_import", "import_topic_business", "topic_id", "contacts_topic"),
]


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, business_id)"
            f" REFERENCES {target} (id, business_id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, column, target in KEYS
    ]
