"""bench render: a message's text from its contact's values, against the plainest way to fill a text."""

from collections.abc import Iterator

from blu.lab.bench.measuring import Figure, median, peak_mb, seconds
from campaigns.messages import variables

ROWS = 100_000
ROUNDS = 5
TEXT = "Olá, {{nome|tudo bem}}! A vacina chegou na unidade {{unidade|Centro}}."
PLAIN = "Olá, {nome}! A vacina chegou na unidade {unidade}."
VALUES = {"nome": "Lúcia", "unidade": "Sul"}


def measure(rows: int) -> Iterator[Figure]:
    """Render `rows` texts, and format as many, in turn; texts a second by the medians."""
    rendered, formatted = [], []
    for _round in range(ROUNDS):
        rendered.append(
            rows / seconds(lambda: [variables.render(TEXT, VALUES) for _ in range(rows)])
        )
        formatted.append(rows / seconds(lambda: [PLAIN.format(**VALUES) for _ in range(rows)]))
    yield Figure(
        bench="render", rows=rows, unit="texts per second", figure=median(rendered),
        floor=median(formatted), peak_mb=peak_mb(), target="300,000 texts a second",
    )  # fmt: skip
