"""Features of bank accounts: who was paid on them, for whom, since when and how.

Paid to an account are the net benefit payments that name it, and the net claim lines whose payee
account it is (where a line names none, the account that the billing provider has on file).
Beneficiaries are the persons whose benefits were paid; patients of claim lines are not.
"""

from __future__ import annotations

from features.catalogue import Feature, count, money, ratio, share

NEW_DAYS = 90
CHANGED_DAYS = 60

ACCOUNT_MONEY: tuple[Feature, ...] = (
    money("paid", "paid on claim lines and as benefits", "cents"),
    money("claims_paid", "paid on claim lines", "claim_cents"),
    money("benefits_paid", "paid as benefits", "benefit_cents"),
    money("small_paid", "paid by payments of more than 0 and at most 15", "small_cents"),
    money(
        "off_file_paid",
        "paid for persons and providers who have another account on file",
        "off_file_cents",
    ),
    money(
        "others_paid",
        "benefits of others than the dearest beneficiary",
        "(benefit_cents - top_person_cents)",
        nulls="no benefits",
    ),
    count("payments", "net claim lines and benefit payments", "payments"),
    count("benefit_payments", "net benefit payments", "payments"),
    count("active_days", "distinct days of services or benefit periods begun", "days", "days"),
    count("active_months", "distinct calendar months of those days", "months", "months"),
    ratio(
        "paid_per_payment",
        "cents / 100.0",
        "payments",
        "paid by payments",
        "currency",
        phrase="paid per payment",
    ),
    ratio(
        "payments_per_month",
        "payments",
        "months",
        "payments by active months",
        "payments",
        phrase="payments per active month",
        total=True,
    ),
    ratio(
        "benefits_per_person",
        "benefit_cents / 100.0",
        "beneficiaries",
        "benefits by beneficiaries",
        "currency",
        phrase="benefits per person paid",
    ),
    ratio(
        "payments_per_person",
        "benefit_payments",
        "beneficiaries",
        "benefit payments by beneficiaries",
        "payments",
        phrase="payments per person paid",
    ),
    share(
        "small_share",
        "small",
        "payments",
        "payments of more than 0 and at most 15",
        phrase="small amounts",
    ),
    share(
        "round_share", "round", "payments", "payments of a multiple of 10", phrase="round amounts"
    ),
    Feature(
        "benefit_types",
        "distinct benefit types",
        "types",
        "benefit_types",
        nulls="no benefits",
        phrase="benefit types",
    ),
    Feature(
        "top_benefit_share",
        "the chief benefit type's part of benefits paid",
        "share",
        "top_benefit_share",
        scale="logit",
        direction="none",
        nulls="no benefits",
        phrase="money of one benefit",
    ),
)

ACCOUNT_HOLDERS: tuple[Feature, ...] = (
    Feature(
        "beneficiaries",
        "distinct persons whose benefits were paid to it",
        "beneficiaries",
        "coalesce(beneficiaries, 0)",
        phrase="persons whose benefits it received",
    ),
    Feature(
        "households",
        "distinct households of beneficiaries, a person without one counted apart",
        "households",
        "households",
        nulls="no benefits",
        phrase="households whose benefits it received",
    ),
    Feature(
        "surnames",
        "distinct last names of beneficiaries, without accents and case",
        "names",
        "surnames",
        nulls="no beneficiary has a name",
        phrase="last names among persons paid",
    ),
    Feature(
        "providers",
        "distinct billing providers whose claim lines were paid to it",
        "providers",
        "providers",
        phrase="providers paid",
    ),
    share(
        "top_person_share",
        "top_person_cents",
        "benefit_cents",
        "the dearest beneficiary's part of benefits paid",
        nulls="no benefits",
        phrase="benefits of one person",
    ),
    share(
        "off_file_share",
        "off_file_cents",
        "filed_cents",
        "paid for persons and providers who have another account on file, of those with any",
        nulls="no payee has an account on file",
        phrase="money of those who have another account on file",
    ),
    share(
        "unlike_share",
        "unlike_cents",
        "named_cents",
        "benefits of persons whose last name is no part of the holder's name, of those with both",
        nulls="no holder's name, or no beneficiary has a name",
        phrase="money of persons not named like the holder",
    ),
    Feature(
        "changers",
        "persons and providers whose account on file became this one in the period",
        "subjects",
        "changers",
        phrase="payees who changed to it",
    ),
    share(
        "changed_share",
        "changed_cents",
        "cents",
        f"paid within {CHANGED_DAYS} days after the payee changed to it",
        nulls="nothing paid",
        phrase="money soon after the payee changed to it",
    ),
    share(
        "top_clerk_share",
        "top_clerk_cents",
        "entered_cents",
        "one clerk's part of benefits with a clerk",
        nulls="no clerks",
        phrase="benefits entered by one clerk",
    ),
    share(
        "top_clerk_payment_share",
        "top_clerk_payments",
        "entered_payments",
        "the part of benefit payments with a clerk that one clerk entered",
        nulls="no clerks",
        phrase="benefit payments entered by one clerk",
    ),
    share(
        "same_clerk_share",
        "same_clerk",
        "approved",
        "benefit payments entered and approved by the same clerk, of those with both",
        nulls="no clerks",
        phrase="benefits entered and approved by one clerk",
    ),
)

ACCOUNT_TIMES: tuple[Feature, ...] = (
    Feature(
        "account_age",
        "days from the account's opening (else its first sighting) to its first payment in the "
        "period, 0 where it was opened later",
        "days",
        "account_age",
        direction="low",
        nulls="neither date known",
        phrase="days from opening to first payment",
    ),
    share(
        "new_account_share",
        "dated_new_cents",
        "cents",
        f"paid before the account was {NEW_DAYS} days old",
        nulls="nothing paid, or neither opening nor first sighting known",
        phrase="money while the account was new",
    ),
    Feature(
        "growth",
        "paid in the second half by paid in the first, one month's tenth added to both",
        "ratio",
        "(second_half + smooth) / nullif(first_half + smooth, 0)",
        nulls="nothing paid",
        phrase="growth from first to second half",
    ),
    Feature(
        "peak_month_ratio",
        "highest month by the median month from first to last active month",
        "ratio",
        "peak_month / nullif(median_month, 0)",
        nulls="median month is nothing",
        phrase="highest month against the median month",
    ),
    money("peak_month_paid", "paid in the highest month", "peak_month", nulls="no month"),
    Feature(
        "step_ratio",
        "mean paid a month after the sharpest step of the monthly series by the mean before it "
        "(as for providers)",
        "ratio",
        "step_ratio",
        nulls="fewer than six months from first to last active month",
        phrase="months after the sharpest step against before",
    ),
    Feature(
        "dormant_days",
        "longest time without a payment between two active days",
        "days",
        "dormant_days",
        nulls="fewer than two days",
        phrase="days dormant",
    ),
    Feature(
        "after_dormancy_share",
        "paid from the end of the longest dormancy of 60 days or more",
        "share",
        "case when dormant_days >= 60 then after_dormancy / nullif(cents, 0) else 0 end",
        scale="logit",
        nulls="fewer than two days",
        phrase="money after the dormancy",
    ),
)

ACCOUNT_FEATURES = (*ACCOUNT_MONEY, *ACCOUNT_HOLDERS, *ACCOUNT_TIMES)
