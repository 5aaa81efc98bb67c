"""Who may call what. Which rows somebody sees is the querysets' business: the others are 404."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

# Words for `required_permissions` of a view, where no model permission says it.
EVERYBODY = "everybody"
SIGNED_IN = "signed in"
# Methods that an address does not have: the framework answers 405.
NOWHERE = (None, "metadata")


class Rights(BasePermission):
    """What each action asks for stands in `view.required_permissions`.

    A permission, SIGNED_IN or EVERYBODY.

    An action that is not named is closed: who adds one has to say for whom.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action in NOWHERE:
            return True
        needed = view.required_permissions.get(view.action)
        if needed == EVERYBODY:
            return True
        user: Any = request.user
        if needed is None or not user.is_authenticated:
            return False
        return needed == SIGNED_IN or user.has_perm(needed)
