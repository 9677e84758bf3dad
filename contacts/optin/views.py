"""The public pages: agreeing to a topic, and confirming that the number is one's own. Nobody signs in."""

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blu.accounts.refused import Refused
from contacts.models import OptIn, OptInText
from contacts.optin import asking, confirming, reading, texts
from contacts.optin.forms import CodeForm, OptInForm
from contacts.optin.messenger import messenger
from contacts.optin.refusals import OptInRefusal


@csrf_exempt  # a form on the business's own site sends here; nothing of a visitor's is trusted
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str, topic_pk: int) -> HttpResponse:
    """The page of a topic, and its form: a request is kept, and its own page says how to confirm it."""
    read = reading.page_lately if request.method == "POST" else reading.open_page
    text = read(slug, topic_pk)
    if text is None:
        return render(request, "contacts/optin/closed.html", status=HTTPStatus.NOT_FOUND)
    form = OptInForm(request.POST or None, text=text)
    if not form.is_valid():
        return _form(request, text, form)
    if not form.is_of_these_words:
        return _other_words(request, slug, topic_pk)
    try:
        token = asking.ask(
            text=text,
            name=form.cleaned_data["name"],
            phone=form.cleaned_data["phone"],
            address=get_adapter().get_client_ip(request),
        )
    except asking.WordsChanged:
        return _other_words(request, slug, topic_pk)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _form(request, text, form, HTTPStatus.TOO_MANY_REQUESTS)
    return redirect("optin_asked", token)


def _other_words(request: HttpRequest, slug: str, topic_pk: int) -> HttpResponse:
    """The page was changed while somebody read it: what they typed stays, and they read and tick anew."""
    text = reading.open_page(slug, topic_pk)
    if text is None:
        return render(request, "contacts/optin/closed.html", status=HTTPStatus.NOT_FOUND)
    data = request.POST.copy()
    data.pop("agree", None)
    form = OptInForm(data, text=text)
    form.add_error(None, str(OptInRefusal.OTHER_WORDS.label))
    return _form(request, text, form, HTTPStatus.CONFLICT)


def _form(
    request: HttpRequest, text: OptInText, form: OptInForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    number = messenger().number_of(text.business_id)
    # Who is refused may still write by themselves: the page's own code asks for no row.
    link = texts.chat_link(number.phone, texts.message_of_page(text)) if number else ""
    context = {"text": text, "form": form, "number": number, "link": link}
    return render(request, "contacts/optin/page.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """One person's request: what is left to do, and what became of it."""
    wish = reading.request_of(token)
    if wish is None:
        return render(request, "contacts/optin/expired.html", status=HTTPStatus.NOT_FOUND)
    if wish.has_expired:
        context = {"text": wish.text}
        return render(request, "contacts/optin/expired.html", context, status=HTTPStatus.GONE)
    if request.method != "POST" or wish.confirmed_at:
        return _state(request, wish, CodeForm())
    form = CodeForm(request.POST if request.POST.get("acao") == "confirmar" else None)
    try:
        if not form.is_bound:
            messenger().send_code(wish)
        elif form.is_valid():
            confirming.by_typed_code(wish, form.cleaned_data["code"])
    except Refused as refused:
        return _state(request, wish, form, str(refused))
    if form.errors:
        return _state(request, wish, form)
    return redirect("optin_asked", token)


def _state(request: HttpRequest, wish: OptIn, form: CodeForm, refused: str = "") -> HttpResponse:
    number = None if wish.confirmed_at else messenger().number_of(wish.business_id)
    message = texts.message_of(wish)
    context = {
        "wish": wish,
        "state": wish.state,
        "text": wish.text,
        "number": number,
        "message": message,
        "link": texts.chat_link(number.phone, message) if number else "",
        "form": form,
        "refused": refused,
    }
    return render(request, "contacts/optin/asked.html", context)
