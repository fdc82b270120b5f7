"""What can go wrong with a hub of models, said at once and with what to do."""

from __future__ import annotations

from nodegraph import NodeFailure

_SECONDS = 10.0


def require_reachable(model: str) -> None:
    """Fail at once where a model is not cached and no hub answers; libraries would retry for a minute."""
    import httpx
    from huggingface_hub import constants, try_to_load_from_cache

    if isinstance(try_to_load_from_cache(model, "config.json"), str):
        return
    if constants.HF_HUB_OFFLINE:
        raise _out_of_reach(model, "offline mode is on")
    try:
        httpx.head(constants.ENDPOINT, timeout=_SECONDS)
    except httpx.HTTPError as error:
        raise _out_of_reach(model, f"{constants.ENDPOINT} does not answer") from error


def _out_of_reach(model: str, why: str) -> NodeFailure:
    return NodeFailure(
        "infrastructure",
        f"The model {model} is not on this machine, and the hub could not be reached: {why}.",
        "Name a local folder or wire a model instead; or set HF_ENDPOINT to a mirror within reach, "
        "or fill the cache (HF_HOME) while online.",
    )


def hub_failure(source: str, error: BaseException) -> NodeFailure:
    """The failure for what a library said while it fetched a model."""
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 10:
        chain.append(f"{type(cause).__name__} {cause}")
        cause = cause.__cause__ or cause.__context__
    said = " ".join(chain)
    if "GatedRepo" in said:
        return NodeFailure(
            "input", f"The model {source} is gated: its owner must let you in first.",
            "Ask for access on its page, and give the node your token as HF_TOKEN.",
        )  # fmt: skip
    if "RepositoryNotFound" in said or "404" in said:
        return NodeFailure(
            "input", f"There is no model {source} on the hub, or it is private.",
            "Check its name, or give a local folder.",
        )  # fmt: skip
    return _out_of_reach(source, f"{type(error).__name__}")
