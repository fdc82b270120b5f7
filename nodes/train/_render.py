"""Rows as the text a model learns from, cut into parts that count in the loss and parts that do not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nodegraph import NodeFailure
from nodes.common.dataset import Row, purpose_of
from nodes.common.examples import Turns, as_turns, content_of

_MARKER = re.compile(r"\{%-?\s*generation\s*-?%\}")
Span = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """A piece of text, and whether the model is to learn it."""

    text: str
    learned: bool


@dataclass(frozen=True)
class Rendered:
    """A row as parts; `special` where the tokenizer's own start and end of a text belong around it."""

    parts: list[Part]
    special: bool


@dataclass
class Renderer:
    """Renders rows of every shape.

    Conversations go through the chat template. Plain prompts stand as they are, the completion right
    behind them, unless `form` is chat or there is a system prompt.
    """

    tokenizer: Any
    form: str = "auto"
    system_prompt: str = ""
    answers_only: bool = True
    last_answer_only: bool = False
    separator: str = ""

    def row(self, row: Row, number: int) -> Rendered:
        """The parts of a row; `number` counts from 1 and names it in errors."""
        purpose = purpose_of(row)
        if purpose == "text":
            return Rendered([Part(str(row.get("text", "")), True)], True)
        if purpose == "messages":
            return self._turns(as_turns(row["messages"], number), 0, row, number)
        answer = row.get("completion") if "completion" in row else row.get("chosen")
        if answer is None:
            raise NodeFailure(
                "input",
                f"Row {number} has a prompt but no completion; its fields are {', '.join(row)}.",
                "Training needs text, prompt and completion, or messages: map the fields in preprocess.load.",
            )
        prompt = row.get("prompt", "")
        if isinstance(prompt, str) and isinstance(answer, str) and not self._as_chat:
            return self._plain(prompt, answer)
        asked = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else as_turns(prompt, number)
        answers = [{"role": "assistant", "content": answer}] if isinstance(answer, str) else answer
        if purpose == "preference" and "prompt" not in row:
            asked = []
        return self._turns([*asked, *as_turns(answers, number)], len(asked), row, number)

    @property
    def _as_chat(self) -> bool:
        return self.form == "chat" or (self.form == "auto" and bool(self.system_prompt))

    def _plain(self, prompt: str, answer: str) -> Rendered:
        asked = Part(prompt + self.separator, not self.answers_only)
        return Rendered([asked, Part(answer, True)], True)

    def _turns(self, turns: Turns, first: int, row: Row, number: int) -> Rendered:
        if self.form == "plain" or not self.tokenizer.chat_template:
            said = "\n".join(content_of(turn) for turn in turns[:-1])
            return self._plain(said + "\n" if said else "", content_of(turns[-1]))
        if self.system_prompt and turns[0]["role"] != "system":
            turns, first = [{"role": "system", "content": self.system_prompt}, *turns], first + 1
        from jinja2 import TemplateError

        try:
            text, spans = self._rendered(turns, first, row.get("tools") or None)
        except (TemplateError, TypeError, KeyError) as error:
            raise NodeFailure(
                "input",
                f"The chat template does not take the conversation in row {number}: {error}",
                "Check the order of its roles, or choose another chat_template.",
            ) from error
        return Rendered(_cut(text, spans), False)

    def _rendered(self, turns: Turns, first: int, tools: Any) -> tuple[str, list[Span]]:
        if not self.answers_only:
            text = self._text(turns, tools)
            return text, [(0, len(text))]
        text, spans = self._marked(turns, tools) if self._has_markers else self._compared(turns, tools)
        before = sum(turn["role"] == "assistant" for turn in turns[:first])
        return text, spans[-1:] if self.last_answer_only else spans[before:]

    @property
    def _has_markers(self) -> bool:
        return bool(_MARKER.search(self.tokenizer.chat_template))

    def _marked(self, turns: Turns, tools: Any) -> tuple[str, list[Span]]:
        """What the template itself marks as the assistant's."""
        from transformers.utils.chat_template_utils import render_jinja_template

        texts, spans = render_jinja_template(
            conversations=[turns], tools=tools, chat_template=self.tokenizer.chat_template,
            return_assistant_tokens_mask=True, **self.tokenizer.special_tokens_map,
        )  # fmt: skip
        return texts[0], [(start, end) for start, end in spans[0]]

    def _compared(self, turns: Turns, tools: Any) -> tuple[str, list[Span]]:
        """For templates without marks: what comes after the prompt for each answer.

        A template may render earlier turns in another way than the last one; then only what stands is used.
        """
        text = self._text(turns, tools)
        spans = []
        for index, turn in enumerate(turns):
            if turn["role"] == "assistant":
                before = self._text(turns[:index], tools, prompt=True) if index else ""
                after = self._text(turns[: index + 1], tools)
                if text.startswith(before) and text.startswith(after):
                    spans.append((len(before), len(after)))
        return text, spans

    def _text(self, turns: Turns, tools: Any, prompt: bool = False) -> str:
        text: str = self.tokenizer.apply_chat_template(
            turns, tools=tools, tokenize=False, add_generation_prompt=prompt
        )
        return text


def _cut(text: str, spans: list[Span]) -> list[Part]:
    parts, place = [], 0
    for start, end in spans:
        parts += [Part(text[place:start], False), Part(text[start:end], True)]
        place = end
    return [part for part in [*parts, Part(text[place:], False)] if part.text]
