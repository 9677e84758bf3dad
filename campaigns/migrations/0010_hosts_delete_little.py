"""Who drives links deletes only what comes and goes with driving, and reads no password."""

from django.db import migrations

# Chats and answers are joined as WhatsApp tells whose they are; the rest is of hosts and their links alone.
LITTLE = r"""
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT relname FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
                WHERE nspname = 'public' AND relkind IN ('r', 'p') AND relname <> ALL (ARRAY[
                  'accounts_turn', 'campaigns_earlyreceipt', 'campaigns_hold', 'campaigns_reply', 'wa_sessions_browserlook',
                  'wa_sessions_chat', 'wa_sessions_homearchive', 'wa_sessions_pageevidence', 'wa_sessions_runner']) LOOP
        EXECUTE format('REVOKE DELETE, TRUNCATE ON public.%I FROM blu_host', one);
    END LOOP;
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute INTO one
     WHERE attrelid = 'public.accounts_user'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'password';
    REVOKE SELECT ON public.accounts_user FROM blu_host;
    EXECUTE format('GRANT SELECT (%s) ON public.accounts_user TO blu_host', one);
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('campaigns', '0009_histories_stay'),
        ('contacts', '0008_data_lie_uncompressed'),
        ('django_q', '0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more'),
    ]
    operations = [migrations.RunSQL(LITTLE, migrations.RunSQL.noop)]
