"""The report as HTML: a readable page of our own, and the Data Docs behind it, both offline."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment

from expectations.gate import write_docs
from expectations.report import Report
from expectations.terminal import figure

DOCS = "data_docs"

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem;
  color: #1d2430; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #dfe3ea;
  vertical-align: top; }
.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.critical { color: #a3142a; font-weight: 600; } .warning { color: #855300; font-weight: 600; }
.reason { color: #566070; } summary { cursor: pointer; padding: .3rem 0; }
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data quality, {{ report.as_of }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{{ style }}</style></head><body>
<h1>Data quality on {{ report.as_of }}</h1>
<p>{{ report.summary }}.
{% if report.critical %}<span class="critical">Nothing may run on this load.</span>{% endif %}
<a href="{{ docs }}/index.html">Every check in detail</a></p>
<h2>Failures and warnings</h2>
{% if failures %}<table><thead><tr><th>Severity</th><th>Check</th><th class="figure">Failing</th>
<th class="figure">Tolerated</th><th>Meaning</th></tr></thead><tbody>
{% for result in failures %}<tr><td class="{{ result.severity }}">{{ result.severity }}</td>
<td>{{ result.full_name }}</td><td class="figure">{{ figure(result) }}</td>
<td class="figure">{{ "%g"|format(result.tolerance) }}</td>
<td>{{ result.meaning }}
{%- if result.reason %} <span class="reason">({{ result.reason }})</span>{% endif %}</td></tr>
{% endfor %}</tbody></table>{% else %}<p>None.</p>{% endif %}
<h2>Tables</h2>
<table><thead><tr><th>Table</th><th class="figure">Rows</th><th class="figure">Money a day</th>
<th>Newest day</th><th class="figure">Came in</th><th class="figure">In quarantine</th></tr></thead>
<tbody>
{% for name, kept in report.measures.items() %}<tr><td>{{ name }}</td>
<td class="figure">{{ "{:,}".format(kept.rows) }}</td>
<td class="figure">{% if kept.money_per_day is not none %}{{ "{:,.2f}".format(kept.money_per_day) }}
{%- endif %}</td><td>{{ kept.newest or "" }}</td>
{% for key in ("in", "quarantined") %}<td class="figure">
{%- if name in report.accounts %}{{ "{:,}".format(report.accounts[name][key]) }}{% endif %}</td>
{%- endfor %}</tr>
{% endfor %}</tbody></table>
{% if report.rejections %}<h2>Quarantine</h2>
<table><thead><tr><th>Table</th><th class="figure">Rows</th><th>Reason (a row may have several)</th>
</tr></thead><tbody>
{% for each in report.rejections %}<tr><td>{{ each.table_name }}</td>
<td class="figure">{{ "{:,}".format(each.rows) }}</td><td>{{ each.reason }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
<details><summary>{{ report.not_run|length }} checks did not run</summary><table><tbody>
{% for result in report.not_run %}<tr><td>{{ result.full_name }}</td>
<td class="reason">{{ result.reason }}</td></tr>
{% endfor %}</tbody></table></details>
</body></html>
"""

# Data Docs are made for a page with Bootstrap, jQuery and fonts from content networks. Without
# them they are unstyled and wait on every open, so those tags give way to a few rules of our own.
REMOTE = re.compile(
    r"<script[^>]*\bsrc=\"https?://[^>]*>\s*</script>|<link[^>]*\bhref=\"https?://[^>]*>"
    r"|<img[^>]*\bsrc=\"https?://[^>]*>",
    re.IGNORECASE,
)
DOCS_STYLE = (
    "<style>body { font: 15px/1.45 system-ui, sans-serif; margin: 1rem 2rem; }"
    " table { border-collapse: collapse; } th, td { text-align: left; padding: .3rem .6rem;"
    " border-bottom: 1px solid #dfe3ea; vertical-align: top; }"
    " .modal, .cooltip, footer, .btn, .navbar, .tooltip-text, [id$=-walkthrough] { display: none; }"
    " .collapse { display: block; } .row { display: block; } ul { padding-left: 1.2rem; }"
    " .fa-check-circle::before { content: '\\2713'; color: #1a7f37; }"
    " .fa-times::before, .fa-exclamation-triangle::before { content: '\\2717'; color: #a3142a; }"
    "</style></head>"
)


def write_page(report: Report, folder: Path) -> Path:
    """Write ``index.html`` and the Data Docs beside it; neither asks the network for anything.

    Returns:
        The path of ``index.html``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = (
        Environment(autoescape=True)
        .from_string(PAGE)
        .render(
            report=report,
            failures=(*report.critical, *report.warnings),
            figure=figure,
            style=STYLE,
            docs=DOCS,
        )
    )
    page = folder / "index.html"
    page.write_text(text, encoding="utf-8")
    write_docs(report, folder / DOCS)
    for document in (folder / DOCS).rglob("*.html"):
        local = REMOTE.sub("", document.read_text(encoding="utf-8"))
        document.write_text(local.replace("</head>", DOCS_STYLE, 1), encoding="utf-8")
    return page
