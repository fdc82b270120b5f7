"""The Hugging Face engine: batches padded on the left, longest prompts first, results in the given order."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.common.examples import Example
from nodes.evaluate._engine import Answer, Answers, Likelihood, Loading, Sampling
from nodes.evaluate._likelihood import likelihoods
from nodes.evaluate._loading import load

_WARM_UP_TOKENS = 4


class HuggingFaceEngine:
    """Implements Engine with transformers' generate.

    A batch is answered as one: every caller in it waits for its slowest answer, so each answer's latency
    is the time its whole batch took. With a batch size of 1 it is the latency of a lone request.
    """

    def __init__(self, base: str, adapter: Path | None, loading: Loading) -> None:
        self._model, self._tokenizer, self.device = load(base, adapter, loading)
        self._template_options = loading.template_options or {}
        self._inner = self._model.get_base_model() if adapter else self._model
        self._stops = _stop_ids(self._tokenizer, self._inner)
        known = getattr(self._inner.config.get_text_config(), "max_position_embeddings", None)
        self._max_length = min(filter(None, (loading.max_length, known)), default=sys.maxsize)

    def generate(
        self, examples: Sequence[Example], sampling: Sampling, on_batch: Callable[[dict[int, Answer]], None]
    ) -> Answers:
        """Answer each prompt; the warm-up is not measured."""
        room = self._max_length - sampling.max_new_tokens
        if room < 1:
            raise NodeFailure(
                "input",
                f"max_new_tokens ({sampling.max_new_tokens}) leaves no room for a prompt: the model takes "
                f"{self._max_length} tokens in all.",
                "Lower max_new_tokens.",
            )
        prompts = [self._ids(*self.rendered(example)) for example in examples]
        order = sorted(range(len(prompts)), key=lambda index: -len(prompts[index]))
        batches = [order[i : i + sampling.batch_size] for i in range(0, len(order), sampling.batch_size)]
        if sampling.warm_up and batches:
            few = min(_WARM_UP_TOKENS, sampling.max_new_tokens)
            self._answer([prompts[i][-room:] for i in batches[0]], sampling, few, sampling.seed)
        answers: dict[int, Answer] = {}
        total = 0.0
        for number, batch in enumerate(batches):
            kept = [prompts[i][-room:] for i in batch]
            started = time.perf_counter()
            # Its own seed for each batch: what one batch draws does not depend on those before it.
            rows = self._answer(kept, sampling, sampling.max_new_tokens, sampling.seed + number)
            seconds = time.perf_counter() - started
            total += seconds
            done = {
                i: self._cut(row, seconds, len(prompts[i]) - len(ids), sampling.stop)
                for i, ids, row in zip(batch, kept, rows, strict=True)
            }
            answers.update(done)
            on_batch(done)
        return Answers([answers[i] for i in range(len(prompts))], total)

    def likelihood(
        self, examples: Sequence[Example], batch_size: int, stride: int, on_batch: Callable[[int], None]
    ) -> list[Likelihood]:
        """Token for token, in windows of the model's length where a text is longer."""
        sequences = []
        for example in examples:
            text, special = self.rendered(example)
            before = self._ids(text, special)
            ids = self._ids(text + (example.reference or ""), special)
            # The border may fall inside a token: that token is scored, as the model must produce it.
            same = next((i for i, (a, b) in enumerate(zip(before, ids, strict=False)) if a != b), None)
            sequences.append((ids, min(len(before), len(ids)) if same is None else same))
        length = self._max_length if self._max_length < sys.maxsize else 2048
        return likelihoods(self._inner, self._model, sequences, length, stride, batch_size, on_batch)

    def rendered(self, example: Example) -> tuple[str, bool]:
        """The prompt as the model reads it, and whether the tokenizer still has to add its special tokens."""
        if isinstance(example.prompt, str):
            return example.prompt, True
        if not self._tokenizer.chat_template:
            raise NodeFailure(
                "input",
                "The dataset has conversations, but the model's tokenizer has no chat template.",
                "Use a model that was tuned for chat, or set prompt_format to plain.",
            )
        from jinja2 import TemplateError

        try:
            text = self._tokenizer.apply_chat_template(
                example.prompt, tools=example.tools, tokenize=False, add_generation_prompt=True,
                **self._template_options,
            )  # fmt: skip
        except (TemplateError, TypeError, KeyError) as error:
            raise NodeFailure(
                "input",
                f"The model's chat template does not take this conversation: {error}",
                "Check the order of roles; some models take no system turn.",
            ) from error
        return text, False

    def peak_memory(self) -> dict[str, Any]:
        """Of the GPUs where there are any, else of this process."""
        import torch

        if self.device != "cpu":
            count = torch.accelerator.device_count()
            used = sum(torch.accelerator.max_memory_allocated(i) for i in range(count))
            return {"peak_mb": used / 2**20, "device": self.device}
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"peak_mb": used / (2**20 if sys.platform == "darwin" else 2**10), "device": "cpu"}

    def _ids(self, text: str, special: bool) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=special)["input_ids"]
        # Some tokenizers end every text; a prompt must stay open for its answer.
        if special and ids and ids[-1] == self._tokenizer.eos_token_id and text:
            return ids[:-1] if not text.endswith(self._tokenizer.eos_token) else ids
        return ids

    def _answer(self, prompts: list[list[int]], sampling: Sampling, new: int, seed: int) -> list[list[int]]:
        import torch
        from transformers import GenerationConfig

        pad = self._tokenizer.pad_token_id
        width = max(1, *(len(ids) for ids in prompts))
        rows = [[pad] * (width - len(ids)) + ids for ids in prompts]
        masks = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
        drawn = {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
        config = GenerationConfig(
            max_new_tokens=new, do_sample=sampling.temperature > 0, pad_token_id=pad,
            eos_token_id=self._stops or None, repetition_penalty=sampling.repetition_penalty,
            stop_strings=list(sampling.stop) or None, **(drawn if sampling.temperature > 0 else {}),
        )  # fmt: skip
        # What the model's own file sets must not mix with the parameters of this node.
        self._inner.generation_config = GenerationConfig()
        torch.manual_seed(seed)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=torch.tensor(rows, device=self._inner.device),
                attention_mask=torch.tensor(masks, device=self._inner.device),
                generation_config=config,
                tokenizer=self._tokenizer,
            )
        tokens: list[list[int]] = output[:, width:].tolist()
        return tokens

    def _cut(self, tokens: list[int], seconds: float, cut: int, stop: tuple[str, ...]) -> Answer:
        end = next((i for i, token in enumerate(tokens) if token in self._stops), None)
        kept = tokens if end is None else tokens[:end]
        text = self._tokenizer.decode(kept, skip_special_tokens=True)
        places = [place for place in (text.find(mark) for mark in stop) if place >= 0]
        finished = end is not None or bool(places)
        new_tokens = len(kept) + (end is not None)
        return Answer(text[: min(places)] if places else text, new_tokens, seconds, finished, cut)


def _stop_ids(tokenizer: Any, model: Any) -> list[int]:
    sources = (tokenizer.eos_token_id, model.generation_config.eos_token_id, model.config.eos_token_id)
    found: set[int] = set()
    for source in sources:
        found.update(source if isinstance(source, list) else [source] if source is not None else [])
    return sorted(found)
