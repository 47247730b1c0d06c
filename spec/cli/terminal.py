# Runs a command in a pseudo-terminal and types what standard input's lines say, each when the text before it was seen:
# a line is JSON, [text to wait for, what to type]. Prints all that the terminal showed, then the exit status on a line.
import json, os, pty, select, sys, time

steps = [json.loads(line) for line in sys.stdin if line.strip()]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
seen = 0
deadline = time.monotonic() + 15
while time.monotonic() < deadline:
    if steps and shown.find(steps[0][0].encode(), seen) >= 0:
        seen = shown.find(steps[0][0].encode(), seen) + len(steps[0][0].encode())
        os.write(terminal, steps.pop(0)[1].encode())
        continue
    ready, _, _ = select.select([terminal], [], [], 0.1)
    if not ready:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    shown += data
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown + b"\n%d\n" % os.waitstatus_to_exitcode(status))
