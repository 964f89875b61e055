"""Debian packages without installing them: fetched with apt's own checks into a private folder, and unpacked.

Nothing on the machine changes: lists, cache and state are ours; mirror and keyring are the machine's own.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

SOURCES = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CODENAMES = ("bookworm", "trixie")
TOOLS = ("apt-get", "apt-cache", "dpkg-deb", "dpkg", "tar")
UNNEEDED = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "*/bitcode", "*/llvmjit*")
APT_PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where this machine gets its Debian packages from, and what it checks them with."""

    address: str
    keyring: str
    suite: str


def missing_tools() -> list[str]:
    """Which of apt's programs are not here."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def find_mirror(sources: Path = SOURCES) -> Mirror | None:
    """The first entry for a Debian release that we know, in either of apt's two formats."""
    one_line = [sources / "sources.list", *sorted(sources.glob("sources.list.d/*.list"))]
    for file in one_line:
        for line in _lines(file):
            if mirror := _from_one_line(line):
                return mirror
    for file in sorted(sources.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", "\n".join(_lines(file))):
            if mirror := _from_stanza(stanza):
                return mirror
    return None


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    except OSError:
        return []


def _from_one_line(line: str) -> Mirror | None:
    found = re.match(r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+.*\bmain\b", line)
    if found is None or found[3] not in CODENAMES:
        return None
    signed = re.search(r"signed-by=(\S+)", found[1] or "")
    return Mirror(found[2], signed[1] if signed else str(KEYRING), found[3])


def _from_stanza(stanza: str) -> Mirror | None:
    pairs = re.findall(r"^(\S+):[ \t]*(.*)$", stanza, re.MULTILINE)
    fields = {name.lower(): value.split() for name, value in pairs}
    suites = [suite for suite in fields.get("suites", []) if suite in CODENAMES]
    if "deb" not in fields.get("types", []) or "main" not in fields.get("components", []):
        return None
    if not suites or not fields.get("uris") or fields.get("enabled") == ["no"]:
        return None
    keyring = (fields.get("signed-by") or [str(KEYRING)])[0]
    return Mirror(fields["uris"][0], keyring, suites[0])


def architecture() -> str:
    """What Debian calls this machine's processor."""
    return _run(["dpkg", "--print-architecture"]).strip()


class Apt:
    """apt with a private state below `folder`, seeing one suite of one mirror."""

    def __init__(self, folder: Path, mirror: Mirror, suite: str) -> None:
        self.folder = folder
        for name in ("lists/partial", "cache/archives/partial", "debs", "etc"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._empty_status = folder / "status"
        self._empty_status.touch()
        entry = f"deb [signed-by={mirror.keyring}] {mirror.address} {suite} main\n"
        (folder / "sources.list").write_text(entry)

    def update(self) -> None:
        """Fetch the list of packages."""
        self._apt("apt-get", "update")

    def with_dependencies(self, package: str) -> list[str]:
        """The package and everything it needs, however far."""
        flags = ["--recurse", "--no-recommends", "--no-suggests", "--no-enhances"]
        flags += ["--no-conflicts", "--no-breaks", "--no-replaces"]
        listed = self._apt("apt-cache", "depends", *flags, package)
        return sorted({line for line in listed.splitlines() if line and line[0].isalnum()})

    def download(self, packages: Sequence[str]) -> list[Path]:
        """Fetch and verify these packages."""
        debs = self.folder / "debs"
        self._apt("apt-get", "download", *packages, folder=debs)
        return sorted(debs.glob("*.deb"))

    def _apt(self, program: str, *arguments: str, folder: Path | None = None) -> str:
        settings = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::parts": "-",
            "Dir::State::lists": self.folder / "lists",
            "Dir::State::status": self._empty_status,
            "Dir::Cache": self.folder / "cache",
            "Debug::NoLocking": "1",
            "Acquire::Languages": "none",
            # apt would drop to its own user, who cannot write into our private folder.
            "APT::Sandbox::User": "",
        }
        options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
        return _run([program, "-q", *options, *arguments], folder)


def unpack(debs: Iterable[Path], prefix: Path) -> None:
    """Lay the files of these packages below the prefix, without documentation."""
    prefix.mkdir(parents=True, exist_ok=True)
    excluded = [f"--exclude={pattern}" for pattern in UNNEEDED]
    for deb in debs:
        archive = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE)
        command = ["tar", "-x", "--no-same-owner", "--keep-directory-symlink", "-C", str(prefix), *excluded]
        result = subprocess.run(command, stdin=archive.stdout, capture_output=True, text=True, check=False)
        if archive.wait() != 0 or result.returncode != 0:
            raise StackError(f"could not unpack {deb.name}: {result.stderr.strip()[-200:]}")


def _run(command: list[str], folder: Path | None = None) -> str:
    try:
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=APT_PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        raise StackError(f"{command[0]} gave no answer in {APT_PATIENCE_S} s: check the network") from error
    if result.returncode != 0:
        errors = [line for line in result.stderr.splitlines() if line.startswith("E:")]
        raise StackError(f"{command[0]}: {errors[-1] if errors else 'it gave no reason'}")
    return result.stdout
