"""A session at a terminal: from key to screen."""
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import termios
import time

from gateway import local_gateway, seed
from measuring import Row, Target
from registry import measure


@measure("session")
def session(bench):
    keys, completions = [], []
    with local_gateway(bench, seed(bench, bench.size(8000, 1000))) as gateway:
        for _ in range(bench.rounds(5)):
            with Terminal([bench.apig, "--gateway", "bench", "repl"], bench.environment, gateway.folder) as terminal:
                terminal.expect(b"apig")
                terminal.quiet()
                for _ in range(2):  # the first asks the gateway
                    terminal.type(b"apig.history { api = 'pay-77")
                    terminal.key(b"\t")
                    terminal.quiet()
                    terminal.clear()
                keys.append(statistics.median([terminal.key(b"x") for _ in range(50)]) * 1000)
                terminal.clear()
                terminal.type(b"apig.history { api = 'pay-77")
                completions.append(statistics.median(
                    [terminal.key(b"\t", then=terminal.quiet) for _ in range(10)]) * 1000)
    return [
        Row("session: key to screen", "ms", {"apig-lua": keys}, [Target("on the wall", keys, 16, "ms")]),
        Row("session: completion of a name, cached, over 8,000 APIs" if not bench.is_quick else
            "session: completion of a name, cached, over 1,000 APIs", "ms", {"apig-lua": completions},
            [Target("on the wall", completions, 16, "ms")])]


class Terminal:
    """A program on a pseudo-terminal of 100 columns and 40 lines."""

    def __init__(self, command, environment, folder):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execve(command[0], [str(word) for word in command], environment | {"TERM": "xterm-256color"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)

    def _read(self, seconds):
        """What comes within a time; nothing when nothing does."""
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        return os.read(self.terminal, 65536) if ready else b""

    def expect(self, text, seconds=30):
        seen, end = b"", time.monotonic() + seconds
        while text not in seen:
            if time.monotonic() > end:
                raise RuntimeError(f"the session shows no {text!r}: {seen!r}")
            seen += self._read(1)

    def quiet(self):
        """Reads until nothing more comes."""
        while self._read(0.2):
            pass

    def type(self, text):
        os.write(self.terminal, text)
        self.quiet()

    def clear(self):
        self.type(b"\x05\x15")  # to the end of the line, and all of it away

    def key(self, byte, then=None):
        """Seconds until something is shown for it."""
        began = time.perf_counter()
        os.write(self.terminal, byte)
        if not self._read(10):
            raise RuntimeError(f"nothing is shown for {byte!r}")
        seconds = time.perf_counter() - began
        if then:
            then()
        return seconds
