"""Hosts that share no files with this machine: what attempts read is sent, what they write is brought."""
