"""Under which user the servers run. PostgreSQL refuses to run as root, so root lends it another number."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

# The traditional number of `nobody`, for systems without that name.
NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group number."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """Another account when this is root, None (ourselves) otherwise."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY, NOBODY)
    return Account(entry.pw_uid, entry.pw_gid)


def give(path: Path, account: Account | None, mode: int) -> None:
    """Hand a file or folder to the account, with this mode."""
    path.chmod(mode)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def others_may_enter(folder: Path) -> bool:
    """Whether every folder down to this one lets other users through."""
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.resolve().parents))
