"""Changes to a single text: characters, HTML, white space."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

Normal = Literal["none", "NFC", "NFKC"]

# Controls but for tab and newline; zero-width characters but for the joiners that emoji and Persian need;
# marks that turn the direction of writing; characters that are none.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u2060\ufeff"
    "\u202a-\u202e\u2066-\u2069\ufff9-\uffff]"
)
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_HIDDEN = re.compile(r"<(script|style)\b[^>]{0,1000}>.{0,100000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.{0,100000}?-->|<!DOCTYPE[^>]{0,1000}>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(
    r"<(?:br|hr)\s*/?>|</(?:p|div|li|tr|h[1-6]|ul|ol|table|section|article)\s*>", re.IGNORECASE
)
# Only tags and attributes as HTML has them: List<String>, a < b and p<q && r>s stay.
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|audio|b|base|blockquote|body|button|canvas|caption|center|cite|code|col|dd|del"
    r"|details|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|html|i|iframe|img|input"
    r"|ins|kbd|label|li|link|main|mark|meta|nav|noscript|object|ol|option|p|picture|pre|q|s|samp|script|section"
    r"|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead"
    r"|time|title|tr|tt|u|ul|var|video)"
    r"(?:\s++[A-Za-z_:@][\w:.@-]*+(?:\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s<>\"']++))?)*+\s*+/?>",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")
_LINE_EDGES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def without_controls(text: str) -> str:
    """The text with plain line ends and without characters that nobody sees."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text))


def without_html(text: str) -> str:
    """The text of a web page: tags, comments and scripts go, entities become characters."""
    if "<" in text:
        text = _COMMENT.sub("", _HIDDEN.sub("", text))
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return html.unescape(text) if "&" in text else text


def collapsed(text: str) -> str:
    """Runs of spaces as one space, at most one blank line in a row."""
    return _BLANK_LINES.sub("\n\n", _LINE_EDGES.sub("\n", _SPACES.sub(" ", text)))


def normalised(text: str, form: Normal) -> str:
    """The text in a normal form of Unicode."""
    return text if form == "none" or text.isascii() else unicodedata.normalize(form, text)
