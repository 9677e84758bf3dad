"""What counts as asking to stop."""

import pytest

from blu.text.keywords import STOP_WORDS, is_stop


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_every_word_alone_stops_in_any_case(word: str) -> None:
    for text in (word, word.upper(), word.capitalize(), f"  {word}.\n", f"{word}!!!", f"*{word}*"):
        assert is_stop(text), text


@pytest.mark.parametrize(
    "text",
    [
        "quero sair",
        "Quero SAIR, por favor",
        "sair da lista",
        "me remova da lista",
        "parar por favor obrigada",
        "PÁRE",
        "não quero mais receber",
        "Nao quero receber mensagens de vocês",
        "por favor não mande mais",
        "parem de me mandar mensagem",
        "pare de enviar isso",
        "me tira dessa lista",
        "me descadastra aí",
        "não desejo ser incomodada",
    ],
)
def test_plain_sentences_stop(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "vou sair às 10",
        "sair às 10",
        "Posso sair mais cedo?",
        "preciso cancelar minha consulta de amanhã",
        "quero remarcar",
        "não posso parar agora, me liga depois",
        "quero receber mais",
        "não quero perder a vaga",
        "tem ônibus que para de passar às 22h?",
        "sairemos",
        "STOPA",
        "ok obrigado",
        "por favor",
    ],
)
def test_a_word_within_another_sentence_does_not_stop(text: str) -> None:
    assert not is_stop(text)
