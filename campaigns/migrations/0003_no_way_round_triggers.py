"""No role switches the triggers off by a session variable.

django-pgtrigger's triggers ask this function whether `pgtrigger.ignore` names them, and anybody may
set that variable. It also opened a subtransaction each time, which every claim would pay for. A later
migration with a trigger of its own writes the function anew: repeat this one after it (a test tells).
"""

from django.db import migrations

NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_one_business"),
        ("contacts", "0002_one_business"),
    ]
    operations = [migrations.RunSQL(NOBODY, migrations.RunSQL.noop)]
