"""Features of providers as those who order and certify: what others were paid on their word.

Orders to oneself are left out. Leave is sick leave, work accident and maternity.
"""

from __future__ import annotations

from features.catalogue import Feature, count, money, ratio, share

PROVIDER_ORDERS: tuple[Feature, ...] = (
    count("ordered_lines", "net lines of others that it ordered", "lines", nulls="none ordered"),
    count(
        "ordered_members",
        "distinct persons it ordered for",
        "persons",
        nulls="none ordered",
    ),
    money("ordered_paid", "paid to others on its orders", "ordered_cents", nulls="none ordered"),
    ratio(
        "ordered_per_member",
        "ordered_cents / 100.0",
        "ordered_members",
        "paid on its orders by persons it ordered for",
        "currency",
        nulls="none ordered",
        phrase="ordered per member",
    ),
    Feature(
        "top_pharmacy_share",
        "the chief pharmacy's part of paid on its prescriptions",
        "share",
        "top_pharmacy_share",
        scale="logit",
        nulls="nothing paid to pharmacies",
        phrase="prescriptions delivered by one pharmacy",
    ),
    Feature(
        "top_supplier_share",
        "the chief biller's part of paid on its other orders (laboratory, equipment, transport …)",
        "share",
        "top_supplier_share",
        scale="logit",
        nulls="nothing paid on other orders",
        phrase="orders carried out by one provider",
    ),
    share(
        "controlled_ordered_share",
        "ordered_controlled",
        "ordered_drugs",
        "drug lines it ordered that are of a controlled drug",
        nulls="no drugs ordered",
        phrase="controlled drugs among its prescriptions",
    ),
    count("certified_spells", "leave spells it certified", "spells", nulls="none certified"),
    count("certified_days", "days of leave it certified", "days", nulls="none certified"),
    money("certified_paid", "paid for leave it certified", "certified_cents", "none certified"),
    ratio(
        "days_per_certified_spell",
        "certified_days",
        "certified_spells",
        "days of certified leave by spells",
        "days",
        nulls="none certified",
        phrase="days of leave per spell certified",
    ),
    ratio(
        "spells_per_certified_member",
        "certified_spells",
        "certified_members",
        "certified spells by persons",
        "spells",
        nulls="none certified",
        phrase="spells certified per person",
    ),
    share(
        "certified_monday_share",
        "certified_mondays",
        "certified_spells",
        "certified leave spells begun on a Monday",
        nulls="none certified",
        phrase="certified leave begun on Mondays",
    ),
)
