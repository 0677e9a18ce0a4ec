"""Made-up tables in the layouts of CMS and OIG; none of their codes is a real one."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

NOTICE = "Made for tests \xa9 nobody. Codes are made up."
PTP_HEADER = (
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
MUE_HEADER = '"{notice}\r\nAll rights reserved.",,,\r\n"HCPCS/\r\nCPT Code",{setting} MUE Values,'
MUE_REST = "MUE Adjudication Indicator,MUE Rationale\r\n"
AOC_HEADER = (
    "AOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT\t"
    "AOC_Edit_DelDT\tSpecial_Instruction_Notes\r\n"
)
LEIE_COLUMNS = (
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,"
    "EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE"
)


def ptp(rows: Sequence[str]) -> bytes:
    """CMS's tabbed text; a row is ``one two effective deletion modifier``."""
    lines = []
    for row in rows:
        one, two, effective, deletion, modifier = row.split()
        lines.append(f"{one}\t{two}\t \t{effective}\t{deletion}\t{modifier}\tMisuse\r\n")
    return (f"{NOTICE}\r\n\r\n{PTP_HEADER}" + "".join(lines)).encode("cp1252")


def mue(setting: str, rows: Sequence[str]) -> bytes:
    """CMS's CSV; a row is ``code units indicator``."""
    head = MUE_HEADER.format(notice=NOTICE, setting=setting) + MUE_REST
    lines = []
    for row in rows:
        code, units, indicator = row.split()
        lines.append(f"{code},{units},{indicator} Date of Service Edit: Policy,CMS Policy\r\n")
    return (head + "".join(lines)).encode("cp1252")


def aoc(rows: Sequence[str]) -> bytes:
    """CMS's tabbed text; a row is ``type add-on primary effective deletion``, days of years."""
    lines = []
    for row in rows:
        kind, add_on, primary, effective, deletion = row.split()
        lines.append(f"{kind}\t{add_on}\t\t{primary}\t\t{effective}\t{deletion}\t\r\n")
    return (f"{NOTICE}\r\n{AOC_HEADER}" + "".join(lines)).encode("cp1252")


def leie(rows: Sequence[str]) -> bytes:
    """OIG's CSV; a row is ``last|first|business|npi|type|excluded|reinstated``."""
    lines = []
    for row in rows:
        last, first, business, npi, kind, excluded, reinstated = row.split("|")
        lines.append(
            f"{last},{first},,{business},OTHER,CLINIC,,{npi},19600229,1 ROAD,TOWN,XX,00001,{kind},"
            f"{excluded},{reinstated},00000000,\r\n"
        )
    return (f"{LEIE_COLUMNS}\r\n" + "".join(lines)).encode()


def zipped(path: Path, member: str, content: bytes) -> Path:
    """An archive as CMS publishes it: the text and the same as a workbook."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
        archive.writestr(f"{Path(member).stem}.xlsx", b"PK")
    return path
