"""Generates text for one prompt: in a thread, piece by piece, until it ends, is full or nobody listens."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nodes.deploy._server.errors import ApiError
from nodes.deploy._server.text import Emit, StopText, TokenText

_PROBE = "nodegraph-probe"


@dataclass(frozen=True)
class Settings:
    """How to generate: temperature 0 takes the likeliest token each time."""

    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How a text ended and how many tokens it took, the one that ended it included."""

    reason: Literal["stop", "length"]
    tokens: int


class Generator:
    """A model and its tokenizer, ready to generate; several threads may use it at once."""

    def __init__(self, tokenizer: Any, model: Any) -> None:
        self.tokenizer = tokenizer
        self.model = model
        self.has_template = bool(tokenizer.chat_template)
        self.context: int | None = getattr(model.config, "max_position_embeddings", None)
        self.stop_ids = _stop_ids(tokenizer, model)

    def chat_prompt(self, messages: list[dict[str, str]]) -> list[int]:
        """The token ids of a conversation, in the template that the model was trained with."""
        if not self.has_template:
            raise ApiError(
                400,
                "This model has no chat template: it was not trained to converse. Use /v1/completions.",
                "no_chat_template",
            )
        try:
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        except Exception as error:  # a template may refuse, and does so in any way it likes
            raise ApiError(
                400, f"The chat template refuses these messages: {error}", None, "messages"
            ) from error
        return self.prompt(text, special=False)

    def prompt(self, text: str, *, special: bool = True) -> list[int]:
        """The token ids of a text, with the tokens that start a sequence where the model wants them."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=special)["input_ids"]
        return ids

    def room(self, ids: Sequence[int]) -> int | None:
        """How many tokens fit after a prompt; an error where the prompt itself does not fit."""
        vocabulary = len(self.tokenizer)
        if not ids:
            raise ApiError(400, "The prompt is empty.", None, "prompt")
        if any(not 0 <= token < vocabulary for token in ids):
            raise ApiError(400, f"A token id is outside the vocabulary of {vocabulary}.", None, "prompt")
        if self.context is None:
            return None
        if len(ids) >= self.context:
            raise ApiError(
                400,
                f"The prompt takes {len(ids)} tokens; the model's context holds {self.context}.",
                "context_length_exceeded",
                "messages",
            )
        return self.context - len(ids)

    def generate(
        self, ids: Sequence[int], settings: Settings, emit: Emit, cancel: threading.Event
    ) -> Outcome:
        """Generate after `ids` and hand each piece of text to `emit`; `cancel` ends it early."""
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        text = StopText(settings.stop, emit)
        streamer = TokenText(self.tokenizer, self.stop_ids, text)

        def enough(input_ids: Any, scores: Any, **_: Any) -> Any:
            return torch.full((1,), cancel.is_set() or text.found, dtype=torch.bool, device=input_ids.device)

        config = GenerationConfig(
            max_new_tokens=settings.max_new_tokens,
            do_sample=False,
            eos_token_id=sorted(self.stop_ids) or None,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        prompt = torch.tensor([list(ids)], device=self.model.device)
        self.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            generation_config=config,
            logits_processor=LogitsProcessorList(_processors(settings, len(ids), self.model.device)),
            stopping_criteria=StoppingCriteriaList([enough]),
            streamer=streamer,
        )
        return Outcome("stop" if text.found or streamer.ended else "length", streamer.tokens)


def _processors(settings: Settings, prompt_length: int, device: Any) -> list[Any]:
    from transformers import TemperatureLogitsWarper, TopPLogitsWarper

    chosen: list[Any] = []
    if settings.presence_penalty or settings.frequency_penalty:
        chosen.append(_Penalties(settings, prompt_length))
    if settings.temperature > 0:
        chosen.append(TemperatureLogitsWarper(max(settings.temperature, 1e-3)))
        if settings.top_p < 1:
            chosen.append(TopPLogitsWarper(settings.top_p))
        chosen.append(_Gumbel(settings.seed, device))
    return chosen


class _Penalties:
    """OpenAI's penalties: a token loses `presence` once and `frequency` for each time it was generated."""

    def __init__(self, settings: Settings, prompt_length: int) -> None:
        self._settings = settings
        self._prompt_length = prompt_length

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        new = input_ids[:, self._prompt_length :]
        counts = torch.zeros_like(scores).scatter_add_(1, new, torch.ones_like(new, dtype=scores.dtype))
        settings = self._settings
        return scores - settings.frequency_penalty * counts - settings.presence_penalty * (counts > 0)


class _Gumbel:
    """Samples by adding Gumbel noise, after which the likeliest token is a sample of the distribution.

    So every request has a random state of its own: a seed gives the same text however many run beside it.
    Gumbel-max trick: Maddison et al. 2014, https://arxiv.org/abs/1411.0030.
    """

    def __init__(self, seed: int | None, device: Any) -> None:
        import torch

        self._random = torch.Generator(device=device)
        self._random.manual_seed(seed) if seed is not None else self._random.seed()

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        scores = scores.float()
        uniform = torch.rand(scores.shape, generator=self._random, device=scores.device)
        return scores - torch.log(-torch.log(uniform.clamp(1e-20, 1 - 1e-7)))


def _stop_ids(tokenizer: Any, model: Any) -> frozenset[int]:
    """The tokens that end a text: the model's, the tokenizer's, and the one that ends a turn."""
    configured = model.generation_config.eos_token_id
    found = set(configured if isinstance(configured, list) else [configured])
    found.add(tokenizer.eos_token_id)
    found.add(_turn_end(tokenizer))
    return frozenset(token for token in found if token is not None)


def _turn_end(tokenizer: Any) -> int | None:
    """The special token that the chat template writes after an answer, None where there is none."""
    if not tokenizer.chat_template:
        return None
    conversation = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}]
    try:
        text: str = tokenizer.apply_chat_template(conversation, tokenize=False)
    except Exception:  # an odd template; the model's own tokens must do
        return None
    after = text.rpartition(_PROBE)[2].lstrip()
    ids = tokenizer(after, add_special_tokens=False)["input_ids"]
    return ids[0] if ids and ids[0] in tokenizer.added_tokens_decoder else None
