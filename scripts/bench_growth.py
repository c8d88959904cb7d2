"""Fits tables of growing size with Moonwatch and XGBoost in turns; prints medians as a table in Markdown.

Every fit is a process of its own, so that its peak memory is its own: ours reads the table as CSV, XGBoost as a NumPy file, and
both fit the first four fifths. Times are of the fit with its bins, without the reading. Raw samples go to --out as JSON.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile

import numpy
from sklearn.datasets import make_classification

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True)
parser.add_argument("--rounds", type=int, default=100)
parser.add_argument("--samples", type=int, default=3)
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--out", default=".build/bench-growth.json")
options = parser.parse_args()

usual = dict(rows=100_000, columns=30, depth=6, threads=2)
cases = [dict(usual, **change) for change in
         [{}] + [dict(rows=n) for n in (25_000, 400_000)] + [dict(columns=n) for n in (10, 100)]
         + [dict(depth=n) for n in (3, 9)] + [dict(threads=1)]]

XGBOOST = """
import json, resource, sys, time
import numpy, xgboost
table, rounds, depth, threads = sys.argv[1], *map(int, sys.argv[2:])
data = numpy.load(table)
x, y = data[:, :-1], data[:, -1]
cut = int(len(x) * 0.8)
x, y = numpy.ascontiguousarray(x[:cut]), y[:cut].copy()
del data
used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
start = time.perf_counter()
matrix = xgboost.QuantileDMatrix(x, y, nthread=threads)
xgboost.train(dict(objective="binary:logistic", tree_method="hist", max_depth=depth, eta=0.1,
                   nthread=threads, max_bin=256), matrix, rounds)
print(json.dumps(dict(wall=time.perf_counter() - start,
                      cpu=resource.getrusage(resource.RUSAGE_SELF).ru_utime - used)))
"""


def measured(command):
    """What a program prints, and the most memory that it had, in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"bench-growth: {' '.join(command[:4])} … ended with status {status}")
    return json.loads(text), usage.ru_maxrss / 1024


def ours(csv, case):
    report, memory = measured(
        [options.program, "bench", "fit", "--table", csv, "--label", "label", "--samples", "1",
         "--rounds", str(options.rounds), "--depth", str(case["depth"]),
         "--threads", str(case["threads"]), "--format", "json", "--quiet"])
    return dict(wall=report["measures"]["wall_s"]["samples"][0],
                cpu=report["measures"]["cpu_s"]["samples"][0], memory=memory)


def theirs(npy, case):
    report, memory = measured([sys.executable, "-c", XGBOOST, npy, str(options.rounds),
                               str(case["depth"]), str(case["threads"])])
    return dict(report, memory=memory)


results = []
print("| rows | columns | depth | threads | wall s | XGBoost | ratio | processor s | XGBoost | ratio "
      "| peak MiB | XGBoost | ratio |")
print("|" + "---|" * 13)
for case in cases:
    with tempfile.TemporaryDirectory() as folder:
        x, y = make_classification(
            n_samples=case["rows"], n_features=case["columns"],
            n_informative=int(case["columns"] * 0.4), n_redundant=int(case["columns"] * 0.2),
            weights=[0.98], flip_y=0.005, class_sep=0.8, random_state=options.seed)
        table = numpy.column_stack([x, y]).astype(numpy.float32)
        csv, npy = os.path.join(folder, "table.csv"), os.path.join(folder, "table.npy")
        header = ",".join([f"f{i}" for i in range(case["columns"])] + ["label"])
        numpy.savetxt(csv, table, fmt="%.7g", delimiter=",", header=header, comments="")
        numpy.save(npy, table)
        samples = [(ours(csv, case), theirs(npy, case)) for _ in range(options.samples)]
    cells = []
    for measure, digits in (("wall", 2), ("cpu", 2), ("memory", 0)):
        a, b = (statistics.median(s[side][measure] for s in samples) for side in (0, 1))
        cells += [f"{a:.{digits}f}", f"{b:.{digits}f}", f"{a / b:.2f}"]
    print("| " + " | ".join([f"{case['rows']:,}", str(case["columns"]), str(case["depth"]),
                             str(case["threads"]), *cells]) + " |", flush=True)
    results.append(dict(case=case, moonwatch=[s[0] for s in samples], xgboost=[s[1] for s in samples]))
os.makedirs(os.path.dirname(options.out) or ".", exist_ok=True)
with open(options.out, "w") as file:
    json.dump(dict(rounds=options.rounds, samples=options.samples, results=results), file, indent=1)
