"""The admin's addresses. Its pages are loaded here: no worker, watch or server of ours spends its start on them."""

from django.contrib import admin
from django.urls import path

# Before its site is asked for addresses (blu.support.apps).
admin.autodiscover()

urlpatterns = [
    path("", admin.site.urls),
]
