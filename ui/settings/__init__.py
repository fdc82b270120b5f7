"""The settings page: language, appearance, secrets, notifications, this machine, what all is made of."""
