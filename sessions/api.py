"""The WhatsApp accounts of a business, to read."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, viewsets

from sessions.models import WhatsAppSession
from sessions.states import State

if TYPE_CHECKING:
    Serializer = serializers.ModelSerializer[WhatsAppSession]
    ReadOnly = viewsets.ReadOnlyModelViewSet[WhatsAppSession]
else:
    Serializer = serializers.ModelSerializer
    ReadOnly = viewsets.ReadOnlyModelViewSet


class SessionSerializer(Serializer):
    """A WhatsApp account and how it is."""

    state = serializers.ChoiceField(choices=State.choices)
    state_reason = serializers.CharField(read_only=True)
    state_until = serializers.DateTimeField(allow_null=True)
    linked_at = serializers.DateTimeField(allow_null=True)
    proven_at = serializers.DateTimeField(allow_null=True)
    explanation = serializers.CharField(read_only=True, help_text=_("o motivo, em palavras"))

    class Meta:
        model = WhatsAppSession
        fields = (
            "id",
            "name",
            "phone",
            "state",
            "state_reason",
            "explanation",
            "state_until",
            "linked_at",
            "proven_at",
            "last_sent_at",
        )
        read_only_fields = fields


class SessionViewSet(ReadOnly):
    """List and read; linking and unlinking need a person and a phone, so they stay on the pages."""

    serializer_class = SessionSerializer
    queryset = WhatsAppSession.objects.none()

    def get_queryset(self) -> QuerySet[WhatsAppSession]:
        """The caller's business only; nothing while the schema is drawn."""
        business = getattr(self.request, "business", None)
        return WhatsAppSession.objects.filter(business=business) if business else self.queryset
