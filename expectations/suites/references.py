"""References between tables: an identifier that is given should have a row of its own."""

from __future__ import annotations

from expectations.check import Check, Lookup, unknown


def known(
    table: str, column: str, target: str, key: str, what: str, *, tolerance: float = 0.0
) -> Check:
    """A given, non-placeholder identifier names a row of another table.

    Args:
        what: the thing named, in words.
        tolerance: share of rows that may name an unknown one.
    """
    lookup = Lookup(f"of_{column}", target, ((column, key),))
    return Check(
        table,
        f"{column}_in_{target}",
        f"{column} names {what} without a row in {target}",
        unknown(lookup),
        tolerance=tolerance,
        lookups=(lookup,),
    )


def known_by_type(table: str, type_column: str, column: str) -> tuple[Check, ...]:
    """One check a type of subject: the identifier names a row of that type's table."""
    targets = {
        "provider": ("providers", "provider_id"),
        "member": ("members", "person_id"),
        "employer": ("employers", "employer_id"),
    }
    if type_column == "organisation_type":
        del targets["member"]
    checks = []
    for value, (target, key) in targets.items():
        lookup = Lookup(f"{value}_of_{column}", target, ((column, key),))
        checks.append(
            Check(
                table,
                f"{value}_{column}_in_{target}",
                f"{column} names a {value} without a row in {target}",
                f"{type_column} = '{value}' and {unknown(lookup)}",
                lookups=(lookup,),
            )
        )
    return tuple(checks)


def person(table: str, column: str = "person_id") -> Check:
    """The person is a known member."""
    return known(table, column, "members", "person_id", "a person")


def provider(table: str, column: str = "provider_id") -> Check:
    """The provider is known."""
    return known(table, column, "providers", "provider_id", "a provider")


def employer(table: str, column: str = "employer_id") -> Check:
    """The employer is known."""
    return known(table, column, "employers", "employer_id", "an employer")


def account(table: str, column: str = "bank_account_id") -> Check:
    """The bank account is known."""
    return known(table, column, "accounts", "account_id", "a bank account")


def procedure(table: str, column: str = "procedure_code") -> Check:
    """The procedure code is in the reference, in any edition."""
    return known(table, column, "procedures", "procedure_code", "a procedure", tolerance=0.01)


def drug(table: str, column: str = "drug_code") -> Check:
    """The drug code is in the reference, in any edition."""
    return known(table, column, "drugs", "drug_code", "a drug", tolerance=0.01)
