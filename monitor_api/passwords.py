"""Passwords: argon2 hashes, and the same work whether a login exists or not."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's least for argon2id: 19 MiB, two passes, one lane. A login then costs tens of milliseconds, not a core.
_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


def hashed(password: str) -> str:
    """A salted argon2id hash."""
    return _HASHER.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. Without a hash (no such login) it takes as long and is wrong."""
    right = _HASHER.verify(password, password_hash or _nobodys())
    return right and password_hash is not None


@cache
def _nobodys() -> str:
    return hashed("nobody has this password")
