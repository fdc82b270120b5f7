"""The machines that attempts run on: what they have, what they cost, how they are reached."""
