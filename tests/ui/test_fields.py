"""{% field %}: label, control, help and error, tied together."""

from typing import Any

from django import forms
from django.template import Context, Template


class Example(forms.Form):
    name = forms.CharField(label="Nome", help_text="Como está no documento.")
    agrees = forms.BooleanField(label="Concorda", help_text="Pode mudar depois.")
    place = forms.ChoiceField(label="Onde", choices=[("a", "Aqui"), ("b", "Ali")])
    many = forms.MultipleChoiceField(
        label="Quais", choices=[("a", "Um"), ("b", "Dois")], widget=forms.CheckboxSelectMultiple
    )
    secret = forms.CharField(widget=forms.HiddenInput)
    hinted = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Nome"}))


def draw(field: str, data: dict[str, str] | None = None, options: str = "") -> str:
    template = Template("{% load blu %}{% field form." + field + " " + options + " %}")
    context: dict[str, Any] = {"form": Example(data)}
    return template.render(Context(context)).strip()


def test_the_label_names_the_control() -> None:
    assert '<label class="field__label" for="id_name">Nome</label>' in draw("name")


def test_help_is_announced_with_the_control() -> None:
    html = draw("name")
    assert 'aria-describedby="id_name_help"' in html
    assert '<p class="field__help" id="id_name_help">Como está no documento.</p>' in html
    assert "aria-invalid" not in html


def test_an_error_is_announced_after_the_help() -> None:
    html = draw("name", {})
    assert 'aria-describedby="id_name_help id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.index("field__help") < html.index('id="id_name_error"')


def test_the_whole_line_of_a_checkbox_is_its_label() -> None:
    html = draw("agrees")
    assert html.index("<label") < html.index('class="check__box"') < html.index("</label>")


def test_several_boxes_are_a_group_with_a_legend() -> None:
    html = draw("many")
    assert '<legend class="field__label">Quais</legend>' in html
    assert html.count('class="check__box"') == 2


def test_a_select_has_its_arrow_and_a_hidden_field_nothing() -> None:
    assert '<span class="select">' in draw("place")
    assert "label" not in draw("secret")


def test_a_placeholder_that_repeats_the_label_can_be_taken_away() -> None:
    assert "placeholder" in draw("hinted")
    assert "placeholder" not in draw("hinted", options='placeholder=""')


def test_words_of_an_error_are_escaped() -> None:
    form = Example({"name": "x"})
    form.add_error("name", "<script>alert(1)</script>")
    html = Template("{% load blu %}{% field form.name %}").render(Context({"form": form}))
    assert "<script>" not in html
