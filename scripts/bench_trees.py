"""Fits and scores one table with Moonwatch, XGBoost and LightGBM in turns; prints medians and ratios.

Each sample runs the three one after another, so that a busy minute of the machine hits them alike. Raw samples go to
--out as JSON. Ratios are ours to the peer's: below 1 is better for seconds and bytes, above 1 for rows a second.
"""
import argparse, json, os, platform, resource, statistics, subprocess, sys, tempfile, time

import lightgbm
import numpy
import xgboost
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, roc_auc_score

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True)
parser.add_argument("--rows", type=int, default=285_000)
parser.add_argument("--columns", type=int, default=30)
parser.add_argument("--rounds", type=int, default=200)
parser.add_argument("--depth", type=int, default=6)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--samples", type=int, default=5)
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--out", default=".build/bench-trees.json")
parser.add_argument("--skip", default="", help="parts to leave out: fit, score, lightgbm; with commas")
options = parser.parse_args()
skipped = set(filter(None, options.skip.split(",")))


def table():
    """2 % positives, half a per cent of the labels flipped."""
    x, y = make_classification(
        n_samples=options.rows, n_features=options.columns,
        n_informative=int(options.columns * 0.4), n_redundant=int(options.columns * 0.2),
        weights=[0.98], flip_y=0.005, class_sep=0.8, random_state=options.seed)
    return numpy.ascontiguousarray(x, numpy.float32), y.astype(numpy.float32)


def write(path, x, y):
    with open(path, "w") as file:
        file.write(",".join([f"f{i}" for i in range(x.shape[1])] + ["label"]) + "\n")
        for start in range(0, len(x), 50_000):
            part = numpy.column_stack([x[start:start + 50_000], y[start:start + 50_000]])
            numpy.savetxt(file, part, fmt="%.9g", delimiter=",")


def timed(work):
    processor = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    start = time.perf_counter()
    result = work()
    wall = time.perf_counter() - start
    return wall, resource.getrusage(resource.RUSAGE_SELF).ru_utime - processor, result


def ours(part, csv, *more):
    command = [options.program, "bench", part, "--table", csv, "--label", "label", "--samples", "1",
               "--rounds", str(options.rounds), "--depth", str(options.depth),
               "--threads", str(options.threads), "--format", "json", "--quiet", *more]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"bench-trees: {' '.join(command)} ended with status {run.returncode}")
    return json.loads(run.stdout)


class XGBoost:
    name = "xgboost"

    def fit(self, x, y):
        parameters = dict(objective="binary:logistic", tree_method="hist", max_depth=options.depth,
                          eta=0.1, nthread=options.threads, max_bin=256)
        data = xgboost.QuantileDMatrix(x, y, nthread=options.threads)
        self.model = xgboost.train(parameters, data, options.rounds)
        return self.model

    def predict(self, rows):
        return self.model.inplace_predict(rows)

    def explain(self, rows):
        return self.model.predict(xgboost.DMatrix(rows), pred_contribs=True)


class LightGBM:
    name = "lightgbm"

    def fit(self, x, y):
        parameters = dict(objective="binary", num_leaves=2 ** options.depth - 1, max_depth=-1,
                          learning_rate=0.1, num_threads=options.threads, max_bin=255, verbose=-1)
        data = lightgbm.Dataset(x, y, params=parameters).construct()
        self.model = lightgbm.train(parameters, data, options.rounds)
        return self.model

    def predict(self, rows):
        return self.model.predict(rows)

    def explain(self, rows):
        return self.model.predict(rows, pred_contrib=True)


def single(peer, row, count=1000):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        peer.predict(row)
        times.append((time.perf_counter() - start) * 1e6)
    times.sort()
    return times[count // 2], times[count * 99 // 100]


x, y = table()
cut = int(len(x) * 0.8)
peers = [XGBoost()] + ([] if "lightgbm" in skipped else [LightGBM()])
samples = {}


def note(measure, who, value):
    samples.setdefault(measure, {}).setdefault(who, []).append(value)


with tempfile.TemporaryDirectory() as folder:
    csv = os.path.join(folder, "table.csv")
    write(csv, x, y)
    saved = os.path.join(folder, "xgboost.json")
    for turn in range(options.samples):
        print(f"sample {turn + 1} of {options.samples}", file=sys.stderr)
        if "fit" not in skipped:
            report = ours("fit", csv)
            note("fit wall s", "moonwatch", report["measures"]["wall_s"]["samples"][0])
            note("fit cpu s", "moonwatch", report["measures"]["cpu_s"]["samples"][0])
            note("roc auc", "moonwatch", report["results"]["roc_auc"])
            note("average precision", "moonwatch", report["results"]["average_precision"])
        for peer in peers:
            if "fit" in skipped and turn > 0:
                continue
            wall, processor, _ = timed(lambda: peer.fit(x[:cut], y[:cut]))
            note("fit wall s", peer.name, wall)
            note("fit cpu s", peer.name, processor)
            scores = peer.predict(x[cut:])
            note("roc auc", peer.name, roc_auc_score(y[cut:], scores))
            note("average precision", peer.name, average_precision_score(y[cut:], scores))
        if "score" in skipped:
            continue
        peers[0].model.save_model(saved)
        # The same trees for all: those of XGBoost. LightGBM can only score its own.
        report = ours("score", csv, "--model", saved)
        measures = {name: value["samples"][0] for name, value in report["measures"].items()}
        note("score rows/s", "moonwatch", measures["rows_per_s"])
        note("one row p50 us", "moonwatch", measures["single_row_p50_us"])
        note("one row p99 us", "moonwatch", measures["single_row_p99_us"])
        note("shap rows/s", "moonwatch", measures["shap_rows_per_s"])
        for peer in peers:
            wall, _, _ = timed(lambda: peer.predict(x))
            note("score rows/s", peer.name, len(x) / wall)
            middle, tail = single(peer, x[:1].copy())
            note("one row p50 us", peer.name, middle)
            note("one row p99 us", peer.name, tail)
            wall, _, _ = timed(lambda: peer.explain(x[:1000]))
            note("shap rows/s", peer.name, 1000 / wall)

names = ["moonwatch"] + [peer.name for peer in peers]
print(f"{options.rows} rows, {options.columns} columns, {options.rounds} rounds, depth {options.depth}, "
      f"{options.threads} threads, medians of {options.samples}")
print(f"{'':20}" + "".join(f"{name:>14}" for name in names)
      + "".join(f"{'ours/' + name:>16}" for name in names[1:]))
for measure, values in samples.items():
    medians = [statistics.median(values[name]) for name in names]
    print(f"{measure:20}" + "".join(f"{value:14.4g}" for value in medians)
          + "".join(f"{medians[0] / value:16.3g}" for value in medians[1:]))
with open("/proc/cpuinfo") as file:
    processor = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
os.makedirs(os.path.dirname(options.out) or ".", exist_ok=True)
with open(options.out, "w") as file:
    json.dump({"command": sys.argv, "machine": {
        "processor": processor, "cores": os.cpu_count(), "system": platform.platform(),
        "load": os.getloadavg()[0]}, "versions": {
        "xgboost": xgboost.__version__, "lightgbm": lightgbm.__version__}, "samples": samples},
        file, indent=1, default=float)
print(f"raw samples: {options.out}")
