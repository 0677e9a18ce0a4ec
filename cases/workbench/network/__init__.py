"""Who is tied to whom, by which rows."""
