"""Whether a backup can go into a server: decided before anything is touched."""

from stack.backup.manifest import Manifest
from stack.backup.server import Server


def obstacle(kept: Manifest, found: Server) -> str | None:
    """What stands in the way and what to do; None when nothing does."""
    if kept.timescale is None:
        return _plain_into_timescale(found) if found.offered else None
    if not found.offered:
        return (
            f"it is of TimescaleDB {kept.timescale}, and that server has none: install TimescaleDB {kept.timescale} "
            "there and add timescaledb to shared_preload_libraries, or name another server with --into"
        )
    if kept.timescale not in found.offered:
        return _other_version(kept.timescale, found)
    if not found.superuser:
        return (
            "TimescaleDB lets only a superuser restore: name one with --into "
            f"(what belonged to {', '.join(kept.owners)} will belong to the same again, where that role exists)"
        )
    return None


def _plain_into_timescale(found: Server) -> str:
    return (
        f"it is of plain PostgreSQL, and that server loads TimescaleDB {_newest(found)}: name a PostgreSQL without it "
        "with --into; docs/guides/backup.md says how to move over to TimescaleDB"
    )


def _other_version(wanted: str, found: Server) -> str:
    newest = _newest(found)
    if _order(newest) < _order(wanted):
        return f"it is of TimescaleDB {wanted}, and that server has {newest}, which is older: upgrade it to {wanted}"
    offered = ", ".join(sorted(found.offered, key=_order))
    return (
        f"it is of TimescaleDB {wanted}, and that server offers {offered}: install {wanted} beside it, restore, "
        "then ALTER EXTENSION timescaledb UPDATE"
    )


def _newest(found: Server) -> str:
    return max(found.offered, key=_order)


def _order(version: str) -> tuple[int, ...]:
    # A development version, as 2.20.0-dev, stands with its release.
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdigit())
