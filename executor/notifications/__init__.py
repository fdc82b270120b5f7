"""Telling people and programs that a run has ended: the outbox, its sender, e-mail and webhooks."""
