"""The admin's addresses. Its pages are loaded here: no worker, watch or server of ours spends its start on them."""

from django.contrib import admin
from django.urls import path

from blu.support.discovery import load_admin_pages

# Before its site is asked for addresses (blu.support.apps).
load_admin_pages()

urlpatterns = [
    path("", admin.site.urls),
]
