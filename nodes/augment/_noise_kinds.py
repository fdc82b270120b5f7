"""The kinds of noise: what people and keyboards do to text, in English and Chinese."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Literal, get_args

Kind = Literal["typo", "drop", "swap", "repeat", "case", "keyboard", "homophone", "punctuation", "whitespace"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Maker = Callable[[str, int, random.Random], str | None]

_KEYBOARD = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm",
    "k": "jil", "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm",
    "m": "njk", "0": "9", "1": "2", "2": "13", "3": "24", "4": "35", "5": "46", "6": "57", "7": "68",
    "8": "79", "9": "80",
}  # fmt: skip
# Characters that a pinyin keyboard or a hurried eye confuses; each group reads or looks alike.
_ALIKE = (
    "的得地", "在再", "他她它", "做作坐座", "是事式试市世示视", "有又友右", "和合河何", "那哪",
    "以已一意义", "己已巳", "人入", "大太犬天", "未末", "土士", "日曰目", "请清情晴", "帮邦", "问文闻",
    "体休", "买卖", "话活", "到道倒", "时十实石食", "知之只直值", "想像象向响", "需须", "长常场厂",
    "密蜜秘", "码马吗妈骂", "钱前浅", "单担但", "定订", "账帐", "登灯", "录路陆", "退腿", "款宽",
    "货获或", "发法", "票飘", "电店点", "花化画", "费废", "收手首", "付负副富", "查察", "修休", "改该",
    "号好", "名明", "机几鸡", "网往忘", "线现限", "快块", "慢漫", "价假", "格个各", "联连", "系细",
    "服福", "务物误", "员元原园", "客刻课", "心新信", "见件建间", "今金近进", "年念", "月越", "星兴",
    "期其起", "里理李", "没每", "谁睡", "怎怂", "么没", "样洋", "可克", "能农", "不布步", "会回汇",
    "要药", "了啦", "上尚", "下夏", "中种重", "国过果", "学雪", "生声", "工公功", "行形型", "分份",
    "同童", "所锁", "本木", "从丛", "还换", "对队", "没设", "拔拨", "侯候", "折拆", "析折", "辩辨",
)  # fmt: skip
_TWINS: dict[str, str] = {}
for _group in _ALIKE:
    for _char in _group:
        _TWINS[_char] = _TWINS.get(_char, "") + _group.replace(_char, "")
_MARKS = ",.!?;:，。！？；：、"
_WIDTH = dict(zip(",.!?;:，。！？；：", "，。！？；：,.!?;:", strict=True))


def _same_case(char: str, like: str) -> str:
    return char.upper() if like.isupper() else char


def _typo(text: str, at: int, rng: random.Random) -> str | None:
    char = text[at]
    if char in string.ascii_letters:
        letters = string.ascii_lowercase.replace(char.lower(), "")
        return _same_case(rng.choice(letters), char)
    if char in string.digits:
        return rng.choice(string.digits.replace(char, ""))
    return _homophone(text, at, rng)


def _drop(text: str, at: int, _rng: random.Random) -> str | None:
    return "" if text[at].isalnum() else None


def _swap(text: str, at: int, _rng: random.Random) -> str | None:
    """The two characters from `at` on; the caller leaves out the second."""
    pair = text[at : at + 2]
    return pair[1] + pair[0] if len(pair) == 2 and pair.isalnum() and pair[0] != pair[1] else None


def _repeat(text: str, at: int, _rng: random.Random) -> str | None:
    return text[at] * 2 if not text[at].isspace() else None


def _case(text: str, at: int, _rng: random.Random) -> str | None:
    char = text[at].swapcase()
    return char if char != text[at] and len(char) == 1 else None


def _keyboard(text: str, at: int, rng: random.Random) -> str | None:
    near = _KEYBOARD.get(text[at].lower())
    return _same_case(rng.choice(near), text[at]) if near else None


def _homophone(text: str, at: int, rng: random.Random) -> str | None:
    twins = _TWINS.get(text[at])
    return rng.choice(twins) if twins else None


def _punctuation(text: str, at: int, rng: random.Random) -> str | None:
    """A mark goes, doubles or changes its width; after a word one appears."""
    char = text[at]
    if char in _MARKS:
        return rng.choice(["", char * 2, _WIDTH.get(char, "")])
    ends_word = char.isalnum() and (at + 1 == len(text) or text[at + 1].isspace())
    if ends_word or "\u4e00" <= char <= "\u9fff":
        return char + rng.choice(",.!" if char.isascii() else "，。！")
    return None


def _whitespace(text: str, at: int, rng: random.Random) -> str | None:
    if text[at] == " ":
        return rng.choice(["", "  "])
    return text[at] + " " if text[at].isalnum() and text[at + 1 : at + 2].isalnum() else None


MAKERS: dict[Kind, Maker] = {
    "typo": _typo, "drop": _drop, "swap": _swap, "repeat": _repeat, "case": _case, "keyboard": _keyboard,
    "homophone": _homophone, "punctuation": _punctuation, "whitespace": _whitespace,
}  # fmt: skip
