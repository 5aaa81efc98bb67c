"""What was spent before there was a ledger is entered into it, so that the books begin right."""

from collections import defaultdict
from decimal import Decimal

from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def enter(apps, editor):
    Step, Entry, Total, Batch = (
        apps.get_model("jobs", name) for name in ("Step", "LedgerEntry", "MonthTotal", "Batch")
    )
    totals, spent = defaultdict(lambda: [Decimal(0), Decimal(0), 0]), defaultdict(Decimal)
    held = Step.objects.filter(Q(cost__gt=0) | Q(cost=None, reserved__gt=0))
    for step in held.iterator():
        settled = step.cost is not None
        amount = step.cost if settled else step.reserved
        images = max(1, len(step.images)) if settled else 0
        at = step.submitted_at or step.due_at
        month = timezone.localtime(at).date().replace(day=1)
        Step.objects.filter(pk=step.pk).update(paid_images=images)
        Entry.objects.create(
            at=at,
            month=month,
            kind="settle" if settled else "reserve",
            amount=amount,
            paid_images=images,
            account_id=step.account_id,
            model=step.model,
            batch_id=step.batch_id,
            step_id=step.pk,
        )
        total = totals[step.account_id, step.model, month]
        total[settled] += amount
        total[2] += images
        spent[step.batch_id] += amount
    for (account, model, month), (reserved, billed, images) in totals.items():
        sums = {"reserved": reserved, "billed": billed, "paid_images": images}
        Total.objects.create(account_id=account, model=model, month=month, **sums)
    for batch, amount in spent.items():
        Batch.objects.filter(pk=batch).update(spent=amount)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_money")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
