"""The page of deployed services, in parts."""
