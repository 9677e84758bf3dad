"""blü's addresses in a process whose registry has the kind: they are asked for once, when it starts."""

from django.urls import include, path

from blu.urls import urlpatterns as without
from sessions.registry import addresses

urlpatterns = [path("whatsapp/entrada/", include(addresses())), *without]
