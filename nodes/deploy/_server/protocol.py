"""The requests that the service takes, after OpenAI's API reference: https://platform.openai.com/docs/api-reference."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator


def _whole_characters(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text holds half a character (a lone surrogate)") from None
    return text


Text = Annotated[str, AfterValidator(_whole_characters)]
MAX_CHOICES = 4
MAX_PROMPTS = 16
Stop = Annotated[list[Annotated[Text, Field(min_length=1, max_length=200)]], Field(max_length=16)]


class StreamOptions(BaseModel):
    """Whether the last chunk of a stream counts the tokens."""

    include_usage: bool = False


class Sampling(BaseModel):
    """What chat and plain completions share. Unknown fields are ignored, as clients send more every year."""

    model_config = ConfigDict(allow_inf_nan=False, protected_namespaces=())

    model: str
    max_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    n: int = Field(1, ge=1, le=MAX_CHOICES)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Stop = []
    presence_penalty: float = Field(0, ge=-2, le=2)
    frequency_penalty: float = Field(0, ge=-2, le=2)
    stream: bool = False
    stream_options: StreamOptions | None = None

    logprobs: Any = None
    logit_bias: Any = None
    response_format: Any = None
    tools: Any = None
    functions: Any = None
    suffix: Any = None
    echo: Any = None

    @field_validator("stop", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [] if value is None else [value] if isinstance(value, str) else value

    @field_validator("top_p", "n", "presence_penalty", "frequency_penalty", "stream", mode="before")
    @classmethod
    def _null_is_default(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].default if value is None else value

    @field_validator("logprobs", "logit_bias", "tools", "functions", "suffix", "echo")
    @classmethod
    def _not_offered(cls, value: Any) -> Any:
        if value:
            raise ValueError("this service does not offer it; leave it out")
        return value

    @field_validator("response_format")
    @classmethod
    def _text_only(cls, value: Any) -> Any:
        if value is not None and value != {"type": "text"}:
            raise ValueError('this service answers plain text; leave it out or give {"type": "text"}')
        return value

    def new_tokens(self) -> int | None:
        """How many tokens to generate at most, None where the request does not say."""
        return self.max_tokens

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with a count of tokens."""
        return self.stream_options is not None and self.stream_options.include_usage


class TextPart(BaseModel):
    """A part of a message; this service reads text alone."""

    type: Literal["text"]
    text: Text


class Message(BaseModel):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart]

    def plain(self) -> dict[str, str]:
        """The message as chat templates take it."""
        text = (
            self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)
        )
        return {"role": "system" if self.role == "developer" else self.role, "content": text}


class ChatRequest(Sampling):
    """The body of POST /v1/chat/completions."""

    messages: list[Message] = Field(min_length=1, max_length=2000)
    max_completion_tokens: int | None = Field(None, ge=1)

    def new_tokens(self) -> int | None:
        """The newer name of the limit counts before the older one."""
        return self.max_completion_tokens or self.max_tokens


class CompletionRequest(Sampling):
    """The body of POST /v1/completions: text, several texts, or token ids."""

    prompt: Text | list[Text] | list[int]

    @field_validator("prompt")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        if isinstance(value, list) and (
            not value or (isinstance(value[0], str) and len(value) > MAX_PROMPTS)
        ):
            raise ValueError(f"give 1 to {MAX_PROMPTS} prompts")
        return value

    def prompts(self) -> list[str | list[int]]:
        """The prompts, one for each set of choices."""
        if isinstance(self.prompt, str):
            return [self.prompt]
        if isinstance(self.prompt[0], int):
            return [self.prompt]
        return list(self.prompt)
