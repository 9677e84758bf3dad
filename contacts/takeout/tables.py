"""What a business takes along: a name in the archive, and the statement that gives its rows, one JSON object each.

By SQL, as it reaches the tables of campaigns: what belongs to a business is a rule of contacts (docs/decisions/0054).
"""

_OF_BUSINESS = "business_id = %(business)s"

TABLES: dict[str, str] = {
    "negocio": "SELECT id, name, slug, time_zone, default_area_code, created_at FROM accounts_business WHERE id = %(business)s",
    "equipe": """SELECT m.role, u.name, u.email FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                  WHERE m.business_id = %(business)s ORDER BY m.id""",
    "assuntos": f"SELECT id, name, kind, description, created_at FROM contacts_topic WHERE {_OF_BUSINESS} ORDER BY id",
    "textos_de_aceite": f"SELECT id, version, text, created_at FROM contacts_consentwording WHERE {_OF_BUSINESS} ORDER BY id",
    "publicos": f"SELECT id, name, filter, created_at FROM contacts_segment WHERE {_OF_BUSINESS} ORDER BY id",
    "contatos": f"""SELECT id, phone, name, birth_date, attributes, tags, replaced_by_id, created_at, updated_at
                      FROM contacts_contact WHERE {_OF_BUSINESS} ORDER BY id""",
    "inscricoes": f"SELECT contact_id, topic_id, state, by_contact, since FROM contacts_subscription WHERE {_OF_BUSINESS} ORDER BY id",
    "aceites": f"""SELECT id, contact_id, topic_id, state, source, wording_id, evidence_kind, evidence_ref, source_import_id, at
                     FROM contacts_consent WHERE {_OF_BUSINESS} ORDER BY id""",
    "nao_receber": f"SELECT key, why, source, at, until, lifted_at FROM contacts_stop WHERE {_OF_BUSINESS} ORDER BY id",
    "pedidos": f"""SELECT id, kind, contact_id, phone, note, asked_at, due_at, state, answer, closed_at
                     FROM contacts_personrequest WHERE {_OF_BUSINESS} ORDER BY id""",
    "importacoes": f"""SELECT id, file_name, status, source, topic_id, wording_id, tag, created_at, finished_at, rows_total,
                              imported, updated, unchanged, duplicates, errors, granted
                         FROM contacts_import WHERE {_OF_BUSINESS} ORDER BY id""",
    "modelos": f"SELECT id, name, body, updated_at FROM campaigns_template WHERE {_OF_BUSINESS} ORDER BY id",
    "campanhas": f"""SELECT id, name, topic_id, segment_id, body, footer, status, created_at, launched_at, ended_at, recipients
                       FROM campaigns_campaign WHERE {_OF_BUSINESS} ORDER BY id""",
    "envios": """SELECT d.id, d.campaign_id, d.contact_id, d.phone, d.status, d.reason, d.variables, d.queued_at, d.sent_at,
                        d.delivered_at, d.read_at, d.replied_at, d.ended_at
                   FROM campaigns_campaign c JOIN campaigns_delivery d ON d.campaign_id = c.id
                  WHERE c.business_id = %(business)s""",
    "respostas": f"""SELECT id, contact_id, delivery_id, phone, called, kind, text, earlier, at, edited_at, handled_at
                       FROM campaigns_reply WHERE {_OF_BUSINESS} ORDER BY id""",
    "conexoes": f"SELECT id, name, phone, created_at FROM wa_sessions_whatsappsession WHERE {_OF_BUSINESS} ORDER BY id",
}
