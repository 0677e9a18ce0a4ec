"""The curve of a benefit over two buckets: a tenth of the persons, two thirds of the cost."""

from __future__ import annotations

from datetime import date

from pyspark.sql import SparkSession

from claims.lake import Lake
from detectors.deviation.methods.concentration import dearest_share, gini
from features.service_spending import service_spending
from tests.lakes import make_lake


def test_a_tenth_of_the_persons_carries_two_thirds_of_the_cost(
    spark: SparkSession, tmp_path_factory
) -> None:  # type: ignore[no-untyped-def]
    paid = [9.0 if n < 2 else 0.5 for n in range(20)]
    lines = [
        {"claim_id": f"C{n}-{part}", "person_id": f"M{n}", "paid_amount": amount,
         "claim_line_start_date": f"2024-0{part}-01", "claim_type": "home_care"}
        for n, amount in enumerate(paid) for part in (1, 2)
    ]  # fmt: skip
    lines.append({"claim_id": "OLD", "claim_line_start_date": "2023-01-01", "paid_amount": 999})
    lines.append({"claim_id": "X", "claim_line_start_date": "2024-01-01", "paid_amount": 5,
                  "claim_type": "dental"})  # fmt: skip
    lake = Lake(str(tmp_path_factory.mktemp("services")))
    snapshot = make_lake(spark, lake, {"claim_lines": lines})
    rows = service_spending(spark, snapshot, date(2024, 1, 1), date(2024, 12, 31)).toPandas()
    assert set(rows["service"]) == {"home_care", "dental"}
    home = rows[rows["service"] == "home_care"]
    persons, cents = (home[name].to_numpy(dtype=float) for name in ("persons", "cents"))
    assert (persons.sum(), cents.sum()) == (20, 5400)
    assert abs(dearest_share(persons, cents, 0.1) - 36 / 54) < 1e-9
    assert abs(gini(persons, cents) - (36 / 54 - 0.1)) < 1e-9
