"""No delivery to another number than that of whom agreed, and notices are counted by one clock for all."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# As campaigns.0003_no_way_round_triggers: a migration with a trigger writes the function anew.
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0015_numbers_written_to_and_previous_texts'),
        ('contacts', '0009_numbers_stay'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='delivery',
            name='consent_now_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='delivery',
            name='consent_now_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_rule_insert',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='consent_now_insert', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status = 'sending')", func="\n    PERFORM 1 FROM public.contacts_subscription s\n      JOIN public.campaigns_campaign c ON c.topic_id = s.topic_id\n      JOIN public.contacts_contact contact ON contact.id = s.contact_id AND contact.phone = NEW.phone\n     WHERE c.id = NEW.campaign_id AND s.contact_id = NEW.contact_id AND s.state = 'granted'\n       FOR SHARE OF s;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'no granted subscription to the campaign''s topic now, of who has this number'\n            USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='8ce95c996beab20b8ce94615c4e8d779fbd935fb', operation='INSERT', pgid='pgtrigger_consent_now_insert_152b6', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='consent_now_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status = 'sending' AND (OLD.status <> 'sending' OR OLD.campaign_id <> NEW.campaign_id OR OLD.contact_id <> NEW.contact_id OR OLD.phone <> NEW.phone))", func="\n    PERFORM 1 FROM public.contacts_subscription s\n      JOIN public.campaigns_campaign c ON c.topic_id = s.topic_id\n      JOIN public.contacts_contact contact ON contact.id = s.contact_id AND contact.phone = NEW.phone\n     WHERE c.id = NEW.campaign_id AND s.contact_id = NEW.contact_id AND s.state = 'granted'\n       FOR SHARE OF s;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'no granted subscription to the campaign''s topic now, of who has this number'\n            USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='2be930cd54022f92683fdecf473282e1fcb938c8', operation='UPDATE', pgid='pgtrigger_consent_now_update_41c9e', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_rule_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE today timestamptz;', func="\n            NEW.queued_at := statement_timestamp();\n            today := date_trunc('day', statement_timestamp(), 'America/Sao_Paulo');\n            \n            IF NOT (CASE NEW.kind WHEN 'stop_confirmation' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'stop'\n           AND reply.at > statement_timestamp() - interval '8 days') WHEN 'return_confirmation' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'return'\n           AND reply.at > statement_timestamp() - interval '8 days') WHEN 'self_test' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id\n           AND proof.phone = NEW.phone AND proof.proven_at IS NOT NULL) WHEN 'number_code' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE proof.id::text = NEW.cause AND proof.how = 'code' AND proof.phone = NEW.phone\n           AND proof.session_id = NEW.session_id AND proof.proven_at IS NULL\n           AND proof.asked_at > statement_timestamp() - interval '10 minutes'\n           AND member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id)\n    AND NOT (EXISTS (\n        SELECT 1 FROM public.contacts_contact contact\n          JOIN public.contacts_subscription subscription ON subscription.contact_id = contact.id\n         WHERE contact.business_id = NEW.business_id AND contact.phone = NEW.phone\n           AND subscription.state = 'revoked')\n    OR EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.business_id = NEW.business_id AND reply.kind = 'stop'\n           AND reply.phone IN (NEW.phone, left(NEW.phone, 5) || substr(NEW.phone, 7))\n           AND NOT EXISTS (\n               SELECT 1 FROM public.campaigns_reply later\n                WHERE later.business_id = reply.business_id AND later.phone = reply.phone\n                  AND later.kind = 'return' AND later.id > reply.id)))) ELSE false END) THEN\n                RAISE EXCEPTION 'no % may go to this number now', NEW.kind\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF NEW.kind = 'self_test' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('self_test:asked_by_id:' || NEW.asked_by_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'self_test' AND n.asked_by_id = NEW.asked_by_id AND n.queued_at >= today) >= 10 THEN\n                    RAISE EXCEPTION 'no more than 10 % a day by asked_by_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:asked_by_id:' || NEW.asked_by_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.asked_by_id = NEW.asked_by_id AND n.queued_at >= today) >= 3 THEN\n                    RAISE EXCEPTION 'no more than 3 % a day by asked_by_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:phone:' || NEW.phone::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.phone = NEW.phone AND n.queued_at >= today) >= 1 THEN\n                    RAISE EXCEPTION 'no more than 1 % a day by phone', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:session_id:' || NEW.session_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.session_id = NEW.session_id AND n.queued_at >= today) >= 10 THEN\n                    RAISE EXCEPTION 'no more than 10 % a day by session_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ", hash='ef80bf019790d5ed0f55e2f284a4a497a5a93d22', operation='INSERT', pgid='pgtrigger_notice_rule_insert_fa3e1', table='campaigns_notice', when='BEFORE')),
        ),
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
    ]
