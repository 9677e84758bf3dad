"""A PDF is written while somebody waits: what others typed into it makes it no longer than some sheets."""

import io

import pypdf

from blu.web import pdf


def sheets(blocks):
    return pypdf.PdfReader(io.BytesIO(pdf.document("Prova", blocks))).pages


def test_a_document_of_many_long_texts_has_some_sheets_and_begins_each_of_them():
    texts = [f"começo{n:03} " + "palavra " * 1_000 for n in range(200)]
    pages = sheets([pdf.quote(text) for text in texts])
    assert len(pages) < 100
    words = "\n".join(page.extract_text() for page in pages)
    assert all(f"começo{n:03}" in words for n in range(200))
    assert len(words) < 2 * pdf.WHOLE


def test_few_texts_stand_whole():
    [page] = sheets([pdf.quote("a " * 500 + "fim"), pdf.quote("b " * 500 + "fim")])
    assert page.extract_text().count("fim") == 2
