"""The layout of a blob, and what is generated from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from staticbuild.errors import ConfigError, FormatError
from staticbuild.packing import format as layout
from staticbuild.packing.format import ALIGNMENT, RECORDS, Section, align
from staticbuild.packing.settings import SETTINGS, SettingType, decode_settings, encode_settings, newer_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted(layout.generated()))
def test_generated_files_are_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == layout.generated()[path], (
        "run `python -m staticbuild.packing.format --write`"
    )


def test_main_names_nothing_when_all_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert layout.main([]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_records_have_no_padding_in_c(record: layout.Record) -> None:
    largest = max(8 if code == "Q" else 4 for field in record.fields for _, _, code in layout.KINDS[field.kind].parts)
    assert record.size % largest == 0
    offset = 0
    for field in record.fields:
        for _, _, code in layout.KINDS[field.kind].parts:
            size = {"I": 4, "Q": 8, "8s": 8}[code]
            assert offset % (1 if code == "8s" else size) == 0, f"{record.name}.{field.name} is not aligned"
            offset += size


def test_sections_are_numbered_in_their_order() -> None:
    assert [section.value for section in Section] == list(range(len(Section)))


def test_align() -> None:
    assert [align(size) for size in (0, 1, ALIGNMENT, ALIGNMENT + 1)] == [0, ALIGNMENT, ALIGNMENT, 2 * ALIGNMENT]


class TestSettings:
    def test_defaults_are_left_out(self) -> None:
        assert encode_settings({field.name: field.default for field in SETTINGS}) == {}

    @pytest.mark.parametrize(
        ("name", "value", "text"),
        [
            ("entry_point", "greet.cli:main", "greet.cli:main"),
            ("utf8_mode", False, "0"),
            ("hash_seed", 0, "0"),
            ("hash_seed", -5, "-5"),
            ("sys_path", ["$ORIGIN/plugins", "/opt"], "$ORIGIN/plugins\0/opt"),
        ],
    )
    def test_round_trip(self, name: str, value: object, text: str) -> None:
        encoded = encode_settings({name: value})
        assert encoded == {name: text}
        assert decode_settings(encoded)[name] == (tuple(value) if isinstance(value, list) else value)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"utf8_mode": 1}, "setting `utf8_mode` wants bool, got `1`"),
            ({"hash_seed": True}, "setting `hash_seed` wants int, got `True`"),
            ({"hash_seed": 1 << 31}, "setting `hash_seed` wants int, got `2147483648`"),
            ({"sys_path": ["a\0b"]}, "setting `sys_path` wants list of str, got `['a\\x00b']`"),
            (
                {"check_hash_pycs_mode": "often"},
                "setting `check_hash_pycs_mode` wants one of default, always, never, got `'often'`",
            ),
            ({"sys_path": "a"}, "setting `sys_path` wants list of str, got `'a'`"),
            ({"entry_point": "a", "command": "b"}, "only one of `entry_point`, `command` and `file` can be set"),
        ],
    )
    def test_wrong_values(self, values: dict[str, object], message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            encode_settings(values)
        assert caught.value.message == message

    def test_all_problems_at_once_with_suggestions(self) -> None:
        with pytest.raises(ConfigError) as caught:
            encode_settings({"optimisation_level": 2, "utf8_mode": "yes"})
        problems = caught.value.problems
        assert [problem.message for problem in problems] == [
            "there is no setting `optimisation_level`",
            "setting `utf8_mode` wants bool, got `'yes'`",
        ]
        assert problems[0].hint == "did you mean `optimization_level`?"

    @pytest.mark.parametrize("encoded", [{"nonsense": "1"}, {"utf8_mode": "yes"}, {"hash_seed": "1.5"}])
    def test_text_that_is_no_setting(self, encoded: dict[str, str]) -> None:
        with pytest.raises(FormatError, match="not a setting"):
            decode_settings(encoded)

    def test_every_default_has_its_type(self) -> None:
        kinds = {SettingType.BOOL: bool, SettingType.INT: int, SettingType.STR: str, SettingType.LIST: tuple}
        given = [field for field in SETTINGS if field.default is not None]
        assert [field.name for field in given if type(field.default) is not kinds[field.type]] == []

    def test_a_default_that_follows_from_other_settings_is_said_in_words(self) -> None:
        assert [field.name for field in SETTINGS if field.default is None and "Not given: " not in field.doc] == []
        assert encode_settings({"frozen": None}) == {}
        assert encode_settings({"frozen": True}) == {"frozen": "1"}

    @pytest.mark.parametrize(
        ("values", "version", "messages"),
        [
            ({"cpu_count": 2}, "3.13", []),
            ({"cpu_count": -1, "remote_debug": None}, "3.11", []),
            ({"cpu_count": 2}, "3.12", ["`cpu_count` is new in Python 3.13, and this is Python 3.12"]),
            ({"python_allocator": "malloc"}, "3.11", []),
            (
                {"python_allocator": "mimalloc"},
                "3.9",
                ["`mimalloc` of `python_allocator` is new in Python 3.13, and this is Python 3.9"],
            ),
            (
                {"remote_debug": False, "int_max_str_digits": 0},
                "3.11",
                [
                    "`int_max_str_digits` is new in Python 3.12, and this is Python 3.11",
                    "`remote_debug` is new in Python 3.14, and this is Python 3.11",
                ],
            ),
        ],
    )
    def test_what_an_older_python_lacks(self, values: dict[str, object], version: str, messages: list[str]) -> None:
        assert [problem.message for _, problem in newer_settings(values, version)] == messages
