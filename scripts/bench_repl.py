"""Fills a data directory with 100,000 alerts and a million rows of events, then times the console in a pseudo-terminal.

    bench_repl.py MOONWATCH DATA_DIRECTORY
"""

import os
import pty
import re
import select
import sqlite3
import sys
import time

ALERTS = 100_000
EVENTS = 1_000_000


def fill(path):
    database = sqlite3.connect(path)
    columns = [row[1] for row in database.execute("pragma table_info(alerts)")]
    names = ", ".join(columns)
    rows = database.execute(f"select {names} from alerts order by time").fetchall()
    newest = max(row[columns.index("time")] for row in rows)
    ids, times, json = (columns.index(name) for name in ("id", "time", "json"))
    made = []
    for n in range(ALERTS - len(rows)):
        row = list(rows[n % len(rows)])
        fresh = f"{n:05x}" + row[ids][5:15] + f"{n:05x}"
        row[json] = row[json].replace(row[ids], fresh)
        row[ids] = fresh
        # Over thirty days, so that the last of them holds some 3,300.
        row[times] = newest - n * 30 * 86_400_000_000 // ALERTS
        made.append(row)
    marks = ", ".join("?" * len(columns))
    database.executemany(f"insert or ignore into alerts ({names}) values ({marks})", made)
    database.execute("create table bench_events (id integer primary key, time integer, body text)")
    database.executemany(
        "insert into bench_events (time, body) values (?, ?)", ((n, "x" * 120) for n in range(EVENTS))
    )
    database.commit()
    print(f"alerts {database.execute('select count(*) from alerts').fetchone()[0]}, "
          f"rows of events {EVENTS}, database {os.path.getsize(path) >> 20} MiB")
    database.close()


def first_prompt(program, folder):
    started = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(program, [program, "repl", "--quiet", "--data-dir", folder], dict(os.environ, TERM="xterm"))
    seen = b""
    while b"moonwatch> " not in seen:
        if not select.select([terminal], [], [], 60)[0]:
            sys.exit(f"no prompt came: {seen!r}")
        seen += os.read(terminal, 4096)
    took = (time.monotonic() - started) * 1000
    os.write(terminal, b"\x04")
    os.waitpid(process, 0)
    os.close(terminal)
    return took


def query(program, folder, text, count):
    lines = [":timing on"] + [text] * count
    script = os.path.join(folder, "bench.lua")
    with open(script, "w") as file:
        file.write("\n".join(lines))
    output = os.popen(f"{program} repl --quiet --data-dir {folder} --file {script}").read()
    return [float(x.replace(",", "")) for x in re.findall(r"^([0-9.,]+) ms$", output, re.M)]


def show(name, samples):
    ordered = sorted(samples)
    print(f"{name}: median {ordered[len(ordered) // 2]:.1f} ms; all " + " ".join(f"{x:.1f}" for x in samples))


def main():
    program, folder = sys.argv[1:3]
    fill(os.path.join(folder, "moonwatch.db"))
    show("first prompt", [first_prompt(program, folder) for _ in range(11)])
    show("alerts{last = 1 * day}", query(program, folder, "alerts{last = 1 * day}", 11))
    show("alerts{last = 1 * day, limit = 10000}", query(program, folder, "#alerts{last = 1 * day, limit = 10000}", 5))
    show('tally{by = "rule"}', query(program, folder, 'tally{by = "rule"}', 5))


if __name__ == "__main__":
    main()
