"""One chunk of people in a temporary table: its lines as PostgreSQL's COPY reads them, and its statements in order.

A line is built a million times. Joins with the big tables are written as one index look-up per
row (scalar subqueries, LATERAL … OFFSET 0), so that no plan ever reads a million contacts for
twenty thousand rows.
"""

import json
from collections.abc import Iterable

from blu.text import fold
from contacts.models.stops import number_key
from contacts.spreadsheets.rows import Person

COLUMNS = "phone, name, search, birth_date, attributes, tags, flags, answer, row, again"
# json.dumps with the arguments fixed, without building an encoder a million times.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

CREATE = """
CREATE TEMPORARY TABLE import_chunk (
  place integer GENERATED ALWAYS AS IDENTITY, phone text NOT NULL, name text NOT NULL,
  search tsvector NOT NULL, birth_date date, attributes jsonb NOT NULL, tags text[] NOT NULL,
  flags text[] NOT NULL, answer text NOT NULL, row integer NOT NULL, again boolean NOT NULL,
  contact_id bigint, outcome text NOT NULL DEFAULT 'unchanged', stop text
) ON COMMIT DROP
"""
# So that a caller's transaction may hold several chunks.
DROP = "DROP TABLE IF EXISTS import_chunk"

# Whoever stopped, in the form under which stops are kept (contacts.models.Stop).
STOPPED = f"""
UPDATE import_chunk SET stop = found.why
  FROM (SELECT place, (SELECT stop.why FROM contacts_stop stop
                        WHERE stop.business_id = %(business)s AND stop.key = {number_key("chunk.phone")}
                          AND stop.lifted_at IS NULL AND (stop.until IS NULL OR stop.until > statement_timestamp()))
               AS why FROM import_chunk chunk) found
 WHERE found.place = import_chunk.place AND found.why IS NOT NULL
"""

# Whoever was erased, by what Python knows them.
ERASED = "UPDATE import_chunk SET stop = 'erased' WHERE phone = ANY(%s)"

# A number of which its holder said that it is another person's brings nobody in, nor does that of who was erased.
BARRED = "DELETE FROM import_chunk WHERE stop IN ('other_person', 'erased') RETURNING phone, stop"

# Two imports of one business take turns chunk by chunk: without this they could deadlock.
TAKE_TURNS = "SELECT pg_advisory_xact_lock(%(turns)s, %(business)s::integer)"

# Of one person, from all files that ever brought any: beyond that only what is known by its name is renewed.
ATTRIBUTES_MOST, TAGS_MOST = 300, 100

# A later row wins for the fields it fills in; what it doesn't change isn't written at all.
UPSERT = f"""
WITH written AS (
  INSERT INTO contacts_contact AS c (business_id, phone, name, search, birth_date, attributes, tags,
                                     flags, created_at, updated_at)
  SELECT %(business)s, phone, name, search, birth_date, attributes, tags, flags, statement_timestamp(), statement_timestamp()
    FROM import_chunk ORDER BY place
  ON CONFLICT (business_id, phone) DO UPDATE SET
    name = CASE WHEN excluded.name = '' THEN c.name ELSE excluded.name END,
    search = CASE WHEN excluded.name = '' THEN c.search ELSE excluded.search END,
    birth_date = coalesce(excluded.birth_date, c.birth_date),
    attributes = c.attributes || CASE
      WHEN (SELECT count(*) FROM jsonb_object_keys(c.attributes || excluded.attributes)) <= {ATTRIBUTES_MOST}
      THEN excluded.attributes
      ELSE (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(excluded.attributes)
             WHERE c.attributes ? key) END,
    tags = (c.tags || ARRAY(SELECT t FROM unnest(excluded.tags) t WHERE t <> ALL (c.tags)))[1:{TAGS_MOST}],
    flags = excluded.flags,
    updated_at = excluded.updated_at
  WHERE (excluded.name <> '' AND excluded.name <> c.name)
     OR (excluded.birth_date IS NOT NULL AND excluded.birth_date IS DISTINCT FROM c.birth_date)
     OR NOT c.attributes @> excluded.attributes
     OR NOT c.tags @> excluded.tags::varchar[]
     OR c.flags <> excluded.flags::varchar[]
  RETURNING c.id, c.phone, c.xmax = 0 AS created
)
UPDATE import_chunk SET contact_id = written.id,
       outcome = CASE WHEN written.created THEN 'created' ELSE 'updated' END
  FROM written WHERE written.phone = import_chunk.phone
"""

# Of whom not everything was taken, for they have as much already.
NOT_ALL_TAKEN = """
SELECT chunk.phone FROM import_chunk chunk JOIN contacts_contact c ON c.id = chunk.contact_id
 WHERE chunk.outcome = 'updated'
   AND NOT (c.attributes @> chunk.attributes AND c.tags @> chunk.tags::varchar[])
 ORDER BY chunk.place
"""

# Who was there and didn't change is only looked up.
FIND_UNCHANGED = """
UPDATE import_chunk SET contact_id = (
         SELECT c.id FROM contacts_contact c
          WHERE c.business_id = %(business)s AND c.phone = import_chunk.phone)
 WHERE contact_id IS NULL
"""

COUNT = """
SELECT count(*) FILTER (WHERE outcome = 'created'), count(*) FILTER (WHERE outcome = 'updated'),
       count(*) FILTER (WHERE outcome = 'unchanged')
  FROM import_chunk WHERE NOT again
"""

# The declaration is said of the whole list: who wrote nothing agreed. An answer in the sheet stays what it is.
EVERYONE = "UPDATE import_chunk SET answer = 'yes' WHERE answer = ''"

# A yes is consent where nothing is known of the person, or where only an import took it back. Who
# left by themselves, be it another topic, or whom the team took out, stays out: docs/decisions/0009. So
# does who said no in an earlier sheet where the whole list is declared (docs/decisions/0052), and so
# does a number that was corrected: docs/decisions/0026; and one to which a stop stands, also of who was
# nobody's contact yet: docs/decisions/0048. The upsert has locked the contact, so that no correction comes between.
GRANT = """
WITH granted AS (
  INSERT INTO contacts_subscription AS s (business_id, contact_id, topic_id, state, by_contact, since)
  SELECT %(business)s, contact_id, %(topic)s, 'granted', false, statement_timestamp()
    FROM import_chunk
   WHERE answer = 'yes' AND stop IS NULL AND (outcome = 'created' OR (
     SELECT c.replaced_by_id FROM contacts_contact c WHERE c.id = import_chunk.contact_id) IS NULL
     AND (SELECT bool_or(s.by_contact) FROM contacts_subscription s
           WHERE s.contact_id = import_chunk.contact_id) IS NOT TRUE)
   ORDER BY place
  ON CONFLICT (contact_id, topic_id) DO UPDATE SET state = 'granted', since = excluded.since
  WHERE s.state = 'revoked' AND NOT s.by_contact AND NOT %(everyone)s AND (
    SELECT consent.source_import_id FROM contacts_consent consent
     WHERE consent.contact_id = s.contact_id AND consent.topic_id = s.topic_id
     ORDER BY consent.id DESC LIMIT 1) IS NOT NULL
  RETURNING contact_id
)
INSERT INTO contacts_consent (business_id, contact_id, topic_id, state, source, wording_id,
                              evidence_kind, evidence_ref, source_import_id, actor_id, at)
SELECT %(business)s, contact_id, %(topic)s, 'granted', %(source)s, %(wording)s, 'import',
       import_chunk.row::text, %(import)s, %(actor)s, statement_timestamp()
  FROM granted JOIN import_chunk USING (contact_id)
"""

# Who said yes in the sheet and stays out all the same: the result says so, by name, and whether they asked for it.
STAYED_OUT = """
SELECT phone, stop IS NOT NULL FROM import_chunk
 WHERE answer = 'yes' AND (outcome <> 'created' OR stop IS NOT NULL) AND NOT EXISTS (
   SELECT 1 FROM contacts_subscription s
    WHERE s.contact_id = import_chunk.contact_id AND s.topic_id = %(topic)s AND s.state = 'granted')
 ORDER BY place
"""

# An explicit no takes back what stood: of the import's topic, or of all when it has none.
REVOKE = """
WITH standing AS (
  SELECT s.id FROM import_chunk CROSS JOIN LATERAL (
    SELECT id FROM contacts_subscription
     WHERE contact_id = import_chunk.contact_id AND state = 'granted'
       AND (%(topic)s::bigint IS NULL OR topic_id = %(topic)s)
     ORDER BY id FOR UPDATE OFFSET 0) s
   WHERE answer = 'no' AND outcome <> 'created'
), revoked AS (
  UPDATE contacts_subscription s SET state = 'revoked', by_contact = false, since = statement_timestamp()
   WHERE s.id = ANY (ARRAY(SELECT id FROM standing)) AND s.state = 'granted'
  RETURNING s.contact_id, s.topic_id
)
INSERT INTO contacts_consent (business_id, contact_id, topic_id, state, source, wording_id,
                              evidence_kind, evidence_ref, source_import_id, actor_id, at)
SELECT %(business)s, contact_id, topic_id, 'revoked', %(revoked_source)s, NULL, 'import',
       import_chunk.row::text, %(import)s, %(actor)s, statement_timestamp()
  FROM revoked JOIN import_chunk USING (contact_id)
"""


def copy_text(people: Iterable[Person], business_id: int, tag: str = "") -> bytes:
    """The lines of COPY import_chunk (COLUMNS) FROM STDIN; `tag` is added to everybody's."""
    return "".join([_line(person, business_id, tag) for person in people]).encode()


def _line(person: Person, business_id: int, tag: str) -> str:
    tags = [*person.tags, tag] if tag and tag not in person.tags else person.tags
    return "\t".join(
        (
            person.phone,
            _escape(person.name),
            fold.vector(business_id, person.name, person.phone),
            person.birth_date.isoformat() if person.birth_date else "\\N",
            _escape(_json(person.attributes)) if person.attributes else "{}",
            _escape(_array(tags)) if tags else "{}",
            _array(person.flags) if person.flags else "{}",
            person.answer,
            str(person.row),
            "t\n" if person.again else "f\n",
        )
    )


def _escape(text: str) -> str:
    """Values hold no tab and no line break (contacts.spreadsheets.cells), so only this is left."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def _array(items: Iterable[str]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"
