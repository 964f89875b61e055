"""What can go wrong while starting things, said in one line with the fix."""


class StackError(Exception):
    """What is wrong, and what to do about it."""


class ProgramDiedError(StackError):
    """A program ended that should have gone on."""

    def __init__(self, name: str, status: int | None, last_lines: list[str], log: str) -> None:
        self.name = name
        self.status = status
        self.last_lines = last_lines
        self.log = log
        reason = last_lines[-1] if last_lines else "it said nothing"
        super().__init__(f"{name} stopped ({_in_words(status)}): {reason}\n  whole log: {log}")


def _in_words(status: int | None) -> str:
    if status is None:
        return "still running"
    return f"signal {-status}" if status < 0 else f"exit status {status}"
