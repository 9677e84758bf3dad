"""Pages that belong to no single app."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from blu.accounts.models import WRITERS
from blu.accounts.permissions import BusinessRequest, member_required
from blu.home import attention
from blu.home import dashboard as board


@member_required
@require_safe
def dashboard(request: BusinessRequest) -> HttpResponse:
    """The first page: steps on the first day, what waits for a person on the others."""
    business, now = request.business, timezone.now()
    role = request.membership.role
    waiting = attention.items_of(business, role)
    context = {
        "hello": board.greeting(now, request.user.name),
        "now": now,
        "items": waiting,
        "waiting": sum(item.count for item in waiting),
        "may_write": role in WRITERS,
        "under_way": board.under_way(business),
        "replies": board.recent_replies(business),
    }
    if not board.is_first_day(business):
        context |= {"latest": board.latest(business), "lines": board.lines(business)}
        return render(request, "home/dashboard.html", context)
    steps = board.first_day(business, role)
    done = sum(step.done for step in steps)
    following = next(index for index, step in enumerate(steps) if not step.done)
    context |= {"steps": steps, "done": done, "following": following}
    return render(request, "home/first_day.html", context)


def broken(request: HttpRequest) -> HttpResponse:
    """The page of a fault of ours: without context processors, which may be what broke."""
    return HttpResponseServerError(render_to_string("500.html", {"request": request}))
