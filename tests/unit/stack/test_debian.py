"""Reading the machine's own apt sources."""

from pathlib import Path

import pytest

from stack.debian import KEYRING, Mirror, find_mirror

STANZA = """\
Types: deb
# a snapshot was here
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/debian.gpg

Types: deb
URIs: http://other.example/node
Suites: nodistro
Components: main
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "sources.list.d/debian.sources",
            STANZA,
            Mirror("http://mirror.example/debian", "/keys/debian.gpg", "bookworm"),
        ),
        (
            "sources.list",
            "deb http://m.example/debian trixie main contrib\n",
            Mirror("http://m.example/debian", str(KEYRING), "trixie"),
        ),
        (
            "sources.list",
            "deb [arch=amd64 signed-by=/k.gpg] https://m.example/d bookworm main\n",
            Mirror("https://m.example/d", "/k.gpg", "bookworm"),
        ),
        ("sources.list", "# deb http://m.example/debian trixie main\n", None),
        ("sources.list", "deb http://m.example/ubuntu noble main\n", None),
        ("sources.list", "deb http://m.example/debian-security bookworm-security main\n", None),
        ("sources.list.d/off.sources", STANZA.replace("Types: deb\n#", "Types: deb\nEnabled: no\n#"), None),
    ],
)
def test_the_first_debian_release_that_we_know_is_taken(
    tmp_path: Path, name: str, text: str, expected: Mirror | None
) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    assert find_mirror(tmp_path) == expected
