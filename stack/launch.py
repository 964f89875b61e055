"""Becomes another program, tied to the life of the launcher.

Run as a script, not imported: `python -S -E launch.py --parent PID [options] -- command`. A child of a
launcher that was killed with -9 would otherwise live on; Linux can end it for us (PR_SET_PDEATHSIG).
Order matters: 1. chroot while still root; 2. give up root; 3. ask for the signal, because changing the user
clears the request; 4. look whether the launcher died in between; 5. become the program.
"""

import argparse
import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(options: argparse.Namespace) -> None:
    """Do the five steps; does not return."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if options.chroot:
        os.chroot(options.chroot)
        os.chdir("/")
    if options.user is not None:
        os.setgroups([])
        os.setgid(options.group)
        os.setuid(options.user)
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, options.signal)
    if os.getppid() != options.parent:
        sys.exit("launch: the launcher is gone")
    try:
        os.execvp(options.command[0], options.command)  # noqa: S606
    except OSError as error:
        sys.exit(f"launch: cannot start {options.command[0]}: {error.strerror}")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the options; everything after `--` is the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, default=15)
    parser.add_argument("--chroot", default="")
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    become(parse(sys.argv[1:]))
