"""Campaigns, their deliveries and the replies, to read; templates, to read and write."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from blu.accounts.api import KeysetPagination
from blu.accounts.refused import Refused
from campaigns.messages import content, templates
from campaigns.models import Campaign, Delivery, Reply, Template
from campaigns.reports import funnel

if TYPE_CHECKING:
    CampaignModelSerializer = serializers.ModelSerializer[Campaign]
    DeliveryModelSerializer = serializers.ModelSerializer[Delivery]
    ReplyModelSerializer = serializers.ModelSerializer[Reply]
    TemplateModelSerializer = serializers.ModelSerializer[Template]
    ReadCampaigns = viewsets.ReadOnlyModelViewSet[Campaign]
    ReadReplies = viewsets.ReadOnlyModelViewSet[Reply]
    Templates = viewsets.ModelViewSet[Template]
else:
    CampaignModelSerializer = DeliveryModelSerializer = serializers.ModelSerializer
    ReplyModelSerializer = TemplateModelSerializer = serializers.ModelSerializer
    ReadCampaigns = ReadReplies = viewsets.ReadOnlyModelViewSet
    Templates = viewsets.ModelViewSet


class CampaignSerializer(CampaignModelSerializer):
    """A campaign and its state; `report` below has its numbers."""

    why_paused = serializers.CharField(
        read_only=True, help_text=gettext_lazy("o motivo, em palavras")
    )

    class Meta:
        model = Campaign
        fields = (
            "id",
            "name",
            "status",
            "pause_reason",
            "why_paused",
            "topic",
            "segment",
            "session",
            "body",
            "footer",
            "recipients",
            "created_at",
            "launched_at",
            "ended_at",
        )
        read_only_fields = fields


class DeliverySerializer(DeliveryModelSerializer):
    """One (campaign, contact): where it stands, why, and when it came there."""

    class Meta:
        model = Delivery
        fields = (
            "id",
            "contact",
            "phone",
            "status",
            "reason",
            "variables",
            "queued_at",
            "sent_at",
            "delivered_at",
            "read_at",
            "replied_at",
            "ended_at",
        )
        read_only_fields = fields


class ReplySerializer(ReplyModelSerializer):
    """What a person wrote back; `phone` is "" where they show no number, `earlier` what it said before an edit."""

    campaign = serializers.IntegerField(source="delivery.campaign_id", default=None, read_only=True)
    username = serializers.CharField(read_only=True)

    class Meta:
        model = Reply
        fields = (
            "id",
            "phone",
            "username",
            "contact",
            "campaign",
            "delivery",
            "kind",
            "text",
            "at",
            "edited_at",
            "earlier",
            "handled_at",
        )
        read_only_fields = fields


class TemplateSerializer(TemplateModelSerializer):
    """A reusable text; a wrong variable is refused with its place, as on the page."""

    class Meta:
        model = Template
        fields = ("id", "name", "body", "updated_at")
        read_only_fields = ("updated_at",)

    def validate_body(self, body: str) -> str:
        """The text, or every problem in it, each with its code."""
        try:
            return content.sendable(self.context["request"].business, body)
        except content.FaultyText as refusal:
            raise serializers.ValidationError(
                [ErrorDetail(str(one), one.fault) for one in refusal.problems]
            ) from None

    def validate_name(self, name: str) -> str:
        """The name, unless another template of the business has it."""
        but = self.instance.pk if isinstance(self.instance, Template) else 0
        try:
            templates.refuse_taken_name(
                business=self.context["request"].business, name=name, but=but
            )
        except Refused as refusal:
            raise serializers.ValidationError(str(refusal), refusal.code) from None
        return name


class ByContact(KeysetPagination):
    """Deliveries in the order of the index (campaign, contact)."""

    ordering = "contact_id"


class CampaignViewSet(ReadCampaigns):
    """Campaigns, newest first."""

    serializer_class = CampaignSerializer
    queryset = Campaign.objects.none()
    filterset_fields = ("status",)
    of_writers = ("deliveries",)

    def get_queryset(self) -> QuerySet[Campaign]:
        """The caller's business only; nothing while the schema is drawn."""
        business = getattr(self.request, "business", None)
        return (
            Campaign.objects.filter(business=business).select_related("paused_by")
            if business
            else self.queryset
        )

    @action(detail=True, url_path="report")
    def report(self, request: Request, pk: str | None = None) -> Response:
        """How many people are where; `sent` counts those that reached at least sent, and so on."""
        return Response(asdict(funnel.funnel(self.get_object())))

    @action(detail=True, url_path="deliveries", filter_backends=[], pagination_class=ByContact)
    def deliveries(self, request: Request, pk: str | None = None) -> Response:
        """Every recipient of the campaign, by keyset pages; `?status=` narrows. Who was erased only counts in the report."""
        rows: Any = Delivery.objects.filter(campaign=self.get_object(), contact__isnull=False)
        status = request.query_params.get("status")
        page = self.paginate_queryset(rows.filter(status=status) if status else rows)
        return self.get_paginated_response(DeliverySerializer(page or [], many=True).data)


class ReplyViewSet(ReadReplies):
    """Replies, newest first."""

    serializer_class = ReplySerializer
    of_writers = ("list",)
    queryset = Reply.objects.none()
    filterset_fields = ("kind",)

    def get_queryset(self) -> QuerySet[Reply]:
        """The caller's business only; nothing while the schema is drawn."""
        business = getattr(self.request, "business", None)
        rows = Reply.objects.filter(business=business) if business else self.queryset
        return rows.select_related("delivery")


class TemplateViewSet(Templates):
    """Reusable texts."""

    serializer_class = TemplateSerializer
    queryset = Template.objects.none()

    def get_queryset(self) -> QuerySet[Template]:
        """The caller's business only; nothing while the schema is drawn."""
        business = getattr(self.request, "business", None)
        return Template.objects.filter(business=business) if business else self.queryset

    def perform_create(self, serializer: serializers.BaseSerializer[Template]) -> None:
        """A new text belongs to the caller's business."""
        try:
            with templates.refusing_one_too_many():
                serializer.save(business=self.request.business)  # type: ignore[attr-defined]  # middleware
        except Refused as refusal:
            raise serializers.ValidationError([str(refusal)], refusal.code) from None
