"""What a reader prefers, kept in cookies: language and theme. A page has both before it is painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from nicegui import context, ui
from starlette.requests import Request

from ui.i18n import LANGUAGES, Language, use_language

Theme = Literal["light", "dark", "system"]
THEMES: tuple[Theme, ...] = get_args(Theme)
LANGUAGE_COOKIE, THEME_COOKIE = "nodegraph_language", "nodegraph_theme"
_YEAR = 365 * 24 * 3600
_THEME_KEY = "nodegraph_theme"
_LISTENER_KEY = "nodegraph_theme_listener"

# Both values come from the lists above, so nothing of the reader's gets into the script.
_BEFORE_PAINT = """<script>
document.documentElement.lang = "%s";
(function apply() {
  const root = document.documentElement, wish = "%s", dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => { root.dataset.theme = wish !== "system" ? wish : dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", () => { if (wish === "system" && !root.dataset.chosen) set(); });
  set();
})();
</script>"""


def prepare_page() -> None:
    """Give the page at work the reader's language and theme."""
    request = context.client.request
    chosen, wish = preferred(request)
    use_language(chosen)
    context.client.storage[_THEME_KEY] = wish
    ui.add_head_html(before_paint(chosen, wish))


def preferred(request: Request | None) -> tuple[Language, Theme]:
    """What the cookies of a request say, else what its browser accepts and the machine shows."""
    cookies = request.cookies if request else {}
    chosen, wish = cookies.get(LANGUAGE_COOKIE), cookies.get(THEME_COOKIE)
    accepts = request.headers.get("accept-language", "") if request else ""
    return (
        chosen if chosen in LANGUAGES else _first_accepted(accepts),
        wish if wish in THEMES else "system",
    )


def before_paint(chosen: Language, wish: Theme) -> str:
    """The script that gives a page its language and theme before it is painted."""
    return _BEFORE_PAINT % (chosen, wish)


def theme() -> Theme:
    """What the reader wishes; "system" follows the machine's own setting."""
    found: Theme = context.client.storage.get(_THEME_KEY, "system")
    return found


def remember_language(chosen: Language) -> None:
    """Keep the language for the pages to come, and tell the browser."""
    ui.run_javascript(f'document.documentElement.lang = "{chosen}"; {_cookie(LANGUAGE_COOKIE, chosen)}')


def choose_theme(wish: Theme) -> None:
    """Use a theme from now on."""
    if wish not in THEMES:
        raise ValueError(wish)
    context.client.storage[_THEME_KEY] = wish
    ui.run_javascript(
        f'const wish = "{wish}", root = document.documentElement;'
        'root.dataset.theme = wish === "system" ? '
        '(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : wish;'
        'root.dataset.chosen = "1";'
        f'{_cookie(THEME_COOKIE, wish)} window.dispatchEvent(new Event("themechange"));'
    )
    if told := context.client.storage.get(_LISTENER_KEY):
        told()


def on_theme(told: Callable[[], None]) -> None:
    """Have the page at work call this when the reader chooses a theme; one at a time."""
    context.client.storage[_LISTENER_KEY] = told


async def flip_theme() -> None:
    """Light becomes dark and the other way round, whatever the machine's own setting."""
    now = await ui.run_javascript("document.documentElement.dataset.theme")
    choose_theme("light" if now == "dark" else "dark")


def _cookie(name: str, value: str) -> str:
    return f'document.cookie = "{name}={value}; path=/; max-age={_YEAR}; SameSite=Strict";'


def _first_accepted(header: str) -> Language:
    for part in header.split(","):
        wanted = part.strip().split("-")[0].split(";")[0].lower()
        for known in LANGUAGES:
            if wanted == known:
                return known
    return "en"
