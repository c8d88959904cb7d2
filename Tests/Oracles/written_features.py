"""Holds the features that the program wrote of card transactions against DuckDB's windows.

usage: written_features.py cut TRANSACTIONS.csv[.zst] ROWS OUT.csv
       written_features.py compare TRANSACTIONS.csv FEATURES.csv
The second prints `rows compared wrong`: the rows read, the values compared and how many of them are missing on one
side only or more than 1e-9 apart, relative to the larger. Entities with two events at one time are left out because
DuckDB leaves the order of ties open.
"""
import sys

import duckdb

NAMES = {
    "event_count_1h": "count(*) over h1 + 1",
    "event_count_24h": "count(*) over h24 + 1",
    "event_count_7d": "count(*) over d7 + 1",
    "metric_mean_24h": "avg(x) over h24",
    "metric_std_24h": "stddev_samp(x) over h24",
    "metric_max_24h": "max(x) over h24",
    "metric_mean_7d": "avg(x) over d7",
    "pct_change_24h": "(x - first_value(x) over h24) / nullif(first_value(x) over h24, 0) * 100",
    "time_since_last_event_seconds": "epoch(t) - epoch(lag(t) over e)",
    "delta_1": "x - lag(x) over e",
}


def window(name, length):
    return (f"{name} as (partition by entity order by t "
            f"range between interval {length} preceding and current row exclude current row)")


def cut(path, rows, out):
    duckdb.execute(f"copy (select * from read_csv('{path}', all_varchar = true) limit {rows}) to '{out}'")


def compare(transactions, features):
    db = duckdb.connect()
    db.execute("set threads = 2")
    db.execute(f"""create table e as select row_number() over () as n, cast(CUSTOMER_ID as varchar) as card,
      cast(TERMINAL_ID as varchar) as terminal, cast(TX_DATETIME as timestamp) as t, cast(TX_AMOUNT as double) as x
      from read_csv('{transactions}')""")
    db.execute(f"create table f as select row_number() over () as n, * from read_csv('{features}')")
    (rows,) = db.execute("select count(*) from f join e using (n) where f.card = e.card").fetchone()
    compared, wrong = 0, 0
    for entity, prefix in (("card", ""), ("terminal", "terminal_")):
        wanted = ", ".join(f"{sql} as w_{name}" for name, sql in NAMES.items())
        db.execute(f"""create or replace table w as select n, {wanted} from
          (select n, {entity} as entity, t, x from e where {entity} not in
            (select {entity} from e group by {entity}, t having count(*) > 1))
          window {window('h1', '1 hour')}, {window('h24', '24 hour')}, {window('d7', '7 day')},
          e as (partition by entity order by t)""")
        for name in NAMES:
            a, b = f"cast(f.{prefix}{name} as double)", f"w.w_{name}"
            some, bad = db.execute(f"""select count(*), count(*) filter (
              ({a} is null) <> ({b} is null) or abs({a} - {b}) > 1e-9 * greatest(abs({a}), abs({b}), 1e-3))
              from f join w using (n)""").fetchone()
            compared, wrong = compared + some, wrong + bad
            if bad:
                print(f"{prefix}{name}: {bad} of {some} differ", file=sys.stderr)
    print(rows, compared, wrong)


if sys.argv[1] == "cut":
    cut(*sys.argv[2:])
else:
    compare(*sys.argv[2:])
