"""Deleting a whole business (docs/decisions/0054)."""

from django.db import migrations

# Children before parents. In each condition of_business, sessions, links and campaigns are of the business.
_TABLES = [
    ("campaigns_hold", "business_id = of_business"),
    ("campaigns_decision", "delivery_id IN (SELECT d.id FROM public.campaigns_delivery d WHERE d.campaign_id = ANY(campaigns))"),
    ("campaigns_reply", "business_id = of_business"),
    ("campaigns_delivery", "campaign_id = ANY(campaigns)"),
    ("campaigns_notice", "business_id = of_business"),
    ("campaigns_earlyreceipt", "session_id = ANY(sessions)"),
    ("campaigns_numberproof", "session_id = ANY(sessions)"),
    ("campaigns_campaign", "business_id = of_business"),
    ("campaigns_template", "business_id = of_business"),
    ("campaigns_sessionlimits", "session_id = ANY(sessions)"),
    ("campaigns_historicalsessionlimits", "session_id = ANY(sessions)"),
    ("campaigns_sessionalert", "session_id = ANY(sessions)"),
    ("contacts_personrequest", "business_id = of_business"),
    ("contacts_preferencechange", "business_id = of_business"),
    ("contacts_subscription", "business_id = of_business"),
    ("contacts_consent", "business_id = of_business"),
    ("contacts_erasedconsent", "business_id = of_business"),
    ("contacts_erasure", "business_id = of_business"),
    ("contacts_stop", "business_id = of_business"),
    ("contacts_optin", "business_id = of_business"),
    ("contacts_optintext", "business_id = of_business"),
    ("contacts_importproblem", "source_id IN (SELECT i.id FROM public.contacts_import i WHERE i.business_id = of_business)"),
    ("contacts_import", "business_id = of_business"),
    ("contacts_segment", "business_id = of_business"),
    ("contacts_contact", "business_id = of_business"),
    ("contacts_consentwording", "business_id = of_business"),
    ("contacts_topic", "business_id = of_business"),
    ("contacts_retentionrun", "business_id = of_business"),
    ("contacts_retention", "business_id = of_business"),
    ("wa_sessions_evidenceopening", "evidence_id IN (SELECT e.id FROM public.wa_sessions_pageevidence e WHERE e.link_id = ANY(links))"),
    ("wa_sessions_pageevidence", "link_id = ANY(links)"),
    ("wa_sessions_browserlook", "link_id = ANY(links)"),
    ("wa_sessions_homearchive", "link_id = ANY(links)"),
    ("wa_sessions_pairing", "link_id = ANY(links)"),
    ("wa_sessions_sessionevent", "session_id = ANY(sessions)"),
    ("wa_sessions_lease", "session_id = ANY(sessions)"),
    ("wa_sessions_chat", "session_id = ANY(sessions)"),
    ("wa_sessions_linkmove", "session_id = ANY(sessions)"),
    ("wa_sessions_link", "session_id = ANY(sessions)"),
    ("wa_sessions_historicalwhatsappsession", "business_id = of_business"),
    ("wa_sessions_whatsappsession", "business_id = of_business"),
    ("accounts_invitation", "business_id = of_business"),
    ("accounts_historicalinvitation", "business_id = of_business"),
    ("accounts_membership", "business_id = of_business"),
    ("accounts_historicalmembership", "business_id = of_business"),
    ("accounts_historicalbusiness", "id = of_business"),
    ("accounts_business", "id = of_business"),
]
# What support's log calls by name.
_LOGGED = [
    ("contacts", "contact", "business_id = of_business"),
    ("contacts", "topic", "business_id = of_business"),
    ("contacts", "segment", "business_id = of_business"),
    ("campaigns", "campaign", "business_id = of_business"),
    ("campaigns", "template", "business_id = of_business"),
    ("wa_sessions", "whatsappsession", "business_id = of_business"),
    ("wa_sessions", "link", "session_id = ANY(sessions)"),
    ("accounts", "membership", "business_id = of_business"),
    ("accounts", "invitation", "business_id = of_business"),
    ("accounts", "business", "id = of_business"),
]

_FORGET = """
    UPDATE public.django_admin_log l SET object_repr = '–', change_message = ''
      FROM public.django_content_type kind
     WHERE kind.id = l.content_type_id AND kind.app_label = '{app}' AND kind.model = '{model}' AND l.object_repr <> '–'
       AND l.object_id IN (SELECT t.id::text FROM public.{app}_{model} t WHERE {rows});"""

# One statement a call, so that no transaction is long; the one that finds rows returns how many it took.
_SLICE = """
    DELETE FROM public.{table} WHERE ctid = ANY(ARRAY(SELECT t.ctid FROM public.{table} t WHERE {rows} LIMIT most));
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN RETURN gone; END IF;"""

DELETE = f"""
CREATE FUNCTION public.delete_business(of_closing bigint, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    of_business bigint; sessions bigint[]; links bigint[]; campaigns bigint[]; gone bigint;
BEGIN
    SELECT c.business_id INTO of_business FROM public.accounts_businessclosing c
     WHERE c.id = of_closing AND c.ended_at IS NULL FOR UPDATE;
    IF of_business IS NULL THEN
        RAISE EXCEPTION 'nobody asked to close it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT 1 FROM public.accounts_membership m WHERE m.business_id = of_business) THEN
        RAISE EXCEPTION 'somebody still has access' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT coalesce(array_agg(s.id), '{{}}') INTO sessions FROM public.wa_sessions_whatsappsession s WHERE s.business_id = of_business;
    SELECT coalesce(array_agg(l.id), '{{}}') INTO links FROM public.wa_sessions_link l WHERE l.session_id = ANY(sessions);
    SELECT coalesce(array_agg(c.id), '{{}}') INTO campaigns FROM public.campaigns_campaign c WHERE c.business_id = of_business;
    IF EXISTS (SELECT 1 FROM public.wa_sessions_link l WHERE l.id = ANY(links) AND l.state <> 'unlinked') THEN
        RAISE EXCEPTION 'an account is still linked' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('blu.erasing', 'on', true);
{"".join(_FORGET.format(app=app, model=model, rows=rows) for app, model, rows in _LOGGED)}
    UPDATE public.wa_sessions_whatsappsession SET active_link_id = NULL WHERE business_id = of_business AND active_link_id IS NOT NULL;
    UPDATE public.contacts_contact SET replaced_by_id = NULL WHERE business_id = of_business AND replaced_by_id IS NOT NULL;
{"".join(_SLICE.format(table=table, rows=rows) for table, rows in _TABLES)}
    RETURN 0;
END
$$
"""
# django-pgtrigger wrote it anew with the trigger of wa_sessions 0002: see 0001_initial.
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""
MAY = """
REVOKE ALL ON FUNCTION public.delete_business(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.delete_business(bigint, integer) TO blu_jobs;
REVOKE DELETE ON accounts_businessclosing FROM blu_web, blu_jobs, blu_host;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_closing'),
        ('campaigns', '0004_requests_and_retention'),
        ('contacts', '0005_requests_and_retention'),
        ('wa_sessions', '0002_closing'),
    ]

    operations = [
        migrations.RunSQL(DELETE, "DROP FUNCTION public.delete_business(bigint, integer)"),
        migrations.RunSQL(MAY, migrations.RunSQL.noop),
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
    ]
