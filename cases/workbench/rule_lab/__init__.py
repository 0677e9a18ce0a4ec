"""The rule lab: write a rule, have it checked as it is written, and try it on the past."""

from __future__ import annotations

from cases.workbench.rule_lab.draft import Draft
from cases.workbench.rule_lab.lab import RuleLab, rule_lab

__all__ = ["Draft", "RuleLab", "rule_lab"]
