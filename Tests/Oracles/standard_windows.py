"""Window features of card transactions as DuckDB sees them: the past without the event itself.

usage: standard_windows.py TRANSACTIONS.csv[.zst] OUT.csv ROWS
OUT: customer, terminal, time in microseconds, amount, then one column a feature; empty is missing. Rows in file order;
`alone` is 1 for customers without two events at one time, because DuckDB leaves the order of ties open.
"""
import sys

import duckdb

path, out, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
db = duckdb.connect()
db.execute("set threads = 2")
db.execute(f"""create table e as select row_number() over () as n, cast(CUSTOMER_ID as varchar) as customer,
  cast(TERMINAL_ID as varchar) as terminal, cast(TX_DATETIME as timestamp) as t, cast(TX_AMOUNT as double) as x
  from (select * from read_csv('{path}') limit {rows})""")
db.execute("create table tied as select distinct customer from e group by customer, t having count(*) > 1")


def window(name, length):
    return (f"{name} as (partition by customer order by t "
            f"range between interval {length} preceding and current row exclude current row)")


db.execute(f"""copy (select customer, terminal, epoch_us(t), x,
  cast(customer not in (from tied) as int) as alone,
  count(*) over h1 + 1, count(*) over h24 + 1, count(*) over d7 + 1,
  avg(x) over h24, stddev_samp(x) over h24, max(x) over h24, min(x) over d7, avg(x) over d7, sum(x) over h24,
  first_value(x) over h1, first_value(x) over h24,
  epoch(t) - epoch(lag(t) over e), lag(x) over e
  from e window {window('h1', '1 hour')}, {window('h24', '24 hour')}, {window('d7', '7 day')},
  e as (partition by customer order by t) order by n) to '{out}' (header false)""")
