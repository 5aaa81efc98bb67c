"""What bench/fill.py launches: batches, jobs, steps, results, decisions, events, money."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import rows
from django.utils import timezone
from fill_library import DAYS

# How large launches are, and how often.
SIZES, SHARES = (80, 300, 700, 1200, 2000), (35, 35, 18, 10, 2)
LIVE = 6  # batches at work right now
# Account, model, CNY a call; and in which order of frequency.
ACCOUNTS = {
    "dashscope": ("aitryon-plus", "0.50"),
    "aliyun-market": ("v1", "0.40"),
    "aidge": ("standard", "0.35"),
    "local": ("", "0"),
}
ERRORS = (
    ("InvalidPerson", "content", "The input person image is invalid"),
    ("InvalidGarment", "content", "The garment could not be recognised"),
    ("DataInspectionFailed", "content", "Input data may contain inappropriate content"),
    ("InternalError.Timeout", "transient", "The task timed out"),
    ("Throttling.RateQuota", "throttled", "Requests rate limit exceeded"),
    ("garment_background_not_plain", "input", "The background is not plain"),
)


def plan(jobs: int) -> list[tuple[Any, ...]]:
    """Launches until there are so many jobs, the newest last and large. A scratch table `plan`."""
    from jobs.models import ProviderAccount

    dice, accounts = random.Random(1), {a.alias: a.pk for a in ProviderAccount.objects.all()}
    sizes: list[int] = []
    while sum(sizes) < jobs:
        sizes.append(min(dice.choices(SIZES, SHARES)[0], jobs))
    sizes[-1] = sizes[len(sizes) // 2] = min(2000, jobs)
    now, first, table = timezone.now(), 1, []
    for n, size in enumerate(sizes, 1):
        at = now - timedelta(minutes=20) - timedelta(days=DAYS - 1) * (1 - n / len(sizes))
        alias = dice.choices(list(ACCOUNTS), (55, 20, 10, 15))[0]
        model, price = ACCOUNTS[alias]
        kind = dice.choices(("plain", "keep", "refine"), (75, 15, 10))[0]
        kind = kind if alias == "dashscope" else "plain"
        samples = 1 + (n % 3 == 0)
        recipe = {"model": model, "samples": samples, "keep_rest": kind == "keep"}
        recipe |= {"refine": kind == "refine"}
        live = n > len(sizes) - LIVE
        table.append(
            (
                *(n, first, size, accounts[alias], alias, model, price, kind, samples),
                *(json.dumps(recipe), live, at, n / len(sizes)),
            )
        )
        first += size
    rows.scratch(
        "plan",
        "id int, first int, size int, account int, alias text, model text, price numeric,"
        " kind text, samples int, recipe jsonb, live bool, at timestamptz, share float",
        table,
    )
    return table


def batches() -> None:
    from jobs.models import Batch

    rows.insert(
        Batch,
        "plan b",
        id="b.id",
        name="concat('Launch ', b.id, ': ', b.alias, ' ', to_char(b.at, 'MM-DD'))",
        account_id="b.account",
        recipe="b.recipe",
        estimate="b.size * b.samples * b.price",
        budget="CASE WHEN mod(b.id, 4) = 0 THEN b.size * b.samples * b.price * 1.2 END",
        created_by_id="2 + mod(b.id, 6)",
        created_at="b.at",
        updated_at="b.at",
        # Some wait for somebody, as they do on any day.
        paused_at="CASE WHEN b.live AND mod(b.id, 6) = 0 THEN now() END",
    )


def jobs(garments: int, persons: int) -> None:
    """Six persons by the garments of the batch's time; ids in the order of launching."""
    from jobs.models import TryOnJob

    codes, kinds, texts = (
        "(ARRAY[" + ", ".join(f"'{row[n]}'" for row in ERRORS) + "])[j.fault]" for n in range(3)
    )
    ended = "CASE WHEN j.state NOT IN ('queued', 'running') THEN j.began + j.took END"
    rows.insert(
        TryOnJob,
        f"({_drawn(garments, persons)}) j",
        id="j.id",
        batch_id="j.batch",
        person_id="j.person",
        top_id=f"CASE WHEN j.outfit <= 3 THEN {_garment('top', 'j.a')} END",
        bottom_id=f"CASE WHEN j.outfit IN (3, 4) THEN {_garment('bottom', 'j.b')} END",
        dress_id=f"CASE WHEN j.outfit = 5 THEN {_garment('dress', 'j.a')} END",
        account_id="j.account",
        recipe="j.recipe",
        fingerprint="md5(j.id::text) || md5((j.id + 1)::text)",
        state="j.state",
        error_code=f"CASE WHEN j.state = 'failed' THEN {codes} ELSE '' END",
        error_kind=f"CASE WHEN j.state = 'failed' THEN {kinds} ELSE '' END",
        error_message=f"CASE WHEN j.state = 'failed' THEN {texts} ELSE '' END",
        created_by_id="2 + mod(j.batch, 6)",
        created_at="j.at",
        started_at="CASE WHEN j.state NOT IN ('queued', 'canceled') THEN j.began END",
        finished_at=ended,
        updated_at=f"coalesce({ended}, j.at)",
    )
    rows.analyse(TryOnJob)
    _repeat()


def _drawn(garments: int, persons: int) -> str:
    """Each job with its dice thrown once."""
    return f"""
        SELECT *, coalesce(picked, CASE WHEN doubt < 0.0005 THEN 'needs_attention'
            ELSE 'succeeded' END) AS state
        FROM (
            SELECT b.first + k AS id, b.id AS batch, b.account, b.recipe, b.at, k,
                1 + mod(b.id * 13 + mod(k, 6) * 31, {persons}) AS person,
                b.at + k * interval '3 seconds' AS began,
                (5 + random() * 25) * interval '1 s' AS took,
                (ARRAY[1, 1, 1, 1, 2, 2, 3, 3, 4, 5])[1 + floor(random() * 10)::int] AS outfit,
                1 + floor(power(random(), 2) * {len(ERRORS)})::int AS fault,
                {_near(garments)} AS a, {_near(garments)} AS b, random() AS doubt,
                CASE WHEN b.live AND k > b.size * 0.45 THEN 'queued'
                     WHEN b.live AND k > b.size * 0.44 THEN 'running'
                     ELSE (ARRAY['failed', 'failed', 'failed', 'failed', 'failed', 'canceled'])
                          [1 + floor(random() * 93)::int] END AS picked
            FROM plan b, generate_series(0, b.size - 1) k
        ) drawn"""


def _near(garments: int) -> str:
    """A tenth of the garments: mostly what was new when the batch was launched."""
    tens = garments // 10
    return (
        f"CASE WHEN random() < 0.7 THEN greatest(0, floor({tens} * (b.share * 0.97"
        f" - 0.03 * random())))::int ELSE floor({tens} * 0.97 * random())::int END"
    )


def _garment(slot: str, ten: str) -> str:
    """An id of that slot; one in four is never worn."""
    first, many = {"top": (1, 4), "bottom": (6, 2), "dress": (9, 1)}[slot]
    return f"10 * {ten} + {first} + mod(j.k, {many})"


def _repeat() -> None:
    """The last succeeded jobs of each batch repeat two of three of its failed ones."""
    ranked = """
        SELECT id, batch_id, row_number() OVER (PARTITION BY batch_id ORDER BY id {0}) AS place
        FROM jobs_tryonjob WHERE state = '{1}'"""
    rows.run("CREATE TEMPORARY TABLE bad AS " + ranked.format("", "failed"))
    rows.run("CREATE TEMPORARY TABLE good AS " + ranked.format("DESC", "succeeded"))
    rows.run("DELETE FROM good WHERE place > 200")
    rows.run("ANALYZE bad, good")
    rows.run(
        "UPDATE jobs_tryonjob j SET repeat_of_id = bad.id FROM bad JOIN good"
        " USING (batch_id, place) WHERE j.id = good.id AND good.id > bad.id AND mod(place, 3) > 0"
    )


def reused_jobs() -> None:
    """Some launches reuse a few jobs that were made before."""
    from jobs.models import Batch

    rows.insert(
        Batch.reused_jobs.through,
        "plan b, generate_series(1, 12) k WHERE mod(b.id, 5) = 0 AND b.first > 2000",
        batch_id="b.id",
        tryonjob_id="b.first - 1000 - k",
    )


def steps() -> None:
    """A call of each job; a second one of those that keep the rest or refine."""
    from jobs.models import Step

    state = "(CASE j.state WHEN 'succeeded' THEN 'done' WHEN 'queued' THEN 'waiting' WHEN"
    state += " 'running' THEN 'remote' WHEN 'needs_attention' THEN 'unknown' ELSE j.state END)"
    rows.insert(
        Step,
        "jobs_tryonjob j JOIN plan b ON b.id = j.batch_id CROSS JOIN generate_series(0, 1) k"
        " WHERE k = 0 OR (b.kind <> 'plain' AND j.state = 'succeeded') ORDER BY j.id, k",
        id="j.id * 2 + k",
        job_id="j.id",
        position="k",
        operation="CASE WHEN b.kind = 'keep' AND k = 0 THEN 'parse'"
        " WHEN b.kind = 'refine' AND k = 1 THEN 'refine' ELSE 'tryon' END",
        state=state,
        account_id="j.account_id",
        model="CASE WHEN b.kind = 'keep' AND k = 0 THEN 'aitryon-parsing-v1'"
        " WHEN b.kind = 'refine' AND k = 1 THEN 'aitryon-refiner' ELSE b.model END",
        batch_id="b.id",
        due_at="j.created_at",
        remote_id=f"CASE WHEN {state} IN ('done', 'remote', 'storing')"
        " THEN md5((j.id * 2 + k)::text) ELSE '' END",
        submitted_at="j.started_at + k * interval '3 s'",
        accepted_at="j.started_at + (k * 3 + 1) * interval '1 s'",
        ended_at="j.finished_at - (1 - k) * interval '1 s'",
        reserved="CASE WHEN j.state IN ('queued', 'canceled') THEN 0 ELSE b.price END",
        cost="CASE j.state WHEN 'succeeded' THEN b.price WHEN 'failed' THEN 0 END",
        paid_images="CASE WHEN j.state = 'succeeded' AND b.price > 0 THEN 1 ELSE 0 END",
        images="jsonb_build_array(jsonb_build_object('url', 'https://example.com/'||j.id||'.jpg'))",
        raw="jsonb_build_object('output', jsonb_build_object('task_status', 'SUCCEEDED',"
        " 'task_id', md5(j.id::text), 'submit_time', j.created_at))",
        error_code="j.error_code",
        error_message="j.error_message",
    )
    rows.analyse(Step)


def results() -> None:
    """Images in the order in which they were stored; most reviewed, a third of those published."""
    from jobs.models import Result

    rows.insert(
        Result,
        f"({_images()}) r JOIN pool p ON p.kind = 'person'"
        " AND p.n = mod(r.person_id, (SELECT count(*) FROM pool WHERE kind = 'person'))",
        id="r.id",
        sha256="md5(r.id::text) || md5((r.id + 7)::text)",
        job_id="r.job_id",
        step_id="r.step_id",
        index="r.index",
        role="r.role",
        part="CASE WHEN r.role = 'cutout' THEN 'bottom' ELSE '' END",
        warnings="CASE WHEN mod(r.id, 9) = 0 THEN '[\"neckline_uncertain\"]'::jsonb"
        " ELSE '[]'::jsonb END",
        review="r.review",
        published_at="CASE WHEN r.review = 'approved' AND mod(r.id, 3) = 0"
        " THEN r.at + interval '1 day' END",
        created_at="r.at",
        updated_at="r.at + interval '5 hours'",
        **{name: f"p.{name}" for name in ("original", "large", "thumb", "width", "height")},
    )
    rows.analyse(Result)


def _images() -> str:
    """Each image with its role, its number by time, and what reviewers decided."""
    return """
        SELECT *, CASE WHEN role <> 'final' THEN 'pending'
            WHEN at > now() - interval '2 days' AND dice < 0.7 THEN 'pending'
            WHEN dice < 0.02 THEN 'pending' WHEN dice < 0.21 THEN 'rejected'
            ELSE 'approved' END AS review
        FROM (
            SELECT row_number() OVER (ORDER BY j.finished_at, s.id, k) AS id, j.id AS job_id,
                s.id AS step_id, k AS index, j.person_id, s.ended_at AS at, random() AS dice,
                CASE WHEN s.operation = 'parse' THEN 'cutout'
                     WHEN b.kind = 'refine' AND s.position = 0 THEN 'unrefined'
                     ELSE 'final' END AS role
            FROM jobs_step s JOIN jobs_tryonjob j ON j.id = s.job_id
            JOIN plan b ON b.id = j.batch_id CROSS JOIN generate_series(0, 1) k
            WHERE s.state = 'done' AND (k = 0 OR (b.samples = 2 AND s.operation = 'tryon'))
        ) image"""


def decisions() -> None:
    from review.models import Decision

    reasons = ", ".join(f"'{reason}'" for reason in Decision.Reason.values)
    rows.insert(
        Decision,
        "jobs_result r WHERE r.review <> 'pending' ORDER BY r.id",
        result_id="r.id",
        verdict="r.review",
        reason=f"CASE WHEN r.review = 'rejected' THEN (ARRAY[{reasons}])"
        f"[1 + mod(r.id, {len(Decision.Reason.values)})] ELSE '' END",
        by_id="2 + mod(r.id, 6)",
        at="r.created_at + interval '5 hours'",
    )
    rows.analyse(Decision)


def events() -> None:
    """Every move of jobs and steps that is over, and every decision; by time."""
    from jobs.models import Event

    moves = """
        SELECT started_at AS at, 'job' AS kind, id, id AS job_id, 'queued' AS old,
            'running' AS new, NULL::int AS by_id, '' AS why
        FROM jobs_tryonjob WHERE started_at IS NOT NULL
        UNION ALL SELECT finished_at, 'job', id, id, 'running', state, NULL, error_code
        FROM jobs_tryonjob WHERE finished_at IS NOT NULL
        UNION ALL SELECT submitted_at, 'step', id, job_id, 'waiting', 'submitting', NULL, ''
        FROM jobs_step WHERE submitted_at IS NOT NULL
        UNION ALL SELECT accepted_at, 'step', id, job_id, 'submitting', 'remote', NULL, ''
        FROM jobs_step WHERE accepted_at IS NOT NULL
        UNION ALL SELECT ended_at, 'step', id, job_id, 'remote', state, NULL, error_code
        FROM jobs_step WHERE ended_at IS NOT NULL
        UNION ALL SELECT d.at, 'result', r.id, r.job_id, 'pending', d.verdict, d.by_id, d.reason
        FROM review_decision d JOIN jobs_result r ON r.id = d.result_id"""
    rows.insert(
        Event,
        f"({moves}) m ORDER BY m.at",
        at="m.at",
        kind="m.kind",
        object_id="m.id",
        job_id="m.job_id",
        from_state="m.old",
        to_state="m.new",
        by_id="m.by_id",
        worker="CASE WHEN m.by_id IS NULL THEN 'worker-1:4242' ELSE '' END",
        why="m.why",
    )


def ledger() -> None:
    """Reserved, released and billed, as the moves of the steps would have entered it."""
    from jobs.models import LedgerEntry

    entry = "jobs_step s CROSS JOIN (VALUES ('reserve', 0), ('release', 1), ('settle', 2)) e(k, n)"
    rows.insert(
        LedgerEntry,
        f"{entry} WHERE s.submitted_at IS NOT NULL AND s.reserved > 0 AND (e.k = 'reserve'"
        " OR (e.k = 'release' AND s.cost IS NOT NULL) OR (e.k = 'settle' AND s.cost > 0))"
        " ORDER BY s.id, e.n",
        at="CASE e.k WHEN 'reserve' THEN s.submitted_at ELSE s.ended_at END",
        month=MONTH.format("s.submitted_at"),
        kind="e.k",
        amount="CASE e.k WHEN 'release' THEN -s.reserved WHEN 'settle' THEN s.cost"
        " ELSE s.reserved END",
        paid_images="CASE e.k WHEN 'settle' THEN s.paid_images ELSE 0 END",
        account_id="s.account_id",
        model="s.model",
        batch_id="s.batch_id",
        step_id="s.id",
    )


MONTH = "date_trunc('month', {} AT TIME ZONE current_setting('TIMEZONE'))::date"


def totals() -> None:
    """The sums that limits are checked against: months and batches."""
    from jobs.models import MonthTotal

    rows.insert(
        MonthTotal,
        "jobs_ledgerentry l GROUP BY l.account_id, l.model, l.month",
        account_id="l.account_id",
        model="l.model",
        month="l.month",
        billed="coalesce(sum(amount) FILTER (WHERE kind = 'settle'), 0)",
        reserved="coalesce(sum(amount) FILTER (WHERE kind <> 'settle'), 0)",
        paid_images="sum(paid_images)",
    )
    rows.run(
        "UPDATE jobs_batch b SET spent = l.sum FROM"
        " (SELECT batch_id, sum(amount) FROM jobs_ledgerentry GROUP BY batch_id) l"
        " WHERE l.batch_id = b.id"
    )
