"""Record linkage: which records of a register are one person (Fellegi & Sunter 1969, by Splink)."""

from __future__ import annotations

from features.linkage.clusters import Clustering, clusters
from features.linkage.linking import link_records, linked
from features.linkage.records import RECORD_DDL, records_sql
from features.linkage.scoring import LINK_DDL
from features.linkage.settings import MANY_DOUBLES, REGISTER, LinkageSettings
from features.linkage.subjects import same_person_links

__all__ = [
    "LINK_DDL",
    "MANY_DOUBLES",
    "RECORD_DDL",
    "REGISTER",
    "Clustering",
    "LinkageSettings",
    "clusters",
    "link_records",
    "linked",
    "records_sql",
    "same_person_links",
]
