"""`{% csrf_token %}` also says for which business a form was drawn. Built into every template.

A person may switch to another business in another tab; blu.accounts.middleware then refuses the form.
"""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from blu.accounts.middleware import FIELD, mark_of

register = template.Library()


class MarkedTokenNode(CsrfTokenNode):
    """Django's hidden field, and beside it the business whose page it is."""

    def render(self, context: Context) -> str:
        """Both fields as HTML."""
        mark = mark_of(context.get("request"))
        field = format_html('<input type="hidden" name="{}" value="{}">', FIELD, mark)
        return super().render(context) + (field if mark else "")


@register.tag
def csrf_token(parser: Parser, token: Token) -> MarkedTokenNode:
    """The field against forged requests, with the mark of the business."""
    return MarkedTokenNode()
