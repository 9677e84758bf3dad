"""What a business declares about the consent of the people in a file."""

from dataclasses import dataclass

from contacts.models import ConsentWording, Import, Source, Topic


@dataclass(frozen=True)
class Declaration:
    """Where consent comes from: without one an import grants nothing.

    `source` is a contacts.models.Source; `wording` is what the people read when they agreed. `everyone`:
    it is said of all rows, of a list without a column that says who agreed.
    """

    topic: Topic
    source: str
    wording: str
    everyone: bool = False

    def __post_init__(self) -> None:
        known = dict(Source.declared())
        if self.source not in known:
            raise ValueError(f"no source of consent {self.source!r}: {', '.join(known)}")
        if not self.wording.strip():
            raise ValueError("a declaration needs the words that people agreed to")


def declare(upload: Import, declaration: Declaration) -> None:
    """Put a declaration on an (unsaved) import; its wording is kept once per business."""
    if declaration.topic.business_id != upload.business_id:
        raise ValueError("the topic is another business's")
    upload.topic = declaration.topic
    upload.source = declaration.source
    upload.of_everyone = declaration.everyone
    upload.wording, _created = ConsentWording.objects.get_or_create(
        business=upload.business, text=declaration.wording.strip()
    )
