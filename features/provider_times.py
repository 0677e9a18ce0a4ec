"""Features of providers that describe when they bill: days, growth, dormancy, working time.

The subject and the sums are those of ``features.provider_features``.
"""

from __future__ import annotations

from features.catalogue import Feature, money, ratio, share

PROVIDER_TIMES: tuple[Feature, ...] = (
    share(
        "weekend_share",
        "weekend",
        "lines",
        "lines dated Saturday or Sunday",
        phrase="lines at week-ends",
    ),
    share(
        "holiday_share",
        "holiday",
        "lines",
        "lines on a date of the code set public_holidays",
        phrase="lines on public holidays",
    ),
    share(
        "night_share",
        "night",
        "timed",
        "lines begun from 22:00 to 06:00, of those with a time",
        nulls="no times",
        phrase="lines at night",
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
    Feature(
        "last_month_ratio",
        "last month of the period by the median month",
        "ratio",
        "last_month / nullif(median_month, 0)",
        nulls="median month is nothing",
        phrase="last month against the median month",
    ),
    Feature(
        "median_month",
        "paid in the median month from first to last active month",
        "currency",
        "median_month / 100.0",
        direction="none",
        total=True,
        nulls="no month",
    ),
    Feature(
        "dormant_days",
        "longest time without a line between two active days",
        "days",
        "dormant_days",
        nulls="fewer than two days",
        phrase="days dormant",
    ),
    Feature(
        "after_dormancy_share",
        "paid from the end of the longest dormancy of 60 days or more",
        "share",
        "case when dormant_days >= 60 then after_dormancy / nullif(paid_cents, 0) else 0 end",
        scale="logit",
        nulls="fewer than two days",
        phrase="money after the dormancy",
    ),
    Feature(
        "max_daily_hours",
        "most hours of typical time rendered on one day",
        "hours",
        "max_minutes / 60.0",
        nulls="no timed services",
        phrase="hours on the longest day",
    ),
    Feature(
        "p95_daily_hours",
        "95th percentile of hours of typical time by day",
        "hours",
        "p95_minutes / 60.0",
        nulls="no timed services",
        phrase="hours on a long day",
    ),
    share(
        "long_days_share",
        "long_days",
        "work_days",
        "days with more than 16 hours of typical time",
        nulls="no timed services",
        phrase="days of more than 16 hours",
    ),
    money(
        "long_days_excess",
        "paid for time beyond 16 hours a day",
        "long_excess_cents",
        nulls="no timed services",
    ),
    Feature(
        "after_dormancy_ratio",
        "paid a day from the end of the longest dormancy of 60 days or more on, by paid a day "
        "before it",
        "ratio",
        "case when dormant_days >= 60 then after_dormancy / days_after "
        "/ nullif((dated_cents - after_dormancy) / days_before, 0) end",
        nulls="no dormancy of 60 days, or nothing paid before it",
        phrase="paid per day after the dormancy against before",
    ),
    Feature(
        "step_ratio",
        "mean paid a month after the sharpest step of the monthly series by the mean before it, "
        "one month's tenth added to both; the step that leaves the least squares (Hinkley, "
        "Biometrika 57, 1970), two months or more on either side",
        "ratio",
        "step_ratio",
        nulls="fewer than six months from first to last active month",
        phrase="months after the sharpest step against before",
    ),
    Feature(
        "step_fit",
        "part of the variance of the monthly series that its sharpest step explains",
        "share",
        "step_fit",
        direction="none",
        scale="linear",
        nulls="fewer than six months, or all alike",
        phrase="part of the months' variance in one step",
    ),
    ratio(
        "mean_daily_hours",
        "work_minutes / 60.0",
        "work_days",
        "hours of typical time rendered by days worked",
        "hours",
        nulls="no timed services",
        phrase="hours per day worked",
    ),
    share(
        "short_service_share",
        "shortened",
        "clocked",
        "lines that lasted less than half their typical minutes, of those with both times",
        nulls="no lines with both times and typical minutes",
        phrase="services of less than half their typical time",
    ),
)
