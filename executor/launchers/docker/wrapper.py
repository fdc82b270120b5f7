"""The shell script that every container runs: it starts the attempt once and writes down how it ended.

It needs nothing of the image but /bin/sh: what it uses is built into every shell, so that it also works
where the attempt has used up all processes. $0 is the folder that comes back, $1 the log, the rest is
the attempt's command.
"""

from __future__ import annotations

EXIT_FILE = "exit"
OOM_FILE = "oom"
STARTED = "started"
VARIABLES = "variables"
PREVIEW_FILE = "preview.json"
SECRETS_FILE = "secrets.json"
HUB_TOKEN_FILE = "hub-token"

# TERM is for the attempt: the shell must live to say how it ended. Whoever asks for an end twice waits twice.
SCRIPT = f"""
set -C; {{ echo 1 >"$0/{STARTED}"; }} 2>/dev/null || exit 0; set +C
if [ -f "$0/{VARIABLES}" ]; then . "$0/{VARIABLES}"; : >"$0/{VARIABLES}"; fi
log=$1; shift
child=
trap '[ -z "$child" ] || kill -TERM $child 2>/dev/null' TERM INT HUP
"$@" </dev/null >>"$log" 2>&1 & child=$!
wait $child; s=$?
while kill -0 $child 2>/dev/null; do wait $child; s=$?; done
for counts in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
  [ -r $counts ] || continue
  while read -r name count; do
    [ "$name" = oom_kill ] && [ "$count" != 0 ] && echo "$count" >"$0/{OOM_FILE}"
  done <$counts
done
[ $s -gt 128 ] && [ $s -le 192 ] && s=$((128 - s))
echo $s >"$0/{EXIT_FILE}"
"""


def entrypoint(returned: str, log: str, command: list[str]) -> list[str]:
    """What the container runs: the script with its folder, the log and the attempt's command."""
    return ["/bin/sh", "-c", SCRIPT, returned, log, *command]
