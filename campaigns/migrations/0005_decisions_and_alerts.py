"""A person's decision may settle a doubt as sent; who paused a campaign; what owners were warned of."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Triggers write the function anew: see 0003_no_way_round_triggers.
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0004_limits'),
        ('wa_sessions', '0004_database_clock'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arrived', models.BooleanField(verbose_name='chegou')),
                ('reason', models.CharField(max_length=200, verbose_name='o que viu')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='quando')),
            ],
            options={
                'verbose_name': 'decisão',
                'verbose_name_plural': 'decisões',
            },
        ),
        migrations.CreateModel(
            name='SessionAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('away', 'sem conexão com mensagens na fila'), ('idle', 'perto de desconectar por falta de uso')], max_length=4, verbose_name='tipo')),
                ('since', models.DateTimeField(verbose_name='desde')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='avisado em')),
                ('rung_at', models.DateTimeField(blank=True, null=True, verbose_name='e-mail pedido em')),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='e-mail enviado em')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminou em')),
            ],
            options={
                'verbose_name': 'aviso ao responsável',
                'verbose_name_plural': 'avisos aos responsáveis',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='delivery',
            name='forward_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='forward_only',
        ),
        migrations.AddField(
            model_name='campaign',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='pausada em'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='paused_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pausada por'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='forward_only', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.status IS DISTINCT FROM NEW.status)', func="\n            IF NOT ((OLD.status = 'queued' AND NEW.status IN ('sending', 'skipped', 'cancelled')) OR (OLD.status = 'sending' AND NEW.status IN ('queued', 'sent', 'delivered', 'read', 'failed', 'uncertain')) OR (OLD.status = 'sent' AND NEW.status IN ('delivered', 'read')) OR (OLD.status = 'delivered' AND NEW.status IN ('read')) OR (OLD.status = 'uncertain' AND NEW.status IN ('sent', 'delivered', 'read', 'queued', 'failed'))) THEN\n                RAISE EXCEPTION 'status % may not become %', OLD.status, NEW.status\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF OLD.status = 'sending' AND NEW.status IN ('queued', 'failed')\n               AND NEW.pressed_at IS NOT NULL THEN\n                RAISE EXCEPTION 'pressed at %: it may be on the wire', NEW.pressed_at\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF OLD.status = 'uncertain' AND NEW.status IN ('queued', 'failed')\n               AND NEW.decision = OLD.decision THEN\n                RAISE EXCEPTION 'only a person moves an uncertain row, with a reason'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF OLD.status = 'uncertain' AND NEW.status IN ('sent', 'delivered', 'read')\n               AND NEW.message_id = ''\n               AND (NEW.status <> 'sent' OR NEW.decision = OLD.decision) THEN\n                RAISE EXCEPTION 'neither a proof nor a decision that it was sent'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='58db0b7fcb49e02fd2666cea26078cbbeba2d24b', operation='UPDATE OF "status"', pgid='pgtrigger_forward_only_964cc', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='forward_only', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.status IS DISTINCT FROM NEW.status)', func="\n            IF NOT ((OLD.status = 'queued' AND NEW.status IN ('sending', 'skipped', 'cancelled')) OR (OLD.status = 'sending' AND NEW.status IN ('queued', 'sent', 'delivered', 'read', 'failed', 'uncertain')) OR (OLD.status = 'sent' AND NEW.status IN ('delivered', 'read')) OR (OLD.status = 'delivered' AND NEW.status IN ('read')) OR (OLD.status = 'uncertain' AND NEW.status IN ('sent', 'delivered', 'read', 'queued', 'failed'))) THEN\n                RAISE EXCEPTION 'status % may not become %', OLD.status, NEW.status\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF OLD.status = 'sending' AND NEW.status IN ('queued', 'failed')\n               AND NEW.pressed_at IS NOT NULL THEN\n                RAISE EXCEPTION 'pressed at %: it may be on the wire', NEW.pressed_at\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF OLD.status = 'uncertain' AND NEW.status IN ('queued', 'failed')\n               AND NEW.decision = OLD.decision THEN\n                RAISE EXCEPTION 'only a person moves an uncertain row, with a reason'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF OLD.status = 'uncertain' AND NEW.status IN ('sent', 'delivered', 'read')\n               AND NEW.message_id = ''\n               AND (NEW.status <> 'sent' OR NEW.decision = OLD.decision) THEN\n                RAISE EXCEPTION 'neither a proof nor a decision that it was sent'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='c8337693508240564569ebf2933459b306b40fa3', operation='UPDATE OF "status"', pgid='pgtrigger_forward_only_f98fd', table='campaigns_notice', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='decision',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='quem decidiu'),
        ),
        migrations.AddField(
            model_name='decision',
            name='delivery',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='campaigns.delivery', verbose_name='envio'),
        ),
        migrations.AddField(
            model_name='sessionalert',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='wa_sessions.whatsappsession', verbose_name='conexão'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='decision_has_a_reason'),
        ),
        migrations.AddIndex(
            model_name='sessionalert',
            index=models.Index(fields=['session', '-id'], name='session_alert_list'),
        ),
        migrations.AddConstraint(
            model_name='sessionalert',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('session', 'kind'), name='session_alert_one_open'),
        ),
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
    ]
