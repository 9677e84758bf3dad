"""Composite foreign keys: campaign, session, topic, segment and contact are of one business."""

from django.db import migrations

KEYS = [
    ("campaigns_campaign", "campaign_topic_business", "topic_id", "contacts_topic"),
    ("campaigns_campaign", "campaign_segment_business", "segment_id", "contacts_segment"),
    ("campaigns_campaign", "campaign_session_business", "session_id", "wa_sessions_whatsappsession"),
    ("campaigns_delivery", "delivery_campaign_business", "campaign_id", "campaigns_campaign"),
    ("campaigns_delivery", "delivery_contact_business", "contact_id", "contacts_contact"),
    ("campaigns_notice", "notice_session_business", "session_id", "wa_sessions_whatsappsession"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("contacts", "0002_one_business"),
        ("wa_sessions", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, business_id)"
            f" REFERENCES {target} (id, business_id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, column, target in KEYS
    ]
