"""How an attempt is started: on this machine as a process, later in a container or on a cluster."""
