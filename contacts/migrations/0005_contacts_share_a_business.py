"""Tell the planner that a business has about a hundred contacts, also before there are many.

While nearly every contact it has seen has a business of its own, it takes the business for a key, and
checks the composite keys of an import by reading the whole business for each row: 8 s instead of
0.2 s for 20,000 people, until the table is analysed again.
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('contacts', '0004_no_index_of_businesses')]

    operations = [
        migrations.RunSQL(
            'ALTER TABLE contacts_contact ALTER COLUMN business_id SET (n_distinct = -0.01)',
            'ALTER TABLE contacts_contact ALTER COLUMN business_id RESET (n_distinct)',
        ),
    ]
