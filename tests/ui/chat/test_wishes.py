"""How a service should answer, as typed into the dialog."""

from __future__ import annotations

import pytest

from ui.chat.conversation import Wishes
from ui.chat.wishes import read


def typed(temperature: str = "0.7", max_tokens: str = "64", system: str = "") -> dict[str, str]:
    return {"system": system, "temperature": temperature, "max_tokens": max_tokens}


def test_numbers_are_read():
    assert read(typed("0", "12", "Be kind.")) == Wishes("Be kind.", 0.0, 12)


def test_an_empty_number_leaves_it_to_the_service():
    assert read(typed(" ", "")) == Wishes("", None, None)


@pytest.mark.parametrize("temperature", ["warm", "-1", "2.1", "nan", "inf", "1e999"])
def test_a_temperature_is_from_0_to_2(temperature):
    assert read(typed(temperature=temperature)) == "The temperature is a number from 0 to 2."


@pytest.mark.parametrize("tokens", ["many", "0", "-3", "1.5", "100001", "９", "9" * 5000])
def test_the_longest_answer_is_a_whole_number(tokens):
    assert "longest answer" in str(read(typed(max_tokens=tokens)))
