from review.admin import decision, result

__all__ = ["decision", "result"]
