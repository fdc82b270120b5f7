"""Runs as they happen, for all pages that watch them."""

from ui.live.feed import Change, Feed
from ui.live.live import Live, Watch

__all__ = ["Change", "Feed", "Live", "Watch"]
