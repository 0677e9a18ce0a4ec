"""The library as pages for people: a table of all rules, and a page a family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from jinja2 import Environment

from detectors.rulebook.rule import GRAINS, Rule

INDEX = """\
# The rule library

{{ rules|length }} rules in {{ families|length }} families. Each is one file in \
`detectors/rulebook/rules/<family>/`, with its own examples; this page and the pages of the
families are made from those files by `vigie rules docs`. A rule says what does not fit; only a
person says why.

| family | {{ grains|join(" | ") }} | rules |
|---|{{ "---|" * (grains|length + 1) }}
{% for family, counts in families.items() -%}
| [{{ family }}](rules/{{ family }}.md) | {% for grain in grains %}{{ counts[grain] or "" }} | \
{% endfor %}{{ counts.values()|sum }} |
{% endfor %}
| rule | what it finds | grain | about | where | status | weight |
|---|---|---|---|---|---|---|
{% for rule in rules -%}
| [{{ rule.id }}](rules/{{ rule.group }}.md#{{ rule.id }}) | {{ rule.title|cell }} | \
{{ rule.grain }} | {{ rule.subject }} | {{ rule.jurisdiction }} | {{ rule.status }} | \
{{ rule.weight|cell }} |
{% endfor -%}
"""

FAMILY = """\
# Rules: {{ family }}

[All rules](../rules.md)

{% for rule in rules -%}
## {{ rule.id }}

**{{ rule.title }}.** {{ rule.basis }}.

- Looks at: {{ rule.rows or "declared periods" }}, grain {{ rule.grain }}, about \
`{{ rule.subject }}`; weight `{{ rule.weight }}`; {{ rule.status }}; {{ rule.jurisdiction }}
{%- for name, text in rule|clauses %}
- {{ name }}: `{{ text }}`
{%- endfor %}
- overpayment: `{{ rule.overpayment }}`
{%- if rule.params %}
- parameters: {% for name, value in rule.params.items() %}`{{ name }}` {{ value }}\
{{ ", " if not loop.last }}{% endfor %}
{%- endif %}
- says: {{ rule.reason }}
- before you call: {{ rule.false_positives|join("; ") }}
{%- if rule.ask %}
- ask: {{ rule.ask }}
{%- endif %}
- examples: {{ rule.examples|selectattr("flagged")|list|length }} flagged, \
{{ rule.examples|rejectattr("flagged")|list|length }} clear

{% endfor -%}
"""


def pages(rules: Sequence[Rule]) -> dict[str, str]:
    """Markdown by path below ``docs/``: ``rules.md`` and ``rules/<family>.md``."""
    made = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701 - Markdown
    made.filters |= {"cell": _cell, "clauses": _clauses}
    ordered = sorted(rules, key=lambda rule: (rule.group, rule.id))
    families = {
        family: list(members) for family, members in groupby(ordered, key=lambda rule: rule.group)
    }
    counts = {family: Counter(rule.grain for rule in found) for family, found in families.items()}
    texts = {
        "rules.md": made.from_string(INDEX).render(rules=ordered, families=counts, grains=GRAINS)
    }
    page = made.from_string(FAMILY)
    for family, found in families.items():
        texts[f"rules/{family}.md"] = page.render(family=family, rules=found).rstrip() + "\n"
    return texts


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _clauses(rule: Rule) -> list[tuple[str, str]]:
    """What makes the rule true, clause by clause, in the order in which it is decided."""
    found = [("only rows where", rule.given)]
    found += [(f"with {name}", text) for name, text in rule.let.items()]
    found += [("sharing", ", ".join(rule.key))]
    found += [(f"over rows of the same key {name}", text) for name, text in rule.together.items()]
    found += [(f"beside a row of {match.view}", match.where) for match in rule.match]
    found += [(f"without a row of {clause.view}", clause.where) for clause in rule.absent]
    found += [("where", rule.where), ("by", ", ".join(rule.by))]
    found += [(f"sum {name}", text) for name, text in rule.measures.items()]
    found += [("among subjects where", rule.among)]
    found += [(f"then {name}", text) for name, text in rule.derive.items()]
    found += [("flagged where", rule.having)]
    for extreme in rule.extreme:
        among = ", ".join(extreme.peers) or "all"
        found.append((f"{extreme.measure} far above its peers of", f"{among}, z {extreme.z}"))
    found.append(("rows named", rule.flag))
    return [(name, " ".join(text.split())) for name, text in found if text]
