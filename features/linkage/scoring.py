"""Scored pairs: Splink's model over linkage records, and the links it gives with their reasons."""

from __future__ import annotations

import logging
from typing import Any

from splink import Linker, SettingsCreator, block_on
from splink.internals.blocking_rule_creator import BlockingRuleCreator

from features.linkage.comparisons import Comparison
from features.linkage.engines import RECORDS, Engine
from features.linkage.records import DERIVED, KNOWN, PERSON_RECORD
from features.linkage.settings import CERTAIN, CERTAIN_RECALL, LEARNING, LinkageSettings

LINK_DDL = (
    "a string, b string, match_weight double, match_probability double, explanation string, "
    "levels string, start_date date, end_date date"
)


class NothingToCompare(ValueError):
    """Fewer than two records, or no comparison or block for which they have values."""


def score(engine: Engine, settings: LinkageSettings) -> Any:
    """Links among the engine's records.

    Returns:
        The engine's frame of ``LINK_DDL``, ``a`` before ``b``: the match weight is in bits (log2
        odds that both are one person); ``levels`` holds ``comparison=level`` by ``;``; the dates
        are those between which the register knew both.

    Raises:
        NothingToCompare: there is nothing to compare.
    """
    filled = _filled(engine)
    comparisons = [c for c in settings.comparisons if any(name in filled for name in c.columns)]
    blocks = _blocks(engine, settings, filled)
    if not comparisons or not blocks:
        raise NothingToCompare("fewer than two records, or none that agree on anything to compare")
    people = engine.api.register(RECORDS)
    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[comparison.creator() for comparison in comparisons],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=list(KNOWN),
    )
    model = _model(engine, people, creator, settings)
    linker = Linker(people, model, log_level=logging.ERROR, validate_settings=False)
    predicted = linker.inference.predict(
        threshold_match_weight=settings.least_weight, warning_mode="never"
    )
    return engine.frame(_links_sql(predicted.physical_name, comparisons))


def _filled(engine: Engine) -> set[str]:
    names = (*PERSON_RECORD, *DERIVED)
    counts = engine.numbers(
        f"select {', '.join(f'count(distinct {name})' for name in names)} from {RECORDS}"
    )
    return {name for name, many in zip(names, counts, strict=True) if many}


def _pairs(engine: Engine, columns: tuple[str, ...]) -> float:
    """Pairs of records that agree on the columns."""
    named = " and ".join(f"{name} is not null" for name in columns)
    (pairs,) = engine.numbers(
        f"select sum(n * (n - 1) / 2) from (select count(*) as n from {RECORDS} "
        f"where {named} group by {', '.join(columns)}) as blocks"
    )
    return pairs


def _blocks(engine: Engine, settings: LinkageSettings, filled: set[str]) -> list[tuple[str, ...]]:
    """The blocks that have pairs and stay below the bound on them."""
    (records,) = engine.numbers(f"select count(*) from {RECORDS}")
    return [
        columns
        for columns in settings.blocks
        if set(columns) <= filled
        and 0 < _pairs(engine, columns) <= settings.pairs_a_record * records
    ]


def _model(
    engine: Engine,
    people: Any,
    creator: SettingsCreator,
    settings: LinkageSettings,
) -> dict[str, Any]:
    """Splink's settings with every m and u: the whole model, as it could be written to a file."""
    (records,) = engine.numbers(f"select count(*) from {RECORDS}")
    creator.probability_two_random_records_match = min(settings.doubles / (records - 1), 0.5)
    linker = Linker(people, creator, log_level=logging.ERROR, validate_settings=False)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=settings.sampled_pairs,
        seed=settings.seed,
        min_count_per_level=None,
        num_chunks=1,
    )
    if settings.estimation == "learned":
        _learn(engine, linker)
    model: dict[str, Any] = linker.misc.save_model_to_json()
    pairs = min(settings.sampled_pairs, records * (records - 1) / 2)
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                # A level that Splink did not meet is 1 in a million to it, however few it saw.
                level["u_probability"] = max(level.get("u_probability", 0.0), 1 / pairs)
    return model


def _learn(engine: Engine, linker: Linker) -> None:
    """Estimate the share of pairs of one person, and m by expectation maximisation."""
    certain: list[str | BlockingRuleCreator] = [
        block_on(*columns) for columns in CERTAIN if _pairs(engine, columns)
    ]
    if certain:
        linker.training.estimate_probability_two_random_records_match(
            certain, recall=CERTAIN_RECALL
        )
    for columns in LEARNING:
        if _pairs(engine, columns):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))


def _links_sql(predicted: str, comparisons: list[Comparison]) -> str:
    parts = [_part(comparison) for comparison in comparisons]
    levels = [f"'{c.name}=' || cast(gamma_{c.name} as string)" for c in comparisons]
    return f"""
select least(record_id_l, record_id_r) as a, greatest(record_id_l, record_id_r) as b,
  round(match_weight, 9) as match_weight, round(match_probability, 9) as match_probability,
  substr({" || ".join(parts)}, 3) as explanation, {" || ';' || ".join(levels)} as levels,
  greatest(known_from_l, known_from_r) as start_date, least(known_to_l, known_to_r) as end_date
from {predicted}"""


def _part(comparison: Comparison) -> str:
    """SQL text of a comparison's words and weight, empty where nothing is known."""
    words = " ".join(f"when {value} then '{text}'" for value, text in enumerate(comparison.words()))
    weight = f"mw_{comparison.name}"
    if any(level.common for level in comparison.levels):
        weight = f"{weight} + mw_tf_adj_{comparison.name}"
    shown = f"cast(cast(round({weight}, 1) as decimal(9, 1)) as string)"
    sign = f"case when round({weight}, 1) >= 0 then '+' else '' end"
    return (
        f"case when gamma_{comparison.name} = -1 then '' else ', ' || "
        f"case gamma_{comparison.name} {words} end || ' ' || {sign} || {shown} end"
    )
