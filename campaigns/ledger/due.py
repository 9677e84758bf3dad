"""What the ledger gives a visit to do, as conditions on a session `s` for sessions.driving.claim_due."""

from campaigns.models.proof import VALID
from sessions.driving.claim_due import Work

WORK = Work(
    # Something may be claimed now: a notice, or a row of a running campaign where no limit keeps it idle.
    waits="""(
    EXISTS (SELECT 1 FROM campaigns_notice n
             WHERE n.session_id = s.id AND n.status = 'queued' AND n.not_before <= statement_timestamp())
 OR (coalesce(s.idle_until, statement_timestamp()) <= statement_timestamp() AND EXISTS (
    SELECT 1 FROM campaigns_campaign c
     WHERE c.session_id = s.id AND c.status = 'running'
       AND EXISTS (SELECT 1 FROM campaigns_delivery d
                    WHERE d.campaign_id = c.id AND d.session_id = s.id
                      AND d.status = 'queued' AND d.not_before <= statement_timestamp()))))""",
    in_hand="""(
    EXISTS (SELECT 1 FROM campaigns_delivery d WHERE d.session_id = s.id AND d.status = 'sending')
 OR EXISTS (SELECT 1 FROM campaigns_notice n WHERE n.session_id = s.id AND n.status = 'sending'))""",
    # A test to oneself that has not arrived, or a word that a member said they would write.
    watched=f"""(
    EXISTS (SELECT 1 FROM campaigns_notice n
             WHERE n.session_id = s.id AND n.message_id <> '' AND n.kind = 'self_test'
               AND n.status = 'sent' AND n.sent_at > statement_timestamp() - interval '5 minutes')
 OR EXISTS (SELECT 1 FROM campaigns_numberproof p
             WHERE p.session_id = s.id AND p.how = 'wrote' AND p.proven_at IS NULL
               AND p.asked_at > statement_timestamp() - interval '{VALID.total_seconds():.0f} seconds'))""",
    doubts="""(
    EXISTS (SELECT 1 FROM campaigns_delivery d
             WHERE d.session_id = s.id AND d.status = 'uncertain' AND d.pressed_at IS NOT NULL
               AND d.ended_at > link.visited_at)
 OR EXISTS (SELECT 1 FROM campaigns_notice n
             WHERE n.session_id = s.id AND n.status = 'uncertain' AND n.pressed_at IS NOT NULL
               AND n.ended_at > link.visited_at))""",
    # All that campaigns.limits.pacing.limits_of_all makes them of.
    limits="""(
    SELECT md5(row(s.pacing, business.time_zone, link.transport, link.linked_at, s.new_chats_left,
                   s.new_chats_told_at, s.new_chats_until, s.new_chats_until > statement_timestamp(), own.*)::text)
      FROM accounts_business business
      JOIN wa_sessions_link link ON link.id = s.active_link_id
      LEFT JOIN campaigns_sessionlimits own ON own.session_id = s.id
     WHERE business.id = s.business_id)""",
)
