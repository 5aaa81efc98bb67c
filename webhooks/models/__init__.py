from webhooks.models.delivery import WebhookAttempt, WebhookDelivery
from webhooks.models.endpoint import WebhookEndpoint
from webhooks.models.message import WebhookMessage

__all__ = ["WebhookAttempt", "WebhookDelivery", "WebhookEndpoint", "WebhookMessage"]
