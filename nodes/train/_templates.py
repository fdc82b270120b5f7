"""Chat templates for models that have none. Each marks what the assistant says with `generation`,
so that a loss on answers alone can be computed, the token that ends a turn included.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

TemplateName = Literal["chatml", "llama3", "plain"]

_CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}"
    "{{ '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_LLAMA3 = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|eot_id|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|eot_id|>' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
# Needs no token but the one that ends a text, so it suits any tokenizer.
_PLAIN = (
    "{% for message in messages %}"
    "{{ message['role'] | capitalize + ':\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + eos_token }}{% endgeneration %}"
    "{% else %}{{ message['content'] }}{% endif %}"
    "{{ '\n\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:\n' }}{% endif %}"
)


class Template(NamedTuple):
    """A template with the special tokens it needs, and the roles some of them play in a tokenizer."""

    text: str
    tokens: tuple[str, ...]
    eos: str | None
    pad: str | None
    bos: str | None = None


TEMPLATES: dict[str, Template] = {
    "chatml": Template(
        _CHATML, ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), "<|im_end|>", "<|endoftext|>"
    ),
    "llama3": Template(
        _LLAMA3,
        (
            "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
            "<|finetune_right_pad_id|>",
        ),
        "<|eot_id|>", "<|finetune_right_pad_id|>", "<|begin_of_text|>",
    ),
    "plain": Template(_PLAIN, ("<|endoftext|>", "<|pad|>"), "<|endoftext|>", "<|pad|>"),
}  # fmt: skip
TURN_TOKENS = {"chatml": ("<|im_start|>", "<|im_end|>"), "llama3": ("<|start_header_id|>", "<|eot_id|>")}


def fitting(vocabulary: set[str]) -> TemplateName:
    """The template whose tokens a tokenizer knows; `plain` where it knows none."""
    if vocabulary.issuperset(TURN_TOKENS["chatml"]):
        return "chatml"
    return "llama3" if vocabulary.issuperset(TURN_TOKENS["llama3"]) else "plain"
