"""Which data of a contact a message may use, and where each comes from in the database.

The snapshot freezes it with `frozen()` and the preview reads it with the same expression, so that
both always say the same. Values are text, without blanks around; missing ones are absent.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Expression, F, Func, TextField, Value
from django.db.models.fields.json import JSONField, KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject, NullIf

from blu.accounts.models import Business
from blu.db.cached_by_cost import pages
from campaigns.messages import variables
from contacts import sampling
from contacts.models import Contact, Import

# The link to the person's own page (contacts.preferences).
PREFERENCES = "preferencias"
# The first word, and the second too after an abbreviated title: "Dra. Lúcia Prado" → "Dra. Lúcia".
_FIRST_NAME = r"^\s*((?:\S+\.\s+)?\S+)"
_BRAZILIAN = r"^\+55(\d\d)(\d{4,5})(\d{4})$"
_RECENT = 2000
# Names of attributes that a text may use: a business's commonest.
ATTRIBUTES_MOST = 300
# Different data in one text: what is missing, and in whom, is looked up for each of them.
USED_MOST = 30
_REMEMBERED = 86_400
# Spreadsheets of which the titles are looked up, and how much of a title is shown.
_SHEETS, _TITLE = 20, 40


_NAMES = f"""
SELECT jsonb_object_keys(attributes) AS name FROM contacts_contact
 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {ATTRIBUTES_MOST}
"""
_NAMES_OF_ALL = _NAMES.replace("GROUP BY", "WHERE business_id = %s GROUP BY")


class Variable(NamedTuple):
    """One datum: its key, how people read it, and the attributes it is taken from.

    Several attributes may share a key ("Plano", "plano"); built-in variables have none.
    """

    key: str
    label: str
    attributes: tuple[str, ...] = ()


def _text(function: str, *arguments: object) -> Func:
    return Func(*arguments, function=function, output_field=TextField())


_BUILT_IN: dict[str, Expression | F] = {
    "nome": _text("substring", F("name"), Value(_FIRST_NAME)),
    "nome_completo": F("name"),
    "nascimento": _text("to_char", F("birth_date"), Value("DD/MM/YYYY")),
    # Whose page the link opens; the link itself is written as the message leaves (campaigns.messages.content).
    PREFERENCES: Cast("pk", TextField()),
    "telefone": _text("regexp_replace", F("phone"), Value(_BRAZILIAN), Value(r"(\1) \2-\3")),
}


def known(business: Business, *, thorough: bool = False) -> dict[str, Variable]:
    """Every variable of a business, by key.

    Attributes are those of the newest contacts and of the last thorough look; `thorough` reads all
    contacts (a second at a million): for saving and launching, not for every key pressed.
    """
    found = _built_in()
    titles = _titles(business.pk)
    for attribute in _attributes(business.pk, thorough):
        name = variables.key(attribute)
        if not name or name in _BUILT_IN:
            continue
        label = titles.get(attribute, "")
        if not label or variables.key(label) in found:  # a second "Nome" is "nome 2"
            label = attribute.strip().replace("_", " ")
        earlier = found.get(name, Variable(name, label))
        found[name] = earlier._replace(attributes=(*earlier.attributes, attribute))
    return found


def used(business: Business, body: str, *, thorough: bool = True) -> list[Variable]:
    """The variables that a text uses and the business has, in order of appearance; the first USED_MOST."""
    wanted = variables.names(body)[:USED_MOST]
    have = _having(business, wanted, thorough=thorough)
    return [have[name] for name in wanted if name in have]


def check(business: Business, body: str) -> list[variables.Problem]:
    """Returns the errors in a text's variables that keep this business from sending it."""
    names = variables.names(body)
    have = _having(business, names, thorough=True)
    if "{" in body.replace("{{", ""):  # between single braces any name of theirs may stand
        have = known(business) | have
    return variables.check(body, have)


def _having(business: Business, names: Iterable[str], *, thorough: bool) -> dict[str, Variable]:
    """The variables among which these are; for what every business has nothing is looked up."""
    have = _built_in()
    if all(name in have for name in names):
        return have
    have = known(business)
    if thorough and any(name not in have for name in names):
        have = known(business, thorough=True)
    return have


def _built_in() -> dict[str, Variable]:
    return {name: Variable(name, name.replace("_", " ")) for name in _BUILT_IN}


def first_name(name: str) -> str:
    """What `{{nome}}` gives for a full name; "" for none."""
    found = re.match(_FIRST_NAME, name)
    return found[1] if found else ""


def value(variable: Variable) -> Expression:
    """The SQL of one datum over contacts: text, or NULL when missing or blank."""
    sources: list[Expression | F] = (
        [KeyTextTransform(name, "attributes") for name in variable.attributes]
        if variable.attributes
        else [_BUILT_IN[variable.key]]
    )
    clean = [
        NullIf(
            _text("btrim", _text("regexp_replace", source, Value(r"\s+"), Value(" "), Value("g"))),
            Value(""),
            output_field=TextField(),
        )
        for source in sources
    ]
    return Coalesce(*clean, output_field=TextField()) if len(clean) > 1 else clean[0]


def frozen(chosen: Iterable[Variable]) -> Expression:
    """The SQL of Delivery.variables over contacts: a JSON object of the data that is there."""
    values = {variable.key: value(variable) for variable in chosen}
    return Func(JSONObject(**values), function="jsonb_strip_nulls", output_field=JSONField())


def _titles(business_id: int) -> dict[str, str]:
    """How the columns of the last spreadsheets were called there, by attribute; the newest name counts."""
    done = Import.objects.filter(business=business_id, status=Import.Status.DONE)
    newest = done.order_by("-id").values_list("columns__columns", flat=True)[:_SHEETS]
    return {
        column["key"]: " ".join(column["title"].split())[:_TITLE]
        for columns in reversed(newest)
        for column in columns or ()
        if column["key"]
    }


def _attributes(business_id: int, thorough: bool) -> list[str]:
    """Names of attributes, sorted; what a thorough look found is remembered for a day."""
    memory = f"contact-attributes:{business_id}"
    if thorough:
        names = _read(business_id, None)
        pages.set(memory, names, _REMEMBERED)
        return sorted(names)
    return sorted({*_read(business_id, _RECENT), *pages.get(memory, ())})


def _read(business_id: int, newest: int | None) -> list[str]:
    """The commonest attributes of the newest contacts, or of all."""
    if newest is not None:
        everyone = Contact.objects.filter(business=business_id)
        return [name for (name,) in sampling.fetch(everyone, newest, _NAMES, newest=True)]
    with connection.cursor() as cursor:
        cursor.execute(_NAMES_OF_ALL, [business_id])
        return [name for (name,) in cursor.fetchall()]
