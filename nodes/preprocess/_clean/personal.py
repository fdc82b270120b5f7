"""Personal data in texts: addresses, phones, cards and identity numbers, found by form and check digits."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import Literal, get_args

Kind = Literal["email", "phone", "id_card", "credit_card", "ip", "url"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Every repetition is bounded, and none can begin inside another: no text takes more than linear time.
_PATTERNS: dict[Kind, re.Pattern[str]] = {
    "url": re.compile(r"(?i)\b(?:https?|ftp)://[^\s<>\"'，。、；！？（）【】《》]{1,2000}(?<![.,;:!?)\]])"),
    "email": re.compile(
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}"
        r"(?![A-Za-z0-9])"
    ),
    "id_card": re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])"),
    "credit_card": re.compile(r"(?<![\d-])[2-6]\d(?:[ -]?\d){11,17}(?![\d-])"),
    "phone": re.compile(
        r"(?<![\d.+*/=-])(?:"  # 600-150-1200 in a sum is no number to call
        r"(?:\+?86[- ]?|0086[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}"  # Chinese mobiles
        r"|(?:\+86[- ]?)?(?:\(0[1-9]\d{1,2}\)|0[1-9]\d{1,2})[- ]?\d{7,8}"  # Chinese landlines
        r"|400[- ]\d{3,4}[- ]\d{3,4}"
        r"|\+[1-9]\d{0,2}(?:[ .-]?(?:\(\d{1,4}\)|\d{1,4})){2,5}"  # international
        r"|(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}"  # North American
        r")(?!\d|[-+*/=]\d)"
    ),
    "ip": re.compile(
        r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)|(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"
    ),
}  # fmt: skip
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def masked(text: str, kinds: Collection[Kind], found: Counter[str] | None = None) -> str:
    """`text` with what is personal replaced by its kind, such as [EMAIL]; `found` counts what it was."""
    for kind in _PATTERNS:
        if kind in kinds and _may_hold(text, kind):
            text = _PATTERNS[kind].sub(_replacing(kind, found), text)
    return text


def _replacing(kind: Kind, found: Counter[str] | None) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if not _is_true(kind, match[0]):
            return match[0]
        if found is not None:
            found[kind] += 1
        return f"[{kind.upper()}]"

    return replace


def _may_hold(text: str, kind: Kind) -> bool:
    if kind == "email":
        return "@" in text
    return "://" in text if kind == "url" else any(digit in text for digit in "0123456789") or "::" in text


def _is_true(kind: Kind, text: str) -> bool:
    if kind == "id_card":
        return is_identity_number(text)
    if kind == "credit_card":
        return passes_luhn(re.sub(r"\D", "", text))
    if kind == "phone" and text.startswith("+"):
        return 8 <= len(re.sub(r"\D", "", text)) <= 15
    if kind == "ip":
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return False
        return text != "::"
    return True


def is_identity_number(text: str) -> bool:
    """Whether a Chinese identity number has a possible date and the right check digit (GB 11643-1999)."""
    month, day = int(text[10:12]), int(text[12:14])
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text[:17], strict=True))
    return 1 <= month <= 12 and 1 <= day <= 31 and "10X98765432"[total % 11] == text[17].upper()


def passes_luhn(digits: str) -> bool:
    """Whether a card number has the right check digit (ISO/IEC 7812-1), and is not one digit repeated."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0 and len(set(digits)) > 1
