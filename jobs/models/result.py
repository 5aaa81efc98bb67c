"""What came of a job: images, which of them are reviewed, and which the public sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models import Value as V
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ChangeTracked, ChangeTrackedQuerySet, Garment, Person, Picture
from jobs.domain_events import Kind, fire
from jobs.models.event import Event, HasState
from jobs.models.job import TryOnJob

_WORD = models.CharField()


class PublishRefused(ValueError):
    """The person's consent does not cover publishing. Its text names the person and the remedy."""


class ResultQuerySet(ChangeTrackedQuerySet):
    # Who is looking at it is no change of it.
    untracked_fields = frozenset({"leased_by", "leased_until"})

    def final(self) -> Self:
        """The team's finished images: what is reviewed, shown, exported and counted."""
        return self.filter(role=Result.Role.FINAL)

    def team_owned(self) -> Self:
        """Images of every role, but no shopper's."""
        return self.filter(owner=None)

    def finished(self) -> Self:
        """Finished images, the shoppers' own among them."""
        return self.filter(role__in=[Result.Role.FINAL, Result.Role.PRIVATE])

    def visible_to(self, user: Any) -> Self:
        """The user's own images, and the team's finished ones if they have the permission."""
        teams = Q(role=Result.Role.FINAL) if user.has_perm("jobs.view_result") else Q()
        return self.filter(Q(owner=user, role=Result.Role.PRIVATE) | teams)

    def pending_review(self) -> Self:
        return self.final().filter(review=Result.Review.PENDING)

    def for_gallery(self) -> Self:
        """Approved images, newest first, with all that a card shows."""
        return (
            self.final()
            .filter(review=Result.Review.APPROVED)
            .select_related("job__person", "job__top", "job__bottom", "job__dress", "job__account")
            .order_by("-id")
        )

    def published(self) -> Self:
        """What the public may see today: nothing of a person whose consent does not cover it."""
        persons = Person.objects.consenting(timezone.localdate(), publish=True).values("pk")
        approved = self.final().filter(review=Result.Review.APPROVED, published_at__isnull=False)
        return approved.filter(job__person__in=persons)

    def set_published(
        self, ids: Sequence[int], at: datetime | None, *, by: Any, why: str = ""
    ) -> list[int]:
        """Publish at this moment, or (None) take down, those of `ids` that are among these rows.

        The one place that does: only what is approved and of whose person the consent covers it
        becomes public. Returns the ids of those that this call changed.
        """
        rows = self.final().filter(pk__in=ids, review=Result.Review.APPROVED)
        rows = rows.filter(published_at__isnull=at is not None)
        if at is not None:
            rows = rows.filter(job__in=TryOnJob.objects.publishable())
        words = (Result.Review.APPROVED.value, Result.PUBLISHED)
        old, to = words if at else words[::-1]
        with transaction.atomic():
            # Only the results: a lock on the joined jobs would make the dispatcher wait.
            locked = rows.order_by("pk").select_for_update(of=("self",))
            jobs = dict(locked.values_list("pk", "job_id"))
            # Asked again in the UPDATE: somebody may be withdrawing the consent at this moment.
            if rows.filter(pk__in=jobs).update(published_at=at) < len(jobs):
                changed = Result.objects.filter(pk__in=jobs, published_at=at)
                jobs = dict(changed.order_by("pk").values_list("pk", "job_id"))
            if jobs:
                moved = [("result", pk, job, old) for pk, job in jobs.items()]
                Event.record_many(moved, to, by=by, why=why)
                kind = Kind.RESULT_PUBLISHED if at else Kind.RESULT_UNPUBLISHED
                fire(kind, result_ids=list(jobs))
        return list(jobs)

    def of_person(self, person: Person) -> Self:
        return self.filter(job__person=person)

    def with_group(self, by: str) -> Self:
        """With `group`, one word for the "person" or the "outfit": equal for equals, sortable.

        A word and not the column: by that one's index, all of a person's would be read in turn.
        """
        names = ["person"] if by == "person" else Garment.Slot.values
        words = [Coalesce(Cast(f"job__{name}", _WORD), V("")) for name in names]
        dashed = [part for word in words for part in (word, V("-"))]
        return self.annotate(group=Concat(*dashed, output_field=_WORD))

    def of_garment(self, garment_id: int) -> Self:
        # By the jobs' own indexes: over a join the alternatives could use none of them.
        worn = Q(top=garment_id) | Q(bottom=garment_id) | Q(dress=garment_id)
        return self.filter(job__in=TryOnJob.objects.filter(worn).values("pk"))


class Result(ChangeTracked, HasState, Picture):
    """One image that a job produced; the unit of review and publishing."""

    class Role(models.TextChoices):
        CUTOUT = "cutout", _("Cut-out")
        UNREFINED = "unrefined", _("Unrefined")
        FINAL = "final", _("Final")
        # Finished, and a shopper's: nobody reviews, publishes or counts it.
        PRIVATE = "private", _("Private to a shopper")

    class Review(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    # The history's word for an approved image that the public sees.
    PUBLISHED = "published"
    event_kind, event_job = "result", "job_id"
    state_field = "review"

    job = models.ForeignKey(
        "jobs.TryOnJob", models.CASCADE, related_name="results", verbose_name=_("try-on")
    )
    # The shopper to whom it belongs; None: it is the team's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    step = models.ForeignKey(
        "jobs.Step", models.CASCADE, related_name="results", verbose_name=_("step")
    )
    index = models.PositiveSmallIntegerField(_("index"), default=0)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    part = models.CharField(_("part"), max_length=8, blank=True)
    warnings = models.JSONField(_("warnings"), default=list)
    review = models.CharField(
        _("review"), max_length=8, choices=Review, default=Review.PENDING, editable=False
    )
    # Who is looking at it, so that no two reviewers decide it; void after `leased_until`.
    leased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("in review by"),
    )
    leased_until = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("result")
        verbose_name_plural = _("results")
        permissions = [("publish_result", _("Can publish results"))]
        constraints = [
            models.UniqueConstraint(fields=["step", "index"], name="result_once_per_step"),
            models.CheckConstraint(
                condition=Q(review__in=["pending", "approved", "rejected"]),
                name="result_review_known",
            ),
            models.CheckConstraint(
                condition=Q(role="final") | Q(review="pending"), name="result_only_final_reviewed"
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(review="approved"),
                name="result_published_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(role="final", owner=None)
                | Q(role="private", owner__isnull=False)
                | Q(role__in=["cutout", "unrefined"]),
                name="result_owned_is_never_final",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "-id"], condition=Q(owner__isnull=False), name="result_of_owner"
            ),
            models.Index(fields=["updated_at"], name="result_changed"),
            models.Index(
                fields=["-id"], condition=Q(review="approved", role="final"), name="result_gallery"
            ),
            models.Index(
                fields=["id"], condition=Q(review="pending", role="final"), name="result_pending"
            ),
            # How many of a batch wait for review: on its page, and at each decision.
            models.Index(
                fields=["job"],
                condition=Q(review="pending", role="final"),
                name="result_pending_of_job",
            ),
            # The gallery of one person or garment, and which of them its menus offer.
            models.Index(
                fields=["job", "id"],
                condition=Q(review="approved", role="final"),
                name="result_approved_of_job",
            ),
            # The admin's filters by review and role: whatever is rare.
            models.Index(
                fields=["review", "-id"], condition=~Q(review="approved"), name="result_review"
            ),
            models.Index(fields=["role", "-id"], condition=~Q(role="final"), name="result_role"),
            models.Index(
                fields=["id"], condition=Q(published_at__isnull=False), name="result_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Result')} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("result", args=[self.pk])

    @classmethod
    def finished_role(cls, job: TryOnJob) -> Role:
        """The role of the job's finished images."""
        return cls.Role.PRIVATE if job.owner_id else cls.Role.FINAL

    def publish(self, by: Any) -> bool:
        """Show an approved image to the public; whether this call did.

        Raises PublishRefused where the person's consent does not cover it.
        """
        person = Person.objects.get(jobs=self.job_id)
        if refusal := person.consent_refusal(timezone.localdate(), publish=True):
            raise PublishRefused(f"{person}: {refusal}")
        return self._set_published(timezone.now(), by, "")

    def unpublish(self, by: Any, why: str = "") -> bool:
        """Take it down; whether this call did."""
        return self._set_published(None, by, why)

    def _set_published(self, at: datetime | None, by: Any, why: str) -> bool:
        done = bool(Result.objects.set_published([self.pk], at, by=by, why=why))
        if done:
            self.published_at = at
        return done
