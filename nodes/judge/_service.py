"""An OpenAI-compatible service over HTTP: one question, one answer, sent only where it is meant to go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nodegraph import NodeFailure
from nodes.judge import _address
from nodes.judge._protocol import (
    FORMS,
    Declined,
    Passing,
    Settings,
    Usage,
    body_of,
    content_of,
    error_text,
    wait_of,
)
from nodes.judge._reply import InvalidReply

if TYPE_CHECKING:
    import httpx

_MOST_BYTES = 4 * 2**20
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_BLANK = "[secret]"


class Service:
    """Asks one service; use it as an async context manager. The key goes into one header and nowhere else."""

    def __init__(self, settings: Settings, key: str) -> None:
        self._settings = settings
        self._key = key
        self._parts = _address.parse(settings.base_url)
        self._form = FORMS[0] if settings.response_format == "auto" else settings.response_format
        self.usage = Usage()

    async def __aenter__(self) -> Service:
        import httpx

        count = self._settings.connections
        self._client = httpx.AsyncClient(
            # No proxy and no .netrc: the key must not travel anywhere else. SSL_CERT_FILE still counts.
            trust_env=False,
            verify=httpx.create_ssl_context(trust_env=True),
            follow_redirects=False,
            timeout=self._settings.timeout,
            limits=httpx.Limits(max_connections=count, max_keepalive_connections=count),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, messages: Sequence[dict[str, str]], schema: dict[str, Any], salt: int) -> str:
        """The content of the reply.

        Raises Passing, Declined or InvalidReply, and NodeFailure where no question can succeed. Where the
        response format is chosen automatically and the service refuses it, a simpler one is tried.
        """
        forms = FORMS[FORMS.index(self._form) :] if self._may_fall_back() else (self._form,)
        for form in forms:
            body = body_of(self._settings, messages, schema, salt, form)
            status, headers, content = await self._post(body)
            if status not in (400, 422):
                self._refuse(status, headers, content)
                # What has worked once is kept: a later refusal is then about its question.
                self._form = form
                self.usage.formats.add(form)
                return self.scrub(content_of(content, self.usage))
        raise Declined(f"HTTP {status}{self._said(content)}")

    def scrub(self, text: str) -> str:
        """`text` without the key, whatever a service makes of it."""
        return text.replace(self._key, _BLANK) if self._key else text

    def _may_fall_back(self) -> bool:
        return self._settings.response_format == "auto" and self._form not in self.usage.formats

    async def _post(self, body: Any) -> tuple[int, httpx.Headers, bytes]:
        import httpx

        self.usage.requests += 1
        host, secure = self._parts.hostname or "", self._parts.scheme == "https"
        port = self._parts.port or (443 if secure else 80)
        try:
            async with asyncio.timeout(self._settings.timeout):
                addresses = await _address.resolve(host, port)
                for address in addresses[:-1]:
                    try:
                        return await self._send(address, port, body)
                    except (httpx.ConnectError, httpx.ConnectTimeout):
                        continue
                return await self._send(addresses[-1], port, body)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise Passing(f"no answer within {self._settings.timeout:g} s") from error
        except (OSError, httpx.HTTPError) as error:
            raise Passing(f"the service cannot be reached ({self.scrub(str(error))[:200]})") from error

    async def _send(self, address: str, port: int, body: Any) -> tuple[int, httpx.Headers, bytes]:
        path = self._parts.path.rstrip("/")
        path = path if path.endswith("/chat/completions") else f"{path}/chat/completions"
        numeric = f"[{address}]" if ":" in address else address
        headers = {"Host": self._parts.netloc, "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = self._client.stream(
            "POST", f"{self._parts.scheme}://{numeric}:{port}{path}", json=body, headers=headers,
            extensions={"sni_hostname": self._parts.hostname},
        )  # fmt: skip
        async with request as response:
            content = b""
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _MOST_BYTES:
                    raise InvalidReply("the reply is longer than 4 MB")
            return response.status_code, response.headers, content

    def _refuse(self, status: int, headers: httpx.Headers, content: bytes) -> None:
        if status == 200:
            return
        said = self._said(content)
        if status in _PASSING:
            raise Passing(f"HTTP {status}{said}", wait_of(headers.get("retry-after", "")))
        if status in (401, 403):
            hint = "Check the secret that api_key names, and that it may use this model."
            raise NodeFailure("input", f"The judge service refuses the key: HTTP {status}{said}", hint)
        if status == 404:
            message = f"The judge service knows no such address or model: HTTP 404{said}"
            raise NodeFailure("input", message, "base_url usually ends with /v1; check model too.")
        if 300 <= status < 400:
            message = f"The judge service answers with a redirect (HTTP {status}), which is not followed."
            raise NodeFailure("input", message, "Give its final address in base_url.")
        raise Declined(f"HTTP {status}{said}")

    def _said(self, content: bytes) -> str:
        text = " ".join(self.scrub(error_text(content)).split())[:200]
        return f": {text}" if text else ""
