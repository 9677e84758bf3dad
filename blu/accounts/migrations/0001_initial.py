"""People, businesses, memberships and what protects them."""

import blu.accounts.models
import blu.web.names
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                ('name', blu.web.names.NameField(blank=True, max_length=120, verbose_name='nome')),
                ('is_active', models.BooleanField(default=True, verbose_name='pode entrar')),
                ('is_staff', models.BooleanField(default=False, verbose_name='é do suporte')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='entrou em')),
                ('language', models.CharField(choices=[('pt-br', 'Português (Brasil)'), ('en', 'Inglês')], default=blu.accounts.models.current_language, max_length=10, verbose_name='idioma')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'pessoa',
                'verbose_name_plural': 'pessoas',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='user_name_in_one_line'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Business',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=80, verbose_name='nome')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='endereço curto')),
                ('time_zone', models.CharField(choices=[('America/Sao_Paulo', 'Brasília, São Paulo, Sul, Nordeste e Pará'), ('America/Manaus', 'Amazonas, Roraima e Rondônia'), ('America/Cuiaba', 'Mato Grosso e Mato Grosso do Sul'), ('America/Rio_Branco', 'Acre'), ('America/Noronha', 'Fernando de Noronha')], default='America/Sao_Paulo', max_length=40, verbose_name='fuso horário')),
                ('default_area_code', models.CharField(blank=True, help_text='Completa telefones que vierem sem DDD na planilha.', max_length=2, validators=[django.core.validators.RegexValidator('^[1-9][1-9]$', 'O DDD tem dois números, como 11.')], verbose_name='DDD padrão')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
            ],
            options={
                'verbose_name': 'negócio',
                'verbose_name_plural': 'negócios',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='business_name_in_one_line'),
                    models.CheckConstraint(condition=models.Q(('slug__regex', '^[-a-zA-Z0-9_]+$')), name='business_slug_fits_an_address'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name='nome')),
                ('holder', models.UUIDField(verbose_name='quem')),
                ('until', models.DateTimeField(verbose_name='vale até')),
            ],
            options={
                'verbose_name': 'vez',
                'verbose_name_plural': 'vezes',
            },
        ),
        migrations.CreateModel(
            name='SecondStepLock',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='pessoa')),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='códigos errados')),
                ('locked_until', models.DateTimeField(blank=True, null=True, verbose_name='trancada até')),
            ],
            options={
                'verbose_name': 'segunda etapa trancada',
                'verbose_name_plural': 'segundas etapas trancadas',
            },
        ),
        migrations.CreateModel(
            name='EmailChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_email', models.EmailField(db_index=True, max_length=254, verbose_name='e-mail antigo')),
                ('to_email', models.EmailField(max_length=254, verbose_name='e-mail novo')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='trocado em')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='encerrado em')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pessoa')),
            ],
            options={
                'verbose_name': 'troca de e-mail',
                'verbose_name_plural': 'trocas de e-mail',
            },
        ),
        migrations.CreateModel(
            name='HistoricalBusiness',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=80, verbose_name='nome')),
                ('slug', models.SlugField(max_length=80, verbose_name='endereço curto')),
                ('time_zone', models.CharField(choices=[('America/Sao_Paulo', 'Brasília, São Paulo, Sul, Nordeste e Pará'), ('America/Manaus', 'Amazonas, Roraima e Rondônia'), ('America/Cuiaba', 'Mato Grosso e Mato Grosso do Sul'), ('America/Rio_Branco', 'Acre'), ('America/Noronha', 'Fernando de Noronha')], default='America/Sao_Paulo', max_length=40, verbose_name='fuso horário')),
                ('default_area_code', models.CharField(blank=True, help_text='Completa telefones que vierem sem DDD na planilha.', max_length=2, validators=[django.core.validators.RegexValidator('^[1-9][1-9]$', 'O DDD tem dois números, como 11.')], verbose_name='DDD padrão')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical negócio',
                'verbose_name_plural': 'historical negócios',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalInvitation',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('role', models.CharField(choices=[('owner', 'responsável'), ('receptionist', 'recepção'), ('viewer', 'só olhar')], max_length=12, verbose_name='papel')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criado em')),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='enviado em')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='aceito em')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelado em')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('business', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.business', verbose_name='negócio')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='convidado por')),
            ],
            options={
                'verbose_name': 'historical convite',
                'verbose_name_plural': 'historical convites',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalMembership',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'responsável'), ('receptionist', 'recepção'), ('viewer', 'só olhar')], default='owner', max_length=12, verbose_name='papel')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='desde')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('business', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.business', verbose_name='negócio')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pessoa')),
            ],
            options={
                'verbose_name': 'historical participação',
                'verbose_name_plural': 'historical participações',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('role', models.CharField(choices=[('owner', 'responsável'), ('receptionist', 'recepção'), ('viewer', 'só olhar')], max_length=12, verbose_name='papel')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criado em')),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='enviado em')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='aceito em')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelado em')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='accounts.business', verbose_name='negócio')),
                ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='convidado por')),
            ],
            options={
                'verbose_name': 'convite',
                'verbose_name_plural': 'convites',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('cancelled_at', None)), fields=('business', 'email'), name='one_open_invitation'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'responsável'), ('receptionist', 'recepção'), ('viewer', 'só olhar')], default='owner', max_length=12, verbose_name='papel')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='desde')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.business', verbose_name='negócio')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='pessoa')),
            ],
            options={
                'verbose_name': 'participação',
                'verbose_name_plural': 'participações',
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'business'), name='membership_once'),
                ],
            },
        ),
        migrations.AddField(
            model_name='business',
            name='users',
            field=models.ManyToManyField(related_name='businesses', through='accounts.Membership', to=settings.AUTH_USER_MODEL),
        ),
    ]
