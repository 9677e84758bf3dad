"""Erasing a person (docs/decisions/0054)."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# django-pgtrigger writes it anew with each migration that has a trigger: see 0001_initial.
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""

# A number, and its other form with or without the ninth digit: as blu.text.phone.forms.
FORMS = """
CREATE FUNCTION public.forms_of_numbers(numbers text[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT form), '{}') FROM unnest(numbers) given(phone), unnest(ARRAY[
        phone,
        CASE WHEN left(phone, 3) = '+55' AND length(phone) = 14 AND substr(phone, 6, 1) = '9'
             THEN left(phone, 5) || substr(phone, 7) END,
        CASE WHEN left(phone, 3) = '+55' AND length(phone) = 13 AND substr(phone, 6, 1) IN ('6', '7', '8', '9')
             THEN left(phone, 5) || '9' || substr(phone, 6) END]) form
     WHERE form <> ''
$$
"""

# A person is a number, or `lid:…` or `@name` where WhatsApp hides it. Their chats may have learnt the number meanwhile.
SHOWN = """
CREATE FUNCTION public.chats_called(of_business bigint, of_person text) RETURNS TABLE (phone text, lid text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT chat.phone::text, chat.lid::text FROM public.wa_sessions_chat chat
      JOIN public.wa_sessions_whatsappsession s ON s.id = chat.session_id
     WHERE s.business_id = of_business
       AND (of_person LIKE 'lid:%' AND chat.lid <> '' AND chat.lid = substr(of_person, 5)
         OR of_person LIKE '@%' AND chat.username <> '' AND chat.username = substr(of_person, 2))
$$;
CREATE FUNCTION public.numbers_shown(of_business bigint, of_person text) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN of_person LIKE '+%' THEN ARRAY[of_person] ELSE ARRAY(
        SELECT chat.phone FROM public.chats_called(of_business, of_person) chat WHERE chat.phone <> '') END
$$;
-- By what else they are known for good: a name, which may pass to somebody else, only where no LID is known.
CREATE FUNCTION public.keys_hidden(of_business bigint, of_person text) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN of_person LIKE '+%' THEN '{}' ELSE coalesce(nullif(ARRAY(
        SELECT DISTINCT 'lid:' || chat.lid FROM public.chats_called(of_business, of_person) chat
         WHERE chat.lid <> '' ORDER BY 1), '{}'), ARRAY[of_person]) END
$$
"""

# The contacts of one person: of a number, of those that were corrected to it, and of whom they went on as.
PEOPLE = """
CREATE FUNCTION public.contacts_of_person(of_business bigint, of_person text) RETURNS TABLE (id bigint, phone text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE person AS (
        SELECT c.id, c.phone, c.replaced_by_id FROM public.contacts_contact c
         WHERE c.business_id = of_business
           AND c.phone = ANY(public.forms_of_numbers(public.numbers_shown(of_business, of_person)))
         UNION
        SELECT found.* FROM person p, LATERAL (
            SELECT c.id, c.phone, c.replaced_by_id FROM public.contacts_contact c WHERE c.id = p.replaced_by_id
             UNION ALL
            SELECT c.id, c.phone, c.replaced_by_id FROM public.contacts_contact c
             WHERE c.business_id = of_business AND c.replaced_by_id = p.id) found)
    SELECT person.id, person.phone::text FROM person
$$
"""
# What stays of them as a hash.
KEYS = """
CREATE FUNCTION public.keys_of_person(of_business bigint, of_person text) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT key) FROM (
        SELECT unnest(public.numbers_shown(of_business, of_person) || public.keys_hidden(of_business, of_person)) AS key
         UNION ALL
        SELECT phone FROM public.contacts_of_person(of_business, of_person)) theirs
$$
"""

# The one way past the triggers: it checks who asks, locks as everybody locks (rows, consents, stops), writes
# what it did. `hashes` has that of each of keys_of_person. Returns the campaigns they were in.
ERASE = """
CREATE FUNCTION public.erase_person(of_business bigint, of_person text, hashes jsonb, asked_by text, by_user bigint)
    RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    people bigint[]; lasting text[]; numbers text[]; keys text[]; chats bigint[]; answers bigint[]; campaigns bigint[];
    names text[]; ends text[]; lids text[]; called text[]; person text; rows_of bigint; going bigint; agreed bigint;
BEGIN
    IF (CASE asked_by
        WHEN 'person' THEN by_user IS NOT NULL
        WHEN 'owner' THEN NOT EXISTS (SELECT 1 FROM public.accounts_membership m JOIN public.accounts_user u ON u.id = m.user_id
            WHERE m.business_id = of_business AND m.user_id = by_user AND m.role = 'owner' AND u.is_active)
        WHEN 'support' THEN NOT EXISTS (SELECT 1 FROM public.accounts_user u
            WHERE u.id = by_user AND u.is_staff AND u.is_active)
        ELSE true END) THEN
        RAISE EXCEPTION 'nobody who may erase' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Nobody hears an answer meanwhile (sessions.chats.one_at_a_time), makes a contact or freezes an audience.
    PERFORM pg_advisory_xact_lock(hashtextextended('chats:' || s.id, 0))
       FROM (SELECT id FROM public.wa_sessions_whatsappsession WHERE business_id = of_business ORDER BY id) s;
    PERFORM pg_advisory_xact_lock(1163018579, of_business::integer);
    PERFORM 1 FROM public.campaigns_campaign c WHERE c.business_id = of_business AND c.status = 'launching'
      ORDER BY c.id FOR SHARE;

    SELECT coalesce(array_agg(p.id), '{}') INTO people FROM public.contacts_of_person(of_business, of_person) p;
    lasting := public.keys_of_person(of_business, of_person);
    IF EXISTS (SELECT 1 FROM unnest(lasting) l WHERE hashes ->> l IS NULL OR hashes ->> l !~ '^[0-9a-f]{64}$') THEN
        RAISE EXCEPTION 'a number without its hash' USING ERRCODE = 'serialization_failure';
    END IF;
    numbers := public.forms_of_numbers(ARRAY(SELECT l FROM unnest(lasting) l WHERE l LIKE '+%'));
    person := hashes ->> (public.keys_hidden(of_business, of_person) || of_person)[1];
    SELECT coalesce(array_agg(chat.id), '{}'),
           coalesce(array_agg(DISTINCT chat.lid::text) FILTER (WHERE chat.lid <> ''), '{}')
               || ARRAY(SELECT substr(l, 5) FROM unnest(lasting) l WHERE l LIKE 'lid:%'),
           coalesce(array_agg(DISTINCT chat.username::text) FILTER (WHERE chat.username <> ''), '{}')
               || ARRAY(SELECT substr(of_person, 2) WHERE of_person LIKE '@%')
      INTO chats, lids, called
      FROM public.wa_sessions_chat chat JOIN public.wa_sessions_whatsappsession s ON s.id = chat.session_id
     WHERE s.business_id = of_business AND chat.phone <> '' AND chat.phone = ANY(numbers);
    SELECT chats || coalesce(array_agg(chat.id), '{}') INTO chats
      FROM public.wa_sessions_chat chat JOIN public.wa_sessions_whatsappsession s ON s.id = chat.session_id
     WHERE s.business_id = of_business AND chat.phone = ''
       AND (chat.lid <> '' AND chat.lid = ANY(lids) OR chat.username <> '' AND chat.username = ANY(called));
    SELECT called || coalesce(array_agg(chat.username::text), '{}') INTO called
      FROM public.wa_sessions_chat chat WHERE chat.id = ANY(chats) AND chat.username <> '';
    keys := numbers || ARRAY(SELECT 'lid:' || l FROM unnest(lids) l) || ARRAY(SELECT '@' || c FROM unnest(called) c);
    SELECT coalesce(array_agg(c.name), '{}') INTO names
      FROM public.contacts_contact c WHERE c.id = ANY(people) AND length(c.name) > 3;
    SELECT coalesce(array_agg(DISTINCT right(n, 8)), '{}') INTO ends FROM unnest(numbers) n;

    PERFORM 1 FROM public.campaigns_delivery d WHERE d.contact_id = ANY(people) ORDER BY d.id FOR UPDATE;
    SELECT coalesce(array_agg(DISTINCT d.campaign_id), '{}') INTO campaigns
      FROM public.campaigns_delivery d WHERE d.contact_id = ANY(people);
    SELECT coalesce(array_agg(r.id), '{}') INTO answers FROM public.campaigns_reply r
     WHERE r.business_id = of_business AND (r.person = ANY(keys) OR r.contact_id = ANY(people));

    -- Somebody was quicker.
    IF people || chats || answers = '{}' AND EXISTS (SELECT 1 FROM public.contacts_stop stop
         WHERE stop.business_id = of_business AND stop.key = 'hash:' || person AND stop.lifted_at IS NULL) THEN
        RETURN campaigns;
    END IF;

    PERFORM set_config('blu.erasing', 'on', true);
    -- Who left and who came back stays counted (campaigns.reports.funnel.opted_out).
    UPDATE public.campaigns_campaign c
       SET erased_left = c.erased_left + gone.left_it, erased_returned = c.erased_returned + gone.returned
      FROM (SELECT first.campaign_id, count(*) AS left_it, count(*) FILTER (WHERE EXISTS (
                SELECT 1 FROM public.contacts_subscription s JOIN public.campaigns_campaign own ON own.topic_id = s.topic_id
                 WHERE own.id = first.campaign_id AND s.contact_id = first.contact_id AND s.state = 'granted'
                   AND s.since > first.at)) AS returned
              FROM (SELECT DISTINCT ON (d.id) d.campaign_id, r.contact_id, r.at FROM public.campaigns_reply r
                      JOIN public.campaigns_delivery d ON d.id = r.delivery_id
                     WHERE r.id = ANY(answers) AND r.kind = 'stop' ORDER BY d.id, r.at) first
             GROUP BY first.campaign_id) gone
     WHERE c.id = gone.campaign_id;

    -- What waits goes out no more; what may be on the wire keeps its number until that is known.
    UPDATE public.campaigns_decision SET reason = '–'
     WHERE delivery_id IN (SELECT d.id FROM public.campaigns_delivery d WHERE d.contact_id = ANY(people));
    SELECT count(*) INTO going FROM public.campaigns_delivery d
     WHERE d.contact_id = ANY(people) AND d.status IN ('sending', 'uncertain');
    UPDATE public.campaigns_delivery d
       SET contact_id = NULL,
           status = CASE d.status WHEN 'queued' THEN 'skipped' ELSE d.status END,
           reason = CASE d.status WHEN 'queued' THEN 'erased' ELSE d.reason END,
           ended_at = CASE d.status WHEN 'queued' THEN statement_timestamp() ELSE d.ended_at END,
           phone = CASE WHEN d.status IN ('sending', 'uncertain') THEN d.phone ELSE '' END,
           variables = CASE WHEN d.status IN ('sending', 'uncertain') THEN d.variables ELSE '{}' END
     WHERE d.contact_id = ANY(people);
    GET DIAGNOSTICS rows_of = ROW_COUNT;
    UPDATE public.campaigns_campaign c SET status = 'done', ended_at = statement_timestamp(), updated_at = statement_timestamp()
     WHERE c.id = ANY(campaigns) AND c.status = 'running' AND NOT EXISTS (
         SELECT 1 FROM public.campaigns_delivery d WHERE d.campaign_id = c.id AND d.status IN ('queued', 'sending'));
    UPDATE public.campaigns_notice n
       SET phone = '', text = '', cause = 'erased-' || n.id, message_id = '',
           status = CASE n.status WHEN 'queued' THEN 'skipped' ELSE n.status END,
           reason = CASE n.status WHEN 'queued' THEN 'erased' ELSE n.reason END,
           ended_at = CASE n.status WHEN 'queued' THEN statement_timestamp() ELSE n.ended_at END
     WHERE n.business_id = of_business AND n.phone = ANY(numbers);
    DELETE FROM public.campaigns_hold h
     WHERE h.business_id = of_business AND (h.key = ANY(keys) OR h.reply_id = ANY(answers));
    DELETE FROM public.campaigns_reply r WHERE r.id = ANY(answers);
    DELETE FROM public.campaigns_numberproof p USING public.accounts_membership m
     WHERE m.id = p.membership_id AND m.business_id = of_business AND p.phone = ANY(numbers);

    -- Of what they agreed to stay hash, topic and time.
    INSERT INTO public.contacts_erasedconsent (business_id, person, topic_id, state, source, at)
    SELECT k.business_id, person, k.topic_id, k.state, k.source, k.at
      FROM public.contacts_consent k WHERE k.contact_id = ANY(people) ORDER BY k.id;
    DELETE FROM public.contacts_subscription s WHERE s.contact_id = ANY(people);
    DELETE FROM public.contacts_consent k WHERE k.contact_id = ANY(people);
    GET DIAGNOSTICS agreed = ROW_COUNT;
    DELETE FROM public.contacts_stop stop WHERE stop.business_id = of_business AND stop.key = ANY(keys);
    INSERT INTO public.contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref, actor_id)
    SELECT of_business, 'hash:' || found.hash, 'erased', CASE asked_by WHEN 'person' THEN 'form' ELSE 'member' END, '', '', by_user
      FROM (SELECT DISTINCT hashes ->> l AS hash FROM unnest(lasting) l ORDER BY 1) found
        ON CONFLICT (business_id, key) WHERE lifted_at IS NULL DO NOTHING;

    -- Where else they are written down: rows to be mended, what was seen of WhatsApp's pages, support's log.
    DELETE FROM public.contacts_importproblem problem USING public.contacts_import i
     WHERE i.id = problem.source_id AND i.business_id = of_business AND (problem.values ?| names OR EXISTS (
         SELECT 1 FROM jsonb_array_elements_text(problem.values) cell, unnest(ends) e
          WHERE regexp_replace(cell, '[^0-9]', '', 'g') LIKE '%' || e || '%'));
    UPDATE public.contacts_import i SET findings = i.findings - 'problems'
     WHERE i.business_id = of_business AND i.findings ? 'problems' AND EXISTS (
         SELECT 1 FROM jsonb_array_elements(i.findings -> 'problems') told,
                       jsonb_array_elements_text(told -> 'values') cell
          WHERE cell = ANY(names) OR EXISTS (SELECT 1 FROM unnest(ends) e
             WHERE regexp_replace(cell, '[^0-9]', '', 'g') LIKE '%' || e || '%'));
    DELETE FROM public.wa_sessions_pageevidence seen USING public.wa_sessions_link l, public.wa_sessions_chat chat
     WHERE l.id = seen.link_id AND l.session_id = chat.session_id AND chat.id = ANY(chats);
    UPDATE public.django_admin_log l SET object_repr = '–', change_message = ''
      FROM public.django_content_type kind
     WHERE kind.id = l.content_type_id AND (kind.app_label, kind.model) IN (('contacts', 'contact'), ('campaigns', 'reply'))
       AND l.object_id = ANY(SELECT one::text FROM unnest(CASE kind.model WHEN 'contact' THEN people ELSE answers END) one);
    -- A chat that we opened counts among the day's new chats, whose ever it was.
    UPDATE public.wa_sessions_chat SET phone = '', wa_id = '', username = '', lid = 'erased-' || id
     WHERE id = ANY(chats) AND opened_at > statement_timestamp() - interval '2 days';
    DELETE FROM public.wa_sessions_chat WHERE id = ANY(chats) AND lid <> 'erased-' || id;
    UPDATE public.contacts_personrequest r
       SET contact_id = NULL, phone = '', note = '', answer = CASE r.state WHEN 'refused' THEN '–' ELSE '' END,
           state = CASE r.state WHEN 'open' THEN 'done' ELSE r.state END,
           closed_at = coalesce(r.closed_at, statement_timestamp()), closed_by_id = coalesce(r.closed_by_id, by_user)
     WHERE r.business_id = of_business AND (r.contact_id = ANY(people) OR r.phone = ANY(numbers));
    DELETE FROM public.contacts_optin o WHERE o.business_id = of_business AND o.phone = ANY(numbers);
    UPDATE public.contacts_contact SET replaced_by_id = NULL WHERE id = ANY(people) AND replaced_by_id IS NOT NULL;
    DELETE FROM public.contacts_contact c WHERE c.id = ANY(people);

    INSERT INTO public.contacts_erasure (business_id, person, by, actor_id, contacts, deliveries, replies, consents, under_way)
    VALUES (of_business, person, asked_by, by_user, cardinality(people), rows_of, cardinality(answers), agreed, going);
    PERFORM set_config('blu.erasing', '', true);
    RETURN campaigns;
END
$$
"""
# Only they come back: by a consent of their own after the erasure, which says so of itself.
CAME_BACK = """
CREATE FUNCTION public.erased_came_back(of_business bigint, hash text, by_consent bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('blu.erasing', 'on', true);
    UPDATE public.contacts_stop stop SET lifted_at = statement_timestamp(), lifted_ref = 'consent:' || by_consent
     WHERE stop.business_id = of_business AND stop.key = 'hash:' || hash AND stop.lifted_at IS NULL
       AND EXISTS (SELECT 1 FROM public.contacts_consent k
                    WHERE k.id = by_consent AND k.business_id = of_business AND k.state = 'granted'
                      AND k.actor_id IS NULL AND k.source_import_id IS NULL AND k.at > stop.at);
    PERFORM set_config('blu.erasing', '', true);
END
$$
"""
MAY = """
REVOKE ALL ON FUNCTION public.erased_came_back(bigint, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.erased_came_back(bigint, text, bigint) TO blu_web, blu_jobs, blu_host;
REVOKE ALL ON FUNCTION public.erase_person(bigint, text, jsonb, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.erase_person(bigint, text, jsonb, text, bigint) TO blu_web, blu_jobs;
REVOKE INSERT, UPDATE, DELETE ON contacts_erasure, contacts_erasedconsent FROM blu_web, blu_jobs, blu_host;
"""
NOT_SHOWN = """
DROP FUNCTION public.keys_hidden(bigint, text);
DROP FUNCTION public.numbers_shown(bigint, text);
DROP FUNCTION public.chats_called(bigint, text)
"""
FUNCTIONS = [
    (FORMS, "DROP FUNCTION public.forms_of_numbers(text[])"),
    (SHOWN, NOT_SHOWN),
    (PEOPLE, "DROP FUNCTION public.contacts_of_person(bigint, text)"),
    (KEYS, "DROP FUNCTION public.keys_of_person(bigint, text)"),
    (ERASE, "DROP FUNCTION public.erase_person(bigint, text, jsonb, text, bigint)"),
    (CAME_BACK, "DROP FUNCTION public.erased_came_back(bigint, text, bigint)"),
    (MAY, migrations.RunSQL.noop),
    (NOBODY, migrations.RunSQL.noop),
]


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0002_opt_in'),
        ('contacts', '0004_erasure'),
        ('wa_sessions', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='hold',
            name='never_deleted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='numberproof',
            name='proof_frozen',
        ),
        migrations.AddField(
            model_name='campaign',
            name='erased_left',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, verbose_name='saíram e foram apagadas'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='erased_returned',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, verbose_name='voltaram e foram apagadas'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='contact',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='vazio: a pessoa foi apagada', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='contacts.contact', verbose_name='contato'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='reason',
            field=models.CharField(blank=True, choices=[('', ''), ('no_consent', 'sem consentimento'), ('stop', 'pediu para não receber'), ('held', 'resposta a decidir'), ('not_on_whatsapp', 'o número não tem WhatsApp'), ('link_lost', 'a conexão caiu no meio do envio'), ('no_tick', 'o WhatsApp não confirmou o envio a tempo'), ('crash', 'o envio foi interrompido'), ('refused', 'o WhatsApp recusou'), ('text', 'o WhatsApp não aceitou este texto em três tentativas'), ('contact_blocked', 'o contato está bloqueado neste WhatsApp'), ('retry', 'não saiu, vai de novo'), ('unasked', 'o pedido não vale mais'), ('person', 'decidido por uma pessoa'), ('erased', 'pediu para apagar os dados'), ('undelivered', 'o WhatsApp avisou que não entregou')], default='', max_length=16, verbose_name='motivo'),
        ),
        migrations.AlterField(
            model_name='earlyreceipt',
            name='reason',
            field=models.CharField(blank=True, choices=[('', ''), ('no_consent', 'sem consentimento'), ('stop', 'pediu para não receber'), ('held', 'resposta a decidir'), ('not_on_whatsapp', 'o número não tem WhatsApp'), ('link_lost', 'a conexão caiu no meio do envio'), ('no_tick', 'o WhatsApp não confirmou o envio a tempo'), ('crash', 'o envio foi interrompido'), ('refused', 'o WhatsApp recusou'), ('text', 'o WhatsApp não aceitou este texto em três tentativas'), ('contact_blocked', 'o contato está bloqueado neste WhatsApp'), ('retry', 'não saiu, vai de novo'), ('unasked', 'o pedido não vale mais'), ('person', 'decidido por uma pessoa'), ('erased', 'pediu para apagar os dados'), ('undelivered', 'o WhatsApp avisou que não entregou')], default='', max_length=16, verbose_name='motivo'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='reason',
            field=models.CharField(blank=True, choices=[('', ''), ('no_consent', 'sem consentimento'), ('stop', 'pediu para não receber'), ('held', 'resposta a decidir'), ('not_on_whatsapp', 'o número não tem WhatsApp'), ('link_lost', 'a conexão caiu no meio do envio'), ('no_tick', 'o WhatsApp não confirmou o envio a tempo'), ('crash', 'o envio foi interrompido'), ('refused', 'o WhatsApp recusou'), ('text', 'o WhatsApp não aceitou este texto em três tentativas'), ('contact_blocked', 'o contato está bloqueado neste WhatsApp'), ('retry', 'não saiu, vai de novo'), ('unasked', 'o pedido não vale mais'), ('person', 'decidido por uma pessoa'), ('erased', 'pediu para apagar os dados'), ('undelivered', 'o WhatsApp avisou que não entregou')], default='', max_length=16, verbose_name='motivo'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='without_a_person', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.contact_id IS NULL AND NEW.phone <> '' AND NEW.status NOT IN ('sending', 'uncertain'))", declare='DECLARE numbers text[];', func="\n            numbers := ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)];\n            PERFORM 1 FROM public.contacts_contact c\n              WHERE c.business_id = NEW.business_id AND c.phone = ANY(numbers);\n            IF NOT FOUND THEN\n                UPDATE public.wa_sessions_chat SET phone = '', wa_id = '', username = '', lid = 'erased-' || id\n                 WHERE session_id = NEW.session_id AND phone = ANY(numbers) AND opened_at IS NOT NULL;\n                DELETE FROM public.wa_sessions_chat\n                 WHERE session_id = NEW.session_id AND phone = ANY(numbers);\n            END IF;\n            NEW.phone := '';\n            NEW.variables := '{}';\n            IF NEW.status = 'queued' THEN\n                NEW.status := 'skipped';\n                NEW.reason := 'erased';\n                NEW.ended_at := statement_timestamp();\n            END IF;\n            RETURN NEW;\n        ", hash='470241caf33ecb3770d0aca12054e27cd5ef1f8e', operation='UPDATE', pgid='pgtrigger_without_a_person_80132', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hold',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF (current_setting('blu.erasing', true) = 'on' AND current_user = (\n                SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID)) THEN\n                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'a hold is never deleted' USING ERRCODE = 'check_violation';\n        ", hash='176f2d93fdec4659f55524620b453f388d2e1eec', operation='DELETE', pgid='pgtrigger_never_deleted_87361', table='campaigns_hold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.kind, OLD.cause, OLD.business_id, OLD.session_id, OLD.phone, OLD.text, OLD.queued_at) IS DISTINCT FROM (NEW.kind, NEW.cause, NEW.business_id, NEW.session_id, NEW.phone, NEW.text, NEW.queued_at))', func="\n            IF (current_setting('blu.erasing', true) = 'on' AND current_user = (\n                SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID)) THEN\n                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'what was asked for stays' USING ERRCODE = 'check_violation';\n        ", hash='05ec3dc0c07c28450571afdf2d89e563b36db9cf', operation='UPDATE', pgid='pgtrigger_notice_frozen_9230e', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='numberproof',
            trigger=pgtrigger.compiler.Trigger(name='proof_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.membership_id, OLD.session_id, OLD.how, OLD.code, OLD.asked_at) IS DISTINCT FROM (NEW.membership_id, NEW.session_id, NEW.how, NEW.code, NEW.asked_at))', func="\n            IF (current_setting('blu.erasing', true) = 'on' AND current_user = (\n                SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID)) THEN\n                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'what was asked for stays' USING ERRCODE = 'check_violation';\n        ", hash='c50b5206ee65b5b2af06a0b87defee6a19223103', operation='UPDATE', pgid='pgtrigger_proof_frozen_b1516', table='campaigns_numberproof', when='BEFORE')),
        ),
    ] + [migrations.RunSQL(forward, back) for forward, back in FUNCTIONS]
