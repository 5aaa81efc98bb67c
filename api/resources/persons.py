"""Photos of people: a shopper's own, and the team's for those who work with them."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import ProtectedError, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.idempotency import Act, once
from api.framework.parsers import Form, Json
from api.framework.problems import Problem
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource, created
from api.resources.person_serializers import (
    ATTRIBUTES,
    NewPerson,
    NewPersonForm,
    PersonChanges,
    PersonSerializer,
)
from api.resources.photos import Photo, prepare, sent
from catalog.models import Person
from catalog.photos.add import Intake, OnDuplicate
from privacy import erasure

# What one shopper may keep at a time.
MOST_OWN = 20


class PersonFilter(django_filters.FilterSet):
    class Meta:
        model = Person
        fields = ["gender", "body", "view"]


class Persons(ReadOnlyResource):
    tag = "persons"
    model = Person
    serializer_class = PersonSerializer
    filterset_class = PersonFilter
    parser_classes = (Json, Form)
    idempotent_actions = {"create"}
    throttle_scopes: ClassVar = {"create": "upload"}
    required_permissions: ClassVar = dict.fromkeys(
        ["list", "retrieve", "create", "partial_update", "destroy"], SIGNED_IN
    )

    def shown(self, rows: Any) -> QuerySet:
        return rows.active()

    def withdrawn(self, since: Any) -> Any:
        rows = Person.objects.visible_to(self.request.user).changed_since(since)
        return rows.archived().values_list("pk", flat=True)

    @extend_schema(
        request={"application/json": NewPerson, "multipart/form-data": NewPersonForm},
        responses={200: PersonSerializer, 201: PersonSerializer},
    )
    def create(self, request: Request) -> Response:
        """Add a photo. 200 tells of one that is there already."""
        owner = self._owner("catalog.add_person")
        user: Any = request.user
        intake = Intake(Person, on_duplicate=OnDuplicate.REUSE, owner=owner, by=user)
        return once(request, lambda: self._prepare(request, owner, intake), intake.discard_files)

    def _owner(self, right: str) -> Any:
        """Whose the new row is: the team's (None) for its members, else the user's own."""
        user: Any = self.request.user
        if user.has_perm(right):
            return None
        if user.has_perm("catalog.view_person"):
            raise Problem("forbidden")
        return user

    def _prepare(self, request: Request, owner: Any, intake: Intake[Person]) -> Act:
        order = sent(request, NewPerson, NewPersonForm)
        order.is_valid(raise_exception=True)
        scope = _consent(order.validated_data.get("consent", ""), owner)
        fields = {k: v for k, v in order.validated_data.items() if k in ATTRIBUTES}
        note = _("Stated when the photo was added.") if scope else ""
        fields |= {"consent_scope": scope, "consent_note": note}
        photo = Photo(request)
        if intake.find_existing(photo.data, **fields) is None:
            if owner and Person.objects.of_owner(owner).count() >= MOST_OWN:
                words = _("You have %d photos already: delete one of them first.") % MOST_OWN
                raise Problem("conflict", words)
            prepare(intake)
        return lambda: self._save(intake, photo)

    def _save(self, intake: Intake[Person], photo: Photo) -> Response:
        person = intake.save()
        photo.used()
        status = 201 if person is intake.asset else 200
        address = self.request.build_absolute_uri(reverse("persons-detail", args=[person.pk]))
        return created(self.get_serializer(person).data, address, status)

    @extend_schema(request={"application/json": PersonChanges}, responses=PersonSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        person = self._changeable("catalog.change_person")
        order = PersonChanges(person, data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        if order.validated_data:
            Person.objects.filter(pk=person.pk).update(**order.validated_data)
            person.rejudge()
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Erase the user's own photo with all that was made of it; of the team's, an unused one."""
        person = self._changeable("catalog.delete_person")
        try:
            if person.owner_id:
                erasure.erase_person(person, request.user)
            else:
                Person.objects.filter(pk=person.pk).erase()
        except erasure.EraseRefused as refused:
            raise Problem("conflict", str(refused)) from refused
        except ProtectedError as error:
            words = _("Try-ons were made of this photo: erase the person in the portal.")
            raise Problem("conflict", words) from error
        return Response(status=204)

    def _changeable(self, right: str) -> Person:
        person: Person = self.get_object()
        if not (person.owner_id or self.request.user.has_perm(right)):
            raise Problem("forbidden")
        return person


def _consent(scope: str, owner: Any) -> str:
    if owner and scope != Person.Consent.TRYON:
        words = _("Agree to try-ons of your photo: send tryon.")
        raise Problem("invalid", errors=[Problem.error("/consent", words, "required")])
    return scope
