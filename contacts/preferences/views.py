"""A person's own page: nobody signs in, the link is the key."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blu.accounts.refused import Refused
from contacts.erasure.services import erase
from contacts.models import State, Stop, Subscription, Topic
from contacts.preferences import links, my_data, services
from contacts.preferences.forms import EraseForm
from contacts.preferences.links import Link

# From one address of the network, on which a whole town may be; and of one person's page.
RATES = {
    "preferences": "300/m/ip",
    "preference_changes": "60/h/key",
    "preference_erasures": "5/h/key",
}
# Rows and letters of each kind on the page; the file has those of before too.
SHOWN, SHOWN_LETTERS = 100, 100_000
Page = Callable[[HttpRequest, str], HttpResponse]


def for_who_has_the_link(view: Callable[[HttpRequest, Link], HttpResponse]) -> Page:
    """Open the page of a link, and tell nobody of it: no other site, no search engine, no browser's cache."""

    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        if _too_often(request, action="preferences"):
            return _whole(request, name="busy", status=HTTPStatus.TOO_MANY_REQUESTS)
        try:
            link = links.opened(token)
        except links.Closed:
            return _whole(request, name="closed", status=HTTPStatus.GONE)
        answer = view(request, link)
        return _hidden(answer)

    return opened


# No cookie gives a right here, so no other site can use one: only who knows the link changes anything. And a page that
# tells nobody where it is sends no Origin to be compared.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_who_has_the_link
def preferences(request: HttpRequest, link: Link) -> HttpResponse:
    """What the person receives, and a button for each change, which counts at once."""
    if request.method != "POST":
        return _page(request, link)
    if _too_often(request, action="preference_changes", key=str(link.contact.pk)):
        return _whole(request, name="busy", status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        _change(request, link)
    except Refused as refused:
        return _page(request, link, str(refused), HTTPStatus.CONFLICT)
    return redirect(f"{request.path}?salvo=1")


@require_safe
@for_who_has_the_link
def preferences_data(request: HttpRequest, link: Link) -> HttpResponse:
    """All that is kept of the person, to read."""
    contact = link.contact
    told = my_data.correspondence(contact, SHOWN, SHOWN_LETTERS)
    context = {
        "contact": contact,
        "text": {"business": contact.business},
        "token": _token(request),
        "consents": my_data.consents_of(contact)[:SHOWN],
        "stops": my_data.stops_of(contact)[:SHOWN],
        "changes": my_data.changes_of(contact)[:SHOWN],
        "messages_sent": [*told["messages"], *told["notices"]],
        "replies": told["replies"],
        "shown": SHOWN,
    }
    return render(request, "contacts/preferences/data.html", context)


@require_safe
@for_who_has_the_link
def preferences_export(request: HttpRequest, link: Link) -> HttpResponse:
    """The same as JSON, to take along."""
    answer = JsonResponse(
        my_data.of_contact(link.contact), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    answer["Content-Disposition"] = 'attachment; filename="meus-dados.json"'
    return answer


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_who_has_the_link
def preferences_erase(request: HttpRequest, link: Link) -> HttpResponse:
    """Says what goes and what stays, asks for the end of the number, and erases."""
    contact = link.contact
    if not link.holds_the_number:
        return redirect("preferences", _token(request))
    form = EraseForm(request.POST or None, contact=contact)
    if request.method == "POST":
        if _too_often(request, action="preference_erasures", key=str(contact.pk)):
            return _whole(request, name="busy", status=HTTPStatus.TOO_MANY_REQUESTS)
        if form.is_valid():
            try:
                erase(business=contact.business, contact=contact)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return render(request, "contacts/preferences/erased.html")
    context = {
        "contact": contact,
        "text": {"business": contact.business},
        "token": _token(request),
        "form": form,
    }
    return render(request, "contacts/preferences/erase.html", context)


def _change(request: HttpRequest, link: Link) -> None:
    """Do what the pressed button says. Raises Refused."""
    action, key = request.POST.get("acao", ""), request.POST.get("assunto", "")
    topic = int(key) if key.isdecimal() and len(key) < 19 else 0
    if action == "ligar":
        services.turn_on(link, topic)
    elif action == "desligar":
        services.turn_off(link, topic)
    elif action == "parar":
        services.stop(link)
    elif action == "voltar":
        services.come_back(link)
    elif action == "apagar":
        services.ask_to_be_erased(link)


def _page(
    request: HttpRequest, link: Link, refused: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    contact = link.contact
    stop = services.stop_of(contact)
    states = dict(Subscription.objects.filter(contact=contact).values_list("topic", "state"))
    topics = Topic.objects.filter(business=contact.business).order_by("name")
    context = {
        "contact": contact,
        "text": {"business": contact.business},
        "link": link,
        "token": _token(request),
        "first_name": contact.name.partition(" ")[0],
        "stop": stop,
        "may_agree": link.holds_the_number and not (stop and stop.why == Stop.Why.OTHER_PERSON),
        "topics": [
            (topic, states.get(topic.pk) == State.GRANTED, services.wording_of(topic))
            for topic in topics.select_related("business")
        ],
        "asked": services.asked_to_be_erased(contact),
        "refused": refused,
        "saved": request.GET.get("salvo") == "1",
    }
    return render(request, "contacts/preferences/page.html", context, status=status)


def _token(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["token"])


def _whole(request: HttpRequest, *, name: str, status: HTTPStatus) -> HttpResponse:
    """A page that says one thing."""
    return _hidden(render(request, f"contacts/preferences/{name}.html", status=status))


def _hidden(answer: HttpResponse) -> HttpResponse:
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _too_often(request: HttpRequest, *, action: str, key: str = "") -> bool:
    used = ratelimit.consume(
        request, app="blu", action=action, config=RATES, key=key or None, limit_get=True
    )
    return used is None
