"""Gives a tokenizer the chat template of a run, and the tokens that come with it."""

from __future__ import annotations

from typing import Any

from nodegraph import Context, NodeFailure
from nodes.train._sft_params import SftParams
from nodes.train._templates import TEMPLATES, TURN_TOKENS, fitting


def settle_template(tokenizer: Any, params: SftParams, ctx: Context) -> None:
    """Set the chat template: the model's own, a named one, or the person's; add new tokens."""
    if params.new_tokens:
        added = tokenizer.add_tokens(params.new_tokens)
        ctx.log(f"{added} new tokens in the vocabulary.")
    if params.chat_template == "custom":
        tokenizer.chat_template = params.chat_template_text
        return
    if params.chat_template == "auto" and tokenizer.chat_template:
        return
    chosen: str = params.chat_template
    if chosen == "auto":
        chosen = fitting(set(tokenizer.get_vocab()))
        ctx.log(f"The model has no chat template; it gets {chosen}.")
    missing = [token for token in TURN_TOKENS.get(chosen, ()) if token not in tokenizer.get_vocab()]
    if missing and params.method != "full":
        raise NodeFailure(
            "input",
            f"The chat template {chosen} needs tokens that the model does not have: {', '.join(missing)}.",
            "Set chat_template to plain or auto, or use method full, which can add them.",
        )
    if missing:
        template = TEMPLATES[chosen]
        wanted = [token for token in template.tokens if token not in tokenizer.get_vocab()]
        tokenizer.add_special_tokens({"extra_special_tokens": wanted}, replace_extra_special_tokens=False)
        ctx.log(f"{len(wanted)} tokens of the chat template are new to the model; its embedding grows.")
        if template.bos and tokenizer.bos_token is None:
            tokenizer.bos_token = template.bos
    tokenizer.chat_template = TEMPLATES[chosen].text
    if chosen in TURN_TOKENS:
        tokenizer.eos_token = TURN_TOKENS[chosen][1]
