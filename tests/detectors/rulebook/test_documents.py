"""YAML of rules: values of YAML 1.2, each key once, and the line of everything."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.rulebook import documents
from detectors.rulebook.documents import Document, YamlFault


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("off", "off"),
        ("Y", "Y"),
        ("true", True),
        ("FALSE", False),
        ("010", 10),
        ("0o10", 8),
        ("0x1f", 31),
        ("-3", -3),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("99213", 99213),
        ("E11.0", "E11.0"),
        ("2025-03-02", date(2025, 3, 2)),
        ("2025-03-02 08:05:00", datetime(2025, 3, 2, 8, 5)),
        ("2025-02-30", "2025-02-30"),
        ("2025-3-2", "2025-3-2"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'010'", "010"),
        ('"2025-03-02"', "2025-03-02"),
        ("!!str 010", "010"),
        ("=", "="),
        ("<<", "<<"),
        ("|\n  10\n", "10\n"),
        ("[1, a, [no]]", [1, "a", ["no"]]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: Any) -> None:
    read = Document(f"key: {written}").value["key"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a key stands twice"),
        ("a:\n  - {x: 1,\n     x: 2}\n", 3, "a key stands twice"),
        ("'a': 1\na: 2\n", 2, "a key stands twice"),
        ("a: &rows [1]\nb: *rows\n", 2, "an alias is not read here"),
        ("a: 1\nb: !!python/object/apply:os.system [x]\n", 2, "the tag"),
        ("a: 1\nb: !!int '5'\n", 2, "the tag tag:yaml.org,2002:int is not read here"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key that is no word"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\nb: [open\n", 3, "not YAML"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: 1\nb: \x00\n", 0, "not YAML (not text)"),
        ("a: \ud800\n", 0, "not YAML (not text)"),
        ("[" * 100_000, 0, "nested too deep"),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, fault: str) -> None:
    with pytest.raises(YamlFault) as caught:
        Document(text)
    assert caught.value.line == line
    assert caught.value.fault.startswith(fault)
    assert caught.value.remedy


def test_the_reader_in_python_reads_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "id: a\nrows:\n- {n: 010, d: 2025-01-01}\n- [no, '1']\n"
    quick = Document(text)
    monkeypatch.setattr(documents, "_LOADER", yaml.SafeLoader)
    slow = Document(text)
    assert slow.value == quick.value
    assert slow.line(slow.value["rows"][0]) == quick.line(quick.value["rows"][0]) == 3


def test_lines_of_keys_mappings_and_sequences() -> None:
    document = Document(
        "# first\nid: x\nrows:\n  - a: 1\n    b: 2\n\n  -\n    a: 3\nlast: [1,\n 2]\n"
    )
    first, second = document.value["rows"]
    assert document.line(document.value) == 2
    assert [document.line(document.value, key) for key in document.value] == [2, 3, 9]
    assert document.line(document.value["rows"]) == 4
    assert (document.line(first), document.line(first, "b")) == (4, 5)
    assert (document.line(second), document.line(second, "a")) == (8, 8)
    assert document.line(document.value["last"]) == 9
    assert document.line(first, "absent") == 4, "of a key that is not there, the mapping's"
    assert document.line("a text") == 1


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment alone\n"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    assert Document(text).value is None


PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.dates(),
    st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(codec="ascii")),
)  # fmt: skip


@given(
    st.recursive(
        PLAIN,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_again(value: Any) -> None:
    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    # A text that YAML 1.1 would take for a text alone, such as 0o7, is written without quotes.
    Dumper.add_representer(
        str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    )
    assert Document(yaml.dump({"v": value}, Dumper=Dumper)).value == {"v": value}
