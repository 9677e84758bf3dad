"""Contacts, what they agreed to, and the imports that brought them.

Rows that belong to two parents of one business carry `business_id`, and composite foreign keys
(the first migration) make the database refuse a pair from two businesses (docs/decisions/0004).
"""

from contacts.models.consents import Consent, Subscription
from contacts.models.erasures import ErasedConsent, Erasure
from contacts.models.imports import Import, ImportProblem
from contacts.models.opt_ins import OptIn, OptInText
from contacts.models.people import Contact, Segment
from contacts.models.person_requests import PersonRequest
from contacts.models.preferences import PreferenceChange
from contacts.models.retention import Retention, RetentionRun
from contacts.models.stops import Stop
from contacts.models.topics import ConsentWording, Source, State, Topic

__all__ = [
    "Consent",
    "ConsentWording",
    "Contact",
    "ErasedConsent",
    "Erasure",
    "Import",
    "ImportProblem",
    "OptIn",
    "OptInText",
    "PersonRequest",
    "PreferenceChange",
    "Retention",
    "RetentionRun",
    "Segment",
    "Source",
    "State",
    "Stop",
    "Subscription",
    "Topic",
]
