from api.models.favourite import Favourite
from api.models.idempotency import IdempotencyKey

__all__ = ["Favourite", "IdempotencyKey"]
