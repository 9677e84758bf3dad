"""What was written down of changes is changed by no role, nor what was migrated; who drives links changes no account."""

from django.db import migrations

# Here because this is the last app of ours. A user who is deleted leaves their changes behind, without a name.
STAY = r"""
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT relname FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
                WHERE nspname = 'public' AND relkind = 'r' AND relname LIKE '%\_historical%' LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON public.%I FROM blu_web, blu_jobs, blu_host', one);
        EXECUTE format('GRANT UPDATE (history_user_id) ON public.%I TO blu_web, blu_jobs', one);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
                WHERE nspname = 'public' AND relkind = 'r' AND relname <> 'accounts_turn'
                  AND (relname LIKE 'accounts\_%' OR relname LIKE 'account\_%' OR relname LIKE 'auth\_%'
                    OR relname LIKE 'mfa\_%' OR relname LIKE 'django\_session%') LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON public.%I FROM blu_host', one);
    END LOOP;
END
$$;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM blu_web, blu_jobs, blu_host;
REVOKE SELECT ON mfa_authenticator, django_session FROM blu_host;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '0002_closing'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('campaigns', '0008_restriction_of_the_account'),
        ('contacts', '0007_ended_imports_keep_no_choices'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('sessions', '0001_initial'),
        ('wa_sessions', '0006_restriction_of_the_account'),
    ]
    operations = [migrations.RunSQL(STAY, migrations.RunSQL.noop)]
