"""Notices as signed JSON over HTTP."""

from finops_exporters.webhook.options import WebhookOptions
from finops_exporters.webhook.receiver import Webhook

__all__ = ["Webhook", "WebhookOptions"]
