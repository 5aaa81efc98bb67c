from users.admin import sign_in, users

__all__ = ["sign_in", "users"]
