"""Logs as text: whatever the bytes are (F50)."""

from __future__ import annotations

from ui.results.log_text import readable


def test_F50_escapes_and_control_characters_never_reach_the_page():
    assert readable(b"\x1b[31mred\x1b[0m \x1b]0;title\x07plain") == "red plain"
    assert readable(b"a\x00b\x07c") == "a�b�c"
    assert readable(b"\xff\xfe ok") == "�� ok"
    assert readable("right‮left".encode()) == "right�left"


def test_a_progress_bar_leaves_its_last_state():
    assert readable(b" 10%\r 50%\r100%\ndone\r\n") == "100%\ndone\n"


def test_F49_a_very_long_line_is_cut_and_says_how_long_it_was():
    shown = readable(b"x" * 100_000)
    assert len(shown) < 5_000
    assert "100,000" in shown


def test_markup_stays_text_and_other_languages_stay_whole():
    assert readable("<script>x</script> 中文 😀".encode()) == "<script>x</script> 中文 😀"
