"""What comes out: findings and their evidence, cases and what made them, runs and quarantine."""

from __future__ import annotations

from dataclasses import replace

from claims.model.column import Table, amounts, closed, dates, texts, typed

SUBJECTS = "provider member employer claim account group"

FINDINGS = Table(
    name="findings",
    kind="result",
    key=("run_id", "finding_id"),
    columns=(
        *texts("finding_id* run_id* detector* detector_version*"),
        *closed("subject_type*", SUBJECTS),
        *texts("subject_id*"),
        *dates("period_start_date period_end_date"),
        *typed("double", "score*"),
        *amounts("overpayment"),
        *texts("reason* details"),
    ),
)

EVIDENCE = Table(
    name="evidence",
    kind="result",
    key=("run_id", "finding_id", "table_name", "row_key"),
    columns=(
        *texts("run_id* finding_id* table_name* row_key*"),
        *amounts("amount"),
        *texts("person_id provider_id"),
        *closed("role", "flagged context"),
    ),
)

# What rules in shadow say: the same shape, apart from what counts.
SHADOW_FINDINGS = replace(FINDINGS, name="shadow_findings")
SHADOW_EVIDENCE = replace(EVIDENCE, name="shadow_evidence")

CASES = Table(
    name="cases",
    kind="result",
    key=("run_id", "case_id"),
    columns=(
        *texts("case_id* run_id*"),
        *typed("int", "rank*"),
        *closed("subject_type*", SUBJECTS),
        *texts("subject_id*"),
        *typed("double", "score* suspicion*"),
        *amounts("exposure overpayment expected_recovery"),
        *typed("boolean", "within_capacity"),
        *typed("int", "families"),
        *closed("selection", "ranked random referred"),
        *texts("summary"),
    ),
)

CASE_CONTRIBUTIONS = Table(
    name="case_contributions",
    kind="result",
    key=("run_id", "case_id", "detector", "finding_id"),
    columns=(*texts("run_id* case_id* detector* finding_id"), *typed("double", "points*")),
)

RUNS = Table(
    name="runs",
    kind="result",
    key=("run_id",),
    columns=(
        *texts("run_id*"),
        *closed("kind", "load check run"),
        *typed("timestamp_ntz", "started_at finished_at"),
        *closed("status", "running succeeded failed"),
        *dates("period_start_date period_end_date"),
        *texts("code_version rulebook_hash"),
        *typed("bigint", "seed"),
        *texts("rows not_run parameters"),
    ),
)

QUARANTINE = Table(
    name="quarantine",
    kind="result",
    key=(),
    columns=(
        *texts("table_name* row"),
        *typed("array<string>", "reasons"),
        *texts("run_id*"),
    ),
)

# Which claims and payments a later void or replacement names: written by a load beside the detail,
# in the bucket of the person whose rows are superseded, so that net state is local to a bucket.
SUPERSEDED = Table(
    name="superseded",
    kind="detail",
    key=("table_name", "data_source", "superseded_id"),
    person="person_id",
    sort=("person_id",),
    columns=texts("table_name* data_source superseded_id* superseded_by* person_id*"),
)

TABLES = (
    FINDINGS, EVIDENCE, SHADOW_FINDINGS, SHADOW_EVIDENCE, CASES, CASE_CONTRIBUTIONS, RUNS,
    QUARANTINE,
)  # fmt: skip
