"""Drives `moonwatch repl` in a real pseudo-terminal, as a person would, and checks what the screen gets.

    repl_session.py MOONWATCH DATA_DIRECTORY      (run where config/ and plugins/ are)

Prints one line a check; ends with status 1 at the first that fails.
"""

import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import sys
import termios
import time

PATIENCE = 60


class Session:
    def __init__(self, arguments, rows=24, columns=100):
        self.seen = ""
        self.rest = b""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            environment = dict(os.environ, TERM="xterm", NO_COLOR="1")
            environment.pop("COLUMNS", None)
            os.execvpe(arguments[0], arguments, environment)
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            # The program writes while it reads: a paste would block both where nobody took its words.
            readable, writable, _ = select.select([self.terminal], [self.terminal], [], PATIENCE)
            if readable:
                self.take()
            if writable:
                data = data[os.write(self.terminal, data[:512]):]

    def take(self):
        try:
            block = os.read(self.terminal, 65536)
        except OSError:
            block = b""
        # Sequences that colour, move the cursor or mark pastes are left out; one may be cut by the end of a block.
        self.rest += block
        cut = self.rest.rfind(b"\x1b")
        whole = len(self.rest) if cut < 0 or re.match(rb"\x1b\[[0-9;?]*[A-Za-z]", self.rest[cut:]) else cut
        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self.rest[:whole])
        self.rest = self.rest[whole:]
        self.seen += text.decode("utf-8", "replace")
        return bool(block)

    def wait(self, pattern, what):
        """Reads until the pattern comes; what was read up to its end is forgotten."""
        end = time.monotonic() + PATIENCE
        while True:
            found = re.search(pattern, self.seen)
            if found:
                before = self.seen[: found.end()]
                self.seen = self.seen[found.end():]
                print("ok  " + what, flush=True)
                return before
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0] or not self.take():
                sys.exit(f"FAILED  {what}: no {pattern!r} in\n{self.seen[-2000:]!r}")

    def prompt(self, what="the prompt comes"):
        self.wait(r"moonwatch> $", what)

    def ended(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                return status
            if select.select([self.terminal], [], [], 0.05)[0]:
                self.take()
        sys.exit("FAILED  the program did not end")


def check(condition, what):
    if not condition:
        sys.exit("FAILED  " + what)
    print("ok  " + what, flush=True)


def main():
    program, data = sys.argv[1:3]
    arguments = [program, "repl", "--data-dir", data]
    session = Session(arguments)
    session.wait("'help' shows examples", "a greeting says how to begin")
    session.prompt("the first prompt comes")

    session.send("6 * 7\r")
    session.wait(r"\r\n42\r\n", "an expression gives its value")
    session.prompt()

    session.send("for i = 1, 3 do\r")
    session.wait(r"\.\.\. ", "an unfinished chunk is continued")
    session.send("print('row ' .. i)\r")
    session.wait(r"\.\.\. ", "and continued")
    session.send("end\r")
    session.wait(r"row 1\r\nrow 2\r\nrow 3\r\n", "and run when it is whole")
    session.prompt()

    session.send("while true do end\r")
    time.sleep(0.5)
    session.send("\x03")
    session.wait(r"error: stopped", "^C stops the running expression")
    session.prompt("and not the console")

    session.send("this is thrown away\x03")
    session.wait(r"\^C", "^C throws a line away")
    session.prompt()

    # libedit draws only what changed, so that a completed line is known by what it gives.
    session.send("coun\t{}\r")
    session.wait(r"\r\n\d+\r\n", "a tab completes a verb")
    session.prompt()

    session.send("alerts{severity = \"hi\t, li\t1}\r")
    session.wait(r"Alert +Time", "a tab completes an option and a value and closes its quote")
    session.prompt()

    session.send("#backt\t.x\x03")
    session.prompt()
    session.send("rule(\"auth.login-b\t).rule\r")
    session.wait(r"\r\nauth.login-burst\r\n", "a tab completes a rule's id")
    session.prompt()
    session.send("entity(\"us\t, \"an\t).alerts\r")
    session.wait(r"\r\n\d+\r\n", "and a field and an entity")
    session.prompt()
    session.send("alert(alerts{}[1].id:sub(1, 9)).statu\t\r")
    session.wait(r"\r\nopen\r\n", "and a field of an alert")
    session.prompt()

    session.send("al\t\t")
    session.wait(r"alert +alerts", "a tab lists what is possible")
    session.send("\x03")
    session.prompt()

    session.send("\x1b[A" * 10 + "\r")
    session.wait(r"\r\n42\r\n", "the arrows go back through history")
    session.prompt()

    session.send("8 * 8\r")
    session.wait(r"\r\n64\r\n", "something else is typed")
    session.prompt()
    session.send("\x126 *\r")
    session.wait(r"\r\n42\r\n", "^R finds what was typed")
    session.prompt()

    session.send(b"'\xff\xfe\xc3(' .. 'after'\r")
    session.wait(r"after\r\n", "bytes that are no UTF-8 end nothing")
    session.prompt()

    session.send("'Zürich 漢字 🌙'\r")
    session.wait(r"Zürich 漢字 🌙\r\n", "text of any script goes through")
    session.prompt()

    session.resize(10, 60)
    os.kill(session.process, signal.SIGWINCH)
    session.send("t = {} for i = 1, 40 do t[i] = i end\r")
    session.prompt("a change of the window's size ends nothing")
    session.send("t\r")
    session.wait(r"33 more lines", "a long value is cut to the new size")
    session.prompt()
    session.send("\r")
    session.wait(r"26 more lines", "and Enter shows more")
    session.prompt()

    session.send("n = 0\r")
    session.prompt()
    session.send("\x1b[200~" + "n = n + 1\r" * 1000 + "\x1b[201~")
    session.wait(r"(n = n \+ 1[^\n]*\n[^\n]*){3}", "a paste of 1,000 lines is taken")
    session.send("print('pasted ' .. n)\r")
    session.wait(r"\r\npasted 1000\r\n", "and each of its lines was run")
    session.prompt()

    session.send("m = 0\r")
    session.prompt()
    session.send("m = m + 1\r" * 1000)
    session.send("print('typed ' .. m)\r")
    session.wait(r"\r\ntyped 1000\r\n", "as they are where the terminal marks no pastes")
    session.prompt()

    session.send("\x1b[200~'one\x03\x04 line'\x1b[201~\r")
    session.wait(r"\r\none line\r\n", "control characters of a paste do nothing")
    session.prompt()

    session.send("alrts{}\r")
    session.wait(r"error: unknown name 'alrts', did you mean 'alerts'\?", "a mistake is told")
    session.prompt()
    session.send("t = {} for i = 1, 1000000 do t[i] = i end\r")
    session.prompt()
    session.send("t\r")
    session.wait(r"more lines", "a value of a million rows fills no screen")
    session.prompt()

    session.send("\x04")
    check(session.ended() == 0, "^D ends with status 0")

    history = os.path.join(data, "repl-history.jsonl")
    check(stat.S_IMODE(os.stat(history).st_mode) == 0o600, "the history is its owner's only")

    second = Session(arguments)
    second.prompt("a second conversation begins")
    second.send("\x126 *\r")
    second.wait(r"\r\n42\r\n", "and knows the history of the first")
    second.prompt()
    os.kill(second.process, signal.SIGTERM)
    check(second.ended() == 0, "a signal at the prompt ends it")
    attributes = termios.tcgetattr(second.terminal)
    check(attributes[3] & termios.ECHO, "and the terminal is as it was")


if __name__ == "__main__":
    main()
