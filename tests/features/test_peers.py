"""The ladder widens until a group is large enough, and no further."""

from __future__ import annotations

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from detectors.deviation.findings import undue_share
from features.peers import LADDERS, alike, assign, band, group_sizes, reference


def providers(number: int, **values: object) -> pd.DataFrame:
    row = {
        "specialty": "gp",
        "provider_type": "individual",
        "region": "north",
        "main_claim_type": "professional",
        "members": 50,
        "mix_specialty": None,
        "specialty_disagrees": None,
    }
    return pd.DataFrame([{**row, **values}] * number)


def placed(*parts: pd.DataFrame) -> pd.DataFrame:
    frame = pd.concat(parts, ignore_index=True)
    ladder = LADDERS["provider"]
    keys = ladder.keys(frame)
    return assign(keys, group_sizes(keys), ladder)


def test_thirty_of_a_kind_stay_among_themselves() -> None:
    found = placed(providers(30), providers(5, region="south"))
    assert set(found["peer_level"][:30]) == {0}
    assert found["peer_group"][0] == "0:gp, individual, north, medium volume"


def test_the_few_of_a_region_are_compared_with_all_of_their_volume() -> None:
    found = placed(providers(30), providers(5, region="south"))
    assert set(found["peer_level"][30:]) == {1}
    assert set(found["peer_size"][30:]) == {35}


def test_ten_of_a_specialty_are_enough_rather_than_another_specialty() -> None:
    found = placed(providers(40), providers(10, specialty="rare"))
    assert set(found["peer_group"][40:]) == {"2:rare, individual"}


def test_fewer_than_ten_widen_to_the_claim_type_then_type_then_all() -> None:
    found = placed(
        providers(40),
        providers(3, specialty="rare"),
        providers(2, specialty="x", main_claim_type="dental"),
        providers(2, provider_type="organisation", specialty="y"),
    )
    assert list(found["peer_level"][40:]) == [3, 3, 3, 4, 4, 5, 5]
    assert found["peer_size"].iloc[-1] == 47


def test_a_missing_specialty_is_stood_in_for_by_the_claim_type() -> None:
    found = placed(providers(30, specialty=None), providers(30))
    assert found["peer_group"][0].startswith("0:any specialty of professional")
    assert found["peer_size"][0] == 30


def by_mix(frame: pd.DataFrame) -> pd.DataFrame:
    """As placed by the ladder, with the groups' names as findings say them."""
    found = placed(frame)
    return found.assign(said=LADDERS["provider"].said(frame, found["peer_group"]))


def test_a_missing_specialty_is_told_by_the_codes_and_the_name_says_so() -> None:
    found = by_mix(
        pd.concat(
            [providers(30), providers(1, specialty=None, mix_specialty="gp")], ignore_index=True
        )
    )
    assert found["peer_group"].nunique() == 1
    assert set(found["peer_size"]) == {31}
    assert found["said"][0] == "0:gp, individual, north, medium volume"
    assert found["said"][30] == f"{found['said'][0]}, specialty by the mix of codes"
    assert alike("provider", str(found["said"][30]))


def test_a_specialty_that_is_plainly_not_billed_gives_way_to_the_codes() -> None:
    other = {"specialty": "transport", "mix_specialty": "gp"}
    found = by_mix(
        pd.concat(
            [
                providers(30),
                providers(1, **other, specialty_disagrees=True),
                providers(1, **other, specialty_disagrees=False),
            ],
            ignore_index=True,
        )
    )
    assert found["said"][30].startswith("0:gp,")
    assert "mix" in found["said"][30]
    # Its own specialty has no ten providers, so it is compared with all of its claim type.
    assert found["said"][31] == "3:professional, individual"


def test_profiles_of_a_run_without_a_mix_keep_what_is_declared() -> None:
    frame = providers(30).drop(columns=["mix_specialty", "specialty_disagrees"])
    assert by_mix(frame)["said"][0] == "0:gp, individual, north, medium volume"


def test_accounts_are_compared_with_holders_who_receive_alike() -> None:
    row = {"holder_type": "person", "receives": "benefits", "beneficiaries": 1, "providers": 0}
    frame = pd.DataFrame([row] * 40 + [{**row, "beneficiaries": 40}])
    ladder = LADDERS["account"]
    keys = ladder.keys(frame)
    found = assign(keys, group_sizes(keys), ladder)
    assert found["peer_group"][0] == "0:person, benefits, small number of payees"
    assert found["peer_group"][40] == "1:person, benefits"
    assert ladder.said(frame, found["peer_group"]).equals(found["peer_group"])


def test_peers_are_alike_where_their_specialty_is_known_and_shared() -> None:
    known, missing = placed(providers(30), providers(30, specialty=None)).groupby("peer_group")
    assert alike("provider", str(missing[0])) != alike("provider", str(known[0]))
    wide = placed(providers(3, specialty="a"), providers(3, specialty="b"), providers(30))
    assert [alike("provider", group) for group in wide["peer_group"]] == [False] * 6 + [True] * 30
    assert undue_share(0.8, "provider", str(wide["peer_group"][0])) == pytest.approx(0.2)
    assert undue_share(0.8, "provider", str(wide["peer_group"][10])) == 0.8


@pytest.mark.parametrize(
    ("members", "word"),
    [
        (None, "no"),
        (0, "no"),
        (1, "small"),
        (29, "small"),
        (30, "medium"),
        (300, "large"),
        (3000, "very large"),
    ],
)
def test_bands(members: float | None, word: str) -> None:
    assert band(pd.Series([members], dtype="float64")).iloc[0] == word


def test_a_sample_is_the_same_each_time_and_about_as_large_as_asked(spark: SparkSession) -> None:
    frame = spark.range(4000).selectExpr("cast(id as string) as person_id").repartition(3)
    first, total = reference(frame, "person_id", seed=1, most=1000)
    again, _ = reference(frame.repartition(2), "person_id", seed=1, most=1000)
    assert total == 4000
    assert first.equals(again)
    assert 900 < len(first) < 1100
