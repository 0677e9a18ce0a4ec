"""A simulated year: does an order that learns from decisions beat the ranking as it was frozen?

    python -m benchmarks.simulated_year demo-lake --to docs

Truth is what was planted, a planted row's money being that of one case only, the best ranked. Each
month 300 new cases of the population come in, and analysts, who err, decide 200 of them; what they
decided, and the amounts they confirmed, train the order of the months to come. One lake has a
few hundred cases and a year needs thousands, so cases are drawn with replacement; lest an order be
praised for knowing a case again, subjects are split in halves, the analysts decide cases of one
half and every order is measured on arrivals from the other, which nobody has decided, and then the
halves change places. Averages and their spread are over seeds and halves.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import altair as alt
import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from cases.evaluation import RESPONSIBLE, read_truth
from cases.learning.amounts import Amounts, learn_amounts
from cases.learning.calibration import Calibration, calibrate
from cases.learning.features import case_features
from cases.learning.learning import unit_points
from cases.learning.ranker import compare, fit, predict
from cases.learning.weights import Weights, learn_weights
from cases.policy import Policy
from cases.reading import attach_run, run_of
from claims.lake import Lake

Numbers = npt.NDArray[np.float64]
MONTHS, ARRIVALS, DECIDED, HEAD = 12, 300, 200, 100
CONTROL = 10
# How often analysts miss a planted case, and take an honest one or a look-alike for it.
MISSED, MISTAKEN, MISLED = 0.10, 0.05, 0.15
# Spread of the logarithm of the amount they confirm around what was planted.
ROUGHLY = 0.15
# Hours that a case takes: a file that stands in court, or a look that ends it.
HOURS = {True: 12.0, False: 5.0}
# Money is measured on the cases that these hours reach: what a queue draws its line at by default.
CAPACITY = Policy().capacity_hours
ORDERS = ("frozen", "weights, calibration and amounts", "learned order, where it wins")

# A case about a group or an account stands for its members, as in the evaluation of a ranking.
TRUTH = """
with members as (
    select distinct c.case_id, unnest(from_json(f.details -> '$.subjects',
        '[{"subject_type": "VARCHAR", "subject_id": "VARCHAR"}]')) as member
    from case_contributions c join findings f using (finding_id)
    where f.subject_type in ('group', 'account')
        and json_type(f.details, '$.subjects') = 'ARRAY'
), subjects as (
    select case_id, subject_type, subject_id from cases
    union select case_id, member.subject_type, member.subject_id from members
), said as (
    select s.case_id, bool_or(r.kind = 'planted') as planted,
        bool_or(r.kind = 'look_alike') as alike
    from subjects s join responsible r using (subject_type, subject_id) group by s.case_id
), money as (
    select case_id, sum(amount) as money from (
        select r.table_name, r.row_key, arg_min(s.case_id, c.rank) as case_id,
            max(r.amount) as amount
        from subjects s join responsible r using (subject_type, subject_id)
        join cases c using (case_id)
        where r.kind = 'planted' group by all) group by case_id
), leads as (
    select case_id, arg_max(detector, (f.overpayment, detector)) as lead
    from case_contributions join findings f using (finding_id, detector)
    where f.overpayment > 0 group by case_id
)
select c.case_id, c.subject_type, c.subject_id, $run as run_id, c.score, c.suspicion, c.rank,
    cast(c.expected_recovery as double) as expected,
    cast(c.expected_recovery as double) / c.suspicion as own,
    cast(c.exposure as double) as exposure, cast(c.overpayment as double) as overpayment, l.lead,
    coalesce(said.planted, false) as planted, coalesce(said.alike, false) as alike,
    cast(coalesce(money.money, 0) as double) as money
from cases c left join said using (case_id) left join money using (case_id)
left join leads l using (case_id) order by c.case_id
"""


@dataclass(frozen=True)
class Office:
    """All cases of a lake's latest run with their truth, and what orders are learned from.

    Args:
        cases: one row a case; ``own`` is the overpayment that is the case's own, ``lead`` the
            detector that claims most of it.
        points: points of its findings at a weight of 1.
        features: what the learned order looks at.
    """

    cases: pd.DataFrame
    points: pd.DataFrame
    features: pd.DataFrame
    policy: Policy = field(default_factory=Policy)


def office(folder: str) -> Office:
    """Read a demo's lake and its truth."""
    lake, truth = Lake(f"{folder}/lake"), read_truth(f"{folder}/truth/schemes.parquet")
    run = run_of(lake)["run_id"]
    with duckdb.connect() as connection:
        attach_run(connection, lake, run, "cases", "case_contributions", "findings")
        connection.register("truth", truth)
        connection.execute(RESPONSIBLE)
        cases = connection.execute(TRUTH, {"run": run}).df()
    return Office(cases, unit_points(lake, cases), case_features(lake, [run]))


def arrivals(cases: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """A month's new cases: each a subject of its own, drawn with replacement."""
    return cases.iloc[draw.integers(0, len(cases), ARRIVALS)].reset_index(drop=True)


def decide(cases: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """What analysts say of cases, errors included: success, and the amount they confirm.

    Of a planted case they confirm about what was planted, of another, by mistake, what was claimed.
    """
    chance = np.where(cases["planted"], 1 - MISSED, np.where(cases["alike"], MISLED, MISTAKEN))
    success = (draw.random(len(cases)) < chance).astype(int)
    about = cases["money"] * np.exp(ROUGHLY * draw.standard_normal(len(cases)))
    amount = np.where(cases["planted"], about, cases["overpayment"]).round(2)
    return cases.assign(success=success, amount=np.where(success == 1, amount, np.nan))


@dataclass(frozen=True)
class Order:
    """Probabilities by case and factors on claims, as an order has learned them."""

    weights: Weights = field(default_factory=Weights)
    calibration: Calibration = field(default_factory=Calibration)
    amounts: Amounts = field(default_factory=Amounts)
    learned: pd.Series | None = None

    def suspicion(self, known: Office, cases: pd.DataFrame) -> Numbers:
        """The suspicion of each case; money at stake times it is the order."""
        if self.learned is not None:
            return cases["case_id"].map(self.learned).to_numpy(float)
        return self.calibration.probability(scores(known, self.weights, cases))

    def money(self, cases: pd.DataFrame) -> Numbers:
        """The overpayment that is each case's own, never more than its rows were paid."""
        factor = cases["lead"].map(self.amounts.detectors).astype(float).fillna(1.0)
        most = cases["exposure"] / cases["overpayment"].where(cases["overpayment"] > 0)
        bounded = np.minimum(factor, np.maximum(most.fillna(1.0), 1.0))
        return (cases["own"] * bounded).to_numpy(float)


def scores(known: Office, weights: Weights, cases: pd.DataFrame) -> Numbers:
    """Prior and weighted points of cases."""
    points = known.points
    factor = points["detector"].map(
        lambda name: (
            weights.families.get(name.split(".")[0], 1.0) * weights.detectors.get(name, 1.0)
        )
    )
    summed = (points["points"] * factor).groupby(points["case_id"]).sum()
    return cases["case_id"].map(summed).fillna(0.0).to_numpy(float) + known.policy.prior_points


def learn(known: Office, labels: pd.DataFrame, seed: int) -> tuple[Order, Order, bool]:
    """The fused order with learned weights, the one to use where the learned order wins, and
    whether it did.
    """
    # A case drawn twice was two decisions: each has an id of its own, and the points of its case.
    named = labels.assign(drawn=labels["case_id"], case_id=[f"d{i:06}" for i in range(len(labels))])
    points = named[["case_id", "drawn"]].merge(
        known.points.rename(columns={"case_id": "drawn"}), on="drawn"
    )
    weights = learn_weights(points, named, known.policy.prior_points)
    success = labels["success"].to_numpy(float)
    amounts = learn_amounts(
        labels[(labels["success"] == 1) & (labels["overpayment"] > 0)].rename(
            columns={"lead": "detector", "overpayment": "claimed", "amount": "confirmed"}
        )
    )
    fused = Order(weights, calibrate(scores(known, weights, labels), success), amounts)
    verdict = compare(known.features, labels, seed)
    if not verdict.wins:
        return fused, fused, False
    chances = predict(fit(known.features, labels, seed), known.features)
    learned = pd.Series(chances, known.features.index.get_level_values("case_id"))
    return fused, replace(fused, learned=learned), True


def month(known: Office, order: Order, cases: pd.DataFrame) -> tuple[float, float]:
    """Precision among the first 100 of a month's arrivals, and planted money an hour at hand."""
    placed = cases.iloc[_first(known, order, cases)]
    reached = placed[placed["planted"].map(HOURS).cumsum() <= CAPACITY]
    # A case drawn twice is two subjects, each with its money.
    return float(placed["planted"].head(HEAD).mean()), float(reached["money"].sum() / CAPACITY)


def _first(known: Office, order: Order, cases: pd.DataFrame) -> npt.NDArray[np.int_]:
    suspicion = order.suspicion(known, cases)
    expected = np.round(suspicion * order.money(cases), 2)
    return np.lexsort((cases["case_id"], -suspicion, -expected))


def year(known: Office, half: npt.NDArray[np.bool_], seed: int) -> list[dict[str, object]]:
    """Twelve months: analysts work on one half of the subjects, orders are told by the other."""
    draw = np.random.default_rng([seed, int(half[0])])
    worked, measured = known.cases[half], known.cases[~half]
    orders = dict.fromkeys(ORDERS, Order())
    labels, rows, wins = pd.DataFrame(), [], False
    for number in range(1, MONTHS + 1):
        fresh = arrivals(measured, draw)
        for name, order in orders.items():
            precision, money = month(known, order, fresh)
            rows.append(
                {"seed": seed, "half": int(half[0]), "month": number, "order": name,
                 "precision": precision, "money": money, "decided": len(labels), "wins": wins}
            )  # fmt: skip
        work = arrivals(worked, draw)
        first = _first(known, orders[ORDERS[1]], work)
        control = draw.permutation(ARRIVALS)[:CONTROL]
        chosen = np.concatenate([control, first[~np.isin(first, control)]])[:DECIDED]
        done = work.iloc[chosen]
        labels = pd.concat([labels, decide(done, draw)], ignore_index=True)
        fused, learned, wins = learn(known, labels, seed)
        orders = dict(zip(ORDERS, (Order(), fused, learned), strict=True))
    return rows


def picture(found: pd.DataFrame, path: Path) -> None:
    """Mean and spread of both measures by month, a line an order, as SVG."""
    colour = alt.Color("order:N", sort=list(ORDERS), title=None,
                       scale=alt.Scale(range=["#6b7280", "#1f6feb", "#c2410c"]),
                       legend=alt.Legend(orient="bottom", columns=1, labelLimit=320,
                                         symbolOpacity=1))  # fmt: skip
    parts = []
    for column, title, form in (
        ("precision", "planted among the first 100", "%"),
        ("money", "planted money an hour", ",.0f"),
    ):
        y = alt.Y(f"mean({column}):Q", title=title, scale=alt.Scale(zero=False),
                  axis=alt.Axis(format=form))  # fmt: skip
        base = alt.Chart(found).encode(
            alt.X("month:O", title="month", axis=alt.Axis(labelAngle=0)), color=colour
        )
        band = base.mark_errorband(extent="ci", opacity=0.15).encode(
            alt.Y(f"{column}:Q", title=title, scale=alt.Scale(zero=False))
        )
        line = base.mark_line(point=True).encode(y=y, strokeDash=alt.StrokeDash(
            "order:N", sort=list(ORDERS), legend=None))  # fmt: skip
        parts.append((band + line).properties(width=330, height=240))
    alt.hconcat(*parts).save(path)


def table(found: pd.DataFrame) -> str:
    """Both measures by month and order, as a table of Markdown."""
    mean = found.groupby(["month", "order"])[["precision", "money"]].mean().unstack("order")
    head = [
        "month",
        *(f"{name}: precision" for name in ORDERS),
        *(f"{name}: money an hour" for name in ORDERS),
    ]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for number, row in mean.iterrows():
        cells = [f"{row['precision', name]:.1%}" for name in ORDERS]
        cells += [f"{row['money', name]:,.0f}" for name in ORDERS]
        lines.append(f"| {number} | {' | '.join(cells)} |")
    return "\n".join(lines)


def gains(found: pd.DataFrame) -> str:
    """By how much each order is ahead of the frozen one in the last quarter, with 95 % intervals.

    Paired within seeds and halves, which see the same arrivals; Student's t over them.
    """
    last = found[found["month"] > MONTHS - 3]
    means = last.groupby(["seed", "half", "order"])[["precision", "money"]].mean().unstack("order")
    lines = []
    for measure in ("precision", "money"):
        frozen = means[measure, ORDERS[0]]
        for name in ORDERS[1:]:
            ahead = means[measure, name] - frozen
            low, high = stats.t.interval(0.95, len(ahead) - 1, ahead.mean(), stats.sem(ahead))
            lines.append(
                f"{measure}, {name}: {means[measure, name].mean():.4g} against "
                f"{frozen.mean():.4g}, ahead by {ahead.mean():.3g} ({low:.3g} to {high:.3g})"
            )
    return "\n".join(lines)


def main() -> None:
    """Run the year over seeds, print the table and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", help="folder that `vigie demo --to` made")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--to", type=Path, default=Path("docs"))
    asked = parser.parse_args()
    known = office(asked.demo)
    rows: list[dict[str, object]] = []
    for seed in range(1, asked.seeds + 1):
        half = np.random.default_rng(seed).permutation(len(known.cases)) % 2 == 0
        for mine in (half, ~half):
            rows += year(known, mine, seed)
        print(f"seed {seed} done", flush=True)
    found = pd.DataFrame(rows)
    print(f"{len(known.cases)} cases, {int(known.cases['planted'].sum())} planted")
    print(table(found))
    print(gains(found))
    print(f"learned order in use: {found.groupby('month')['wins'].mean().to_dict()}")
    picture(found, asked.to / "simulated_year.svg")


if __name__ == "__main__":
    main()
