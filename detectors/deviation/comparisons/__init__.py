"""What subjects are compared on: every comparison of the family, written out."""

from __future__ import annotations

from detectors.deviation.comparison import Comparison
from detectors.deviation.comparisons.accounts import ACCOUNTS
from detectors.deviation.comparisons.case_mix import CASE_MIX
from detectors.deviation.comparisons.digits import Benford, Hugging
from detectors.deviation.comparisons.events import EVENTS
from detectors.deviation.comparisons.levels import Levels
from detectors.deviation.comparisons.measures import MEASURES
from detectors.deviation.comparisons.mixes import MIXES
from detectors.deviation.comparisons.rates import RATES
from detectors.deviation.comparisons.series import SERIES
from detectors.deviation.comparisons.spending import Concentration, Travel

DEVIATION: tuple[Comparison, ...] = (
    *MEASURES,
    *RATES,
    *EVENTS,
    *CASE_MIX,
    *ACCOUNTS,
    Levels(),
    *MIXES,
    *SERIES,
    Hugging(),
    Benford(),
    Benford("second"),
    Concentration(),
    Travel(),
)
