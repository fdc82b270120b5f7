"""The engine: turns queued runs into attempts, and attempts into committed results."""
