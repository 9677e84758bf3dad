"""Where the API tells what happens."""

from django.urls import path

from tests.cloud.kind import views

urlpatterns = [path("<slug:account>/", views.told, name="cloud_told")]
