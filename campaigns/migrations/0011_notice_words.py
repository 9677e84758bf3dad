"""Words of notices that nobody needs any more: found by business, and forgotten by a function of the owner's."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Texts to ourselves hold somebody's data for an example, and codes went to whom we may not know: nobody reads them
# later, and the quotas count a day (campaigns.models.notice_rules). With `tests` those texts go at once.
FORGET = r"""
CREATE FUNCTION public.forget_words_of_notices(of_business bigint, tests boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('blu.erasing', 'on', true);
    UPDATE public.campaigns_notice n
       SET text = '', phone = CASE n.kind WHEN 'self_test' THEN n.phone ELSE '' END
     WHERE n.business_id = of_business AND n.kind IN ('self_test', 'number_code', 'optin_code') AND n.text <> ''
       AND n.status NOT IN ('queued', 'sending', 'uncertain')
       AND (n.queued_at < statement_timestamp() - interval '2 days' OR tests AND n.kind = 'self_test');
    PERFORM set_config('blu.erasing', '', true);
END
$$;
REVOKE ALL ON FUNCTION public.forget_words_of_notices(bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.forget_words_of_notices(bigint, boolean) TO blu_web, blu_jobs;
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ('accounts', '0002_closing'),
        ('campaigns', '0010_hosts_delete_little'),
    ]
    operations = [
        migrations.RunSQL(FORGET, 'DROP FUNCTION public.forget_words_of_notices(bigint, boolean)'),
        AddIndexConcurrently(
            model_name='notice',
            index=models.Index(
                condition=models.Q(('kind__in', ['self_test', 'number_code', 'optin_code']), models.Q(('text', ''), _negated=True)),
                fields=['business', 'queued_at'],
                name='notice_words',
            ),
        ),
    ]
