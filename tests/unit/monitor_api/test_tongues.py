"""In which language a request is answered, and that everything can be said in it."""

import ast
import string
from itertools import chain
from pathlib import Path

import pytest

from collateral.model.person import Role
from collateral.model.saying import say
from collateral.ops.catalog_upkeep import Word, is_translated, read
from monitor_api.catalog import FOLDERS, MARKERS, ROOT, WORDS, messages
from monitor_api.recognising import patterns, recognised
from monitor_api.tongues import CATALOG, speaking, spoken, wanted

TRANSLATE = "run python -m monitor_api.catalog and fill in the entries"
CALLS = [
    (path, node)
    for path in chain.from_iterable(sorted((ROOT / folder).rglob("*.py")) for folder in FOLDERS)
    for node in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("ZH-hans-CN", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.3, zh-TW;q=0.5", "zh"),
        ("fr, de;q=0.9, zh;q=0.1", "zh"),
        ("fr", "en"),
        ("*", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        (";;;,,, ;q=1", "en"),
        ("中文", "en"),
    ],
)
def test_the_language_is_the_one_that_is_asked_for_most(header: str, language: str) -> None:
    assert wanted(header) == language


def test_what_stands_in_a_sentence_is_said_in_the_same_language() -> None:
    said = say("role {role} may not {purpose}; ask one of: {roles}", role=Role.OFFICER, purpose=say("see loans"),
               roles=[Role.ADMIN, Role.RISK])  # fmt: skip
    assert spoken(said) == "role officer may not see loans; ask one of: admin, risk"
    with speaking("zh"):
        assert spoken(said) == "客户经理无权查看贷款；请联系：管理员、风险经理"


def test_what_was_kept_as_english_text_is_recognised() -> None:
    with speaking("zh"):
        assert spoken("pens without any read or count: p1, p2; count them too") == (
            "以下圈舍既无读标也无计数：p1, p2；请补充盘点"
        )
        assert spoken("the same photo was filed for several tags; photograph each animal").startswith("同一照片")
        assert spoken("something that nobody has said before") == "something that nobody has said before"


def test_the_template_with_most_text_of_its_own_recognises_first() -> None:
    among = patterns(
        ["{any} was counted twice here", "pen {pen} was counted twice here", "{a}: {b}", "{n:g} head of them"]
    )
    found = recognised("pen 7 was counted twice here", among)
    assert found is not None
    assert (found.template, found.values) == ("pen {pen} was counted twice here", {"pen": "7"})
    assert recognised("any: thing", among) is None


def stored() -> dict[tuple[str | None, str], str]:
    return {(m.context, str(m.id)): str(m.string) for m in read(CATALOG, "zh_CN") if m.id and is_translated(m)}


def wanted_ids() -> set[tuple[str | None, str]]:
    return {(m.context, m.text) if isinstance(m, Word) else (None, str(m)) for m in messages()}


def test_everything_that_the_api_says_is_translated() -> None:
    assert wanted_ids() - stored().keys() == set(), TRANSLATE


def test_the_catalog_keeps_nothing_that_nobody_says() -> None:
    assert stored().keys() - wanted_ids() == set(), TRANSLATE


def test_a_translation_has_the_same_places_with_the_same_formats() -> None:
    assert [english for (_, english), chinese in stored().items() if places(chinese) != places(english)] == []


def places(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, kind) for _, name, spec, kind in string.Formatter().parse(text) if name is not None}


def test_a_message_is_a_literal_so_that_it_can_be_found() -> None:
    made_up = [place(path, call) for path, call in CALLS if call.func.id == "say" and not is_literal(call.args[0])]  # type: ignore[attr-defined]
    assert made_up == []
    pieced = [place(path, call) for path, call in CALLS if call.func.id in MARKERS  # type: ignore[attr-defined]
              and any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in call.args)]  # fmt: skip
    assert pieced == []


def test_no_problem_is_raised_with_a_bare_text() -> None:
    bare = [
        place(path, call) for path, call in CALLS
        if call.func.id in refusals() and any(isinstance(a, ast.JoinedStr) or is_literal(a) for a in call.args)  # type: ignore[attr-defined]
    ]  # fmt: skip
    assert bare == [], "say it: raise Conflict(say('...'))"


def test_every_word_that_stands_in_a_sentence_has_one_list() -> None:
    assert len({words.__name__ for words in WORDS}) == len(WORDS)


def refusals() -> set[str]:
    """The classes that refuse, by name: of ProblemError and of Refusal. NotFound takes the name of a thing."""
    from collateral.model.saying import Refusal
    from monitor_api.app import create_app  # noqa: F401 - so that every subclass is there
    from monitor_api.errors import ProblemError

    found: set[str] = set()
    waiting = [ProblemError, Refusal]
    while waiting:
        kind = waiting.pop()
        found.add(kind.__name__)
        waiting += kind.__subclasses__()
    return found - {"NotFound"}


def is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def place(path: Path, call: ast.Call) -> str:
    return f"{path.relative_to(ROOT)}:{call.lineno}"
