"""The addresses of campaigns.api."""

from rest_framework.routers import SimpleRouter

from campaigns.api import views

router = SimpleRouter()
router.register("campaigns", views.CampaignViewSet, basename="api_campaign")
router.register("templates", views.TemplateViewSet, basename="api_template")
router.register("replies", views.ReplyViewSet, basename="api_reply")

urlpatterns = router.urls
