"""What requests and answers look like; /openapi.json is made from it."""
