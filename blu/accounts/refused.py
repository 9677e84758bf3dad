"""No, in words: what a service raises and a page shows."""


class Refused(Exception):
    """Nothing was changed; the message is a sentence for the person who asked."""
