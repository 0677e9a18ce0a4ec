"""Settings that keep DuckDB from what it does wrong, for every connection that evaluates rules."""

# DuckDB 2.0.0 makes self joins of aggregates over whole partitions; where windows are nested they
# may read another column's bits (a median of 500 came out as 5e-72), so that rewrite stays off.
SOUND = {"disabled_optimizers": "window_self_join"}
