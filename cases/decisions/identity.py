"""Who acts, and how that was established: a name from the operating system alone proves little.

JupyterHub and the database have asked for a password or a certificate; the operating system's
account is what is left on a laptop. The environment that JupyterHub sets can be changed by its user
from within a kernel: a team that must rule this out gives each analyst a database login and grants
it insert and select alone.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass

from sqlalchemy import Engine, text

from cases.decisions.vocabulary import Source

HUB_USER = "JUPYTERHUB_USER"


@dataclass(frozen=True)
class Identity:
    """A person, and what vouches for the name."""

    name: str
    source: Source = "stated"


def identify(engine: Engine) -> Identity:
    """The person at work: JupyterHub's user, else PostgreSQL's login, else the system's account."""
    if os.environ.get(HUB_USER) and os.environ.get("JUPYTERHUB_API_TOKEN"):
        return Identity(os.environ[HUB_USER], "jupyterhub")
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return Identity(str(connection.scalar(text("select session_user"))), "database")
    return Identity(_account(), "operating_system")


def _account() -> str:
    """The account by the process's user number: variables such as USER are anyone's to set."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()
