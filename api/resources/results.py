"""Images that came of try-ons: to look at, to like, to decide, to publish."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import django_filters
from django.db import IntegrityError
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.filters import FlagFilter, IdFilter
from api.framework.idempotency import HEADER
from api.framework.pagination import PLACE
from api.framework.problems import Problem
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource, etag_of
from api.models import Favourite
from api.resources.result_serializers import (
    Decided,
    DecisionOrder,
    DecisionSerializer,
    ResultSerializer,
)
from catalog.models import Person
from jobs.models import PublishRefused, Result, TryOnJob
from review.decide import decide
from review.models import Decision, DecisionRefused

# Jobs whose results are sorted at once.
FEW = 5000


class ResultFilter(django_filters.FilterSet):
    review = django_filters.ChoiceFilter(choices=Result.Review.choices)
    job = IdFilter()
    batch = IdFilter(method="of_jobs")
    person = IdFilter(method="of_jobs")
    garment = IdFilter(method="wearing")
    favourite = FlagFilter()
    published = FlagFilter(field_name="published_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Result
        fields: ClassVar[list[str]] = []

    def of_jobs(self, rows: QuerySet, name: str, value: int) -> QuerySet:
        return self._made_by(TryOnJob.objects.filter(**{name: value}), rows)

    def wearing(self, rows: QuerySet, _name: str, value: int) -> QuerySet:
        worn = Q(top=value) | Q(bottom=value) | Q(dress=value)
        return self._made_by(TryOnJob.objects.filter(worn), rows)

    def _made_by(self, jobs: QuerySet, rows: QuerySet) -> QuerySet:
        """Few are found by their jobs and sorted; of many, the newest are soon met with."""
        pks = jobs.order_by().values("pk")
        found = rows.filter(job__in=pks)
        few = pks[: FEW + 1].count() <= FEW
        return found.annotate(**{PLACE: F("pk") + 0}) if few else found


class Results(ReadOnlyResource):
    tag = "results"
    model = Result
    serializer_class = ResultSerializer
    filterset_class = ResultFilter
    idempotent_actions = if_match_actions = {"decision"}
    required_permissions: ClassVar = {
        "list": SIGNED_IN,
        "retrieve": SIGNED_IN,
        "favourite": SIGNED_IN,
        "unfavourite": SIGNED_IN,
        "decision": "jobs.change_result",
        "decisions": "review.view_decision",
        "publish": "jobs.publish_result",
        "unpublish": "jobs.publish_result",
    }

    def shown(self, rows: Any) -> QuerySet:
        likes = Favourite.objects.filter(user=self.request.user, result=OuterRef("pk"))
        votes = Prefetch("decisions", Decision.objects.order_by("id"), to_attr="votes")
        job = TryOnJob.objects.only("batch", "person", "top", "bottom", "dress")
        found: QuerySet = rows.annotate(favourite=Exists(likes))
        return found.prefetch_related(Prefetch("job", job), votes)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        result = self.get_object()
        data = self.get_serializer(result).data
        return Response(data, headers={"ETag": etag_of(result, data)})

    @extend_schema(request=None, responses={204: None}, operation_id="likeResult")
    @action(detail=True, methods=["put"])
    def favourite(self, request: Request, pk: str) -> Response:
        """Put it on your list of favourites."""
        try:
            Favourite.objects.get_or_create(user=request.user, result=self.get_object())
        except IntegrityError as erased:
            # Whether the result is still there, the database asks only when it commits.
            raise Problem("not-found") from erased
        return Response(status=204)

    @extend_schema(request=None, responses={204: None}, operation_id="unlikeResult")
    @favourite.mapping.delete
    def unfavourite(self, request: Request, pk: str) -> Response:
        """Take it off your list of favourites."""
        Favourite.objects.filter(user=request.user, result=self.get_object()).delete()
        return Response(status=204)

    @extend_schema(request=DecisionOrder, responses=Decided, operation_id="decideResult")
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, pk: str) -> Response:
        """Approve, reject, or take back; of the version that `If-Match` names.

        The Idempotency-Key is a UUID: sent again, the decision counts once.
        """
        result: Result = self.get_object()
        order = DecisionOrder(data=request.data)
        order.is_valid(raise_exception=True)
        values = {"key": _uuid(request), "seen": _seen(request), **order.validated_data}
        try:
            made = decide(result, by=request.user, **values)
        except DecisionRefused as refused:
            raise _refusal(refused, result) from refused
        except Result.DoesNotExist as erased:
            raise Problem("not-found") from erased
        data = {"decision": DecisionSerializer(made).data, "result": self._now()}
        return Response(data, headers={"Idempotency-Replayed": "true"} if made.repeated else {})

    @extend_schema(responses=DecisionSerializer(many=True), operation_id="listResultDecisions")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def decisions(self, request: Request, pk: str) -> Response:
        """All that was decided about it, the oldest first."""
        rows = Decision.objects.filter(result=self.get_object()).select_related("by")
        return Response(DecisionSerializer(rows.order_by("id"), many=True).data)

    @extend_schema(request=None, responses=ResultSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Show an approved image to the public. Done twice, it is done."""
        result: Result = self.get_object()
        if result.review != Result.Review.APPROVED:
            raise Problem("conflict", _("Only approved images are published."))
        try:
            result.publish(request.user)
        except PublishRefused as refused:
            raise Problem("refused", str(refused)) from refused
        except Person.DoesNotExist as erased:
            raise Problem("not-found") from erased
        shown = self._now()
        if not shown["published"]:
            raise Problem("conflict", _("Something changed meanwhile: try again."))
        return Response(shown)

    @extend_schema(request=None, responses=ResultSerializer)
    @action(detail=True, methods=["post"])
    def unpublish(self, request: Request, pk: str) -> Response:
        """Take it down. Done twice, it is done."""
        self.get_object().unpublish(request.user)
        return Response(self._now())

    def _now(self) -> dict[str, Any]:
        """As it is after what was done; 404 where it was erased meanwhile."""
        shown: dict[str, Any] = self.get_serializer(self.get_object()).data
        return shown


def _uuid(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers[HEADER])
    except KeyError as error:
        raise Problem("idempotency-key-missing") from error
    except ValueError as error:
        raise Problem("malformed", _("The Idempotency-Key of a decision is a UUID.")) from error


def _seen(request: Request) -> str:
    """The version in If-Match: a result's `version`, or the part of its ETag before the dot."""
    sent = request.headers.get("If-Match", "").strip()
    if not sent:
        raise Problem("precondition-required", _("Send If-Match with the version that was seen."))
    return sent.strip('"').partition(".")[0]


def _refusal(refused: DecisionRefused, result: Result) -> Problem:
    if refused.code == "changed":
        return Problem("changed-meanwhile", str(refused), version=result.etag)
    if refused.code == "key":
        return Problem("key-of-another-request", str(refused))
    return Problem("already-decided", str(refused), reason=refused.code)
