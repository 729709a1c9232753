# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A new seal arrives
#
# Models were lawful when they were made. Then notices come, day after day. Which registered versions contain what is sealed now, since
# when, and which of them is deployed? MLflow knows the runs; sealscrub adds what the data was checked against and, encrypted, which
# records it held.
#
# On a generated city in which no one exists.

# %%
import logging
import os
import tempfile
from pathlib import Path

os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

import sealscrub as ss
from sealscrub.datasets import derive_features, make_city

for name in ("mlflow", "alembic"):
    logging.getLogger(name).setLevel(logging.ERROR)
folder = Path(tempfile.mkdtemp(prefix="notebook-"))
city = make_city(3_000, seed=0, mess=0)
city.tables["notices"].write_csv(folder / "notices.csv")
arrests = city.tables["arrests"]

# %% [markdown]
# ## The custodian's registry, as of day 0

# %%
ss.identifiers.generate_keys(folder / "seal.key")
keys = ss.identifiers.load_key(folder / "seal.key")
publisher = ss.identifiers.load_publisher(folder / "seal.key.publisher")
registry = ss.custodian.registry.Registry.create(folder / "seals.db")
registry.add(folder / "notices.csv")


def publish(day: int) -> ss.index.Index:
    file = folder / f"day-{day}.sealindex"
    registry.publish(file, keys=keys, publisher=publisher, uses=["training", "output"], audience="police")
    return ss.open_index(file, key=folder / "seal.key")


index = publish(0)
index

# %% [markdown]
# ## Five models, each from other precincts
#
# Each is logged with its clean data. `members` is the custodian's dictionary of record numbers; a run's membership is encrypted, and
# the annex key alone opens it.

# %%
ON = {"arrest_number": "arrest_no"}
FEATURES = ["age", "priors_count", "co_arrests"]
BOROUGHS = dict(zip("MKQBS", ("Manhattan", "Brooklyn", "Queens", "the Bronx", "Staten Island"), strict=True))
mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
experiment = mlflow.create_experiment("rearrest", (folder / "artifacts").as_uri())


def train(rows: pl.DataFrame) -> LogisticRegression:
    return LogisticRegression(random_state=0).fit(rows[FEATURES].to_numpy(), rows["rearrested_within_1y"].to_numpy())


def build(index: ss.index.Index, borough: str) -> pl.DataFrame:
    kept = ss.scrub(arrests, index, on={"arrest_number": "arrest_number"})
    return derive_features(kept).filter(pl.col("borough") == borough)


def log(index: ss.index.Index, borough: str) -> str:
    with mlflow.start_run(experiment_id=experiment):
        rows = build(index, borough)
        ss.lineage.log_dataset(rows, index, ON, members=folder / "seals.members", seeds={"sklearn": 0})
        fitted = train(rows)
        made = mlflow.sklearn.log_model(
            fitted,
            name="model",
            registered_model_name=f"rearrest-{borough}",
            serialization_format="cloudpickle",
            pip_requirements=[],
        )
    return f"models:/rearrest-{borough}/{made.registered_model_version}"


models = {borough: log(index, borough) for borough in BOROUGHS}
models

# %% [markdown]
# ## Ten days of notices
#
# Every day a few arrests are sealed. `taint` asks all models each day; its answer names no record and counts none.

# %%
HEADER = "seal_id,event,regime,effective_from,notified_on,basis,arrest_number"
still_open = (
    pl.concat([build(index, borough) for borough in BOROUGHS])["arrest_no"].sample(14, seed=3, shuffle=True).to_list()
)
per_day = [0, 1, 0, 2, 1, 0, 3, 1, 2, 4]
annex_key = ss.identifiers.load_annex(folder / "seal.key.annex")
today = index.as_of.isoformat()
states, latest = [], index
for day, count in enumerate(per_day, 1):
    new, still_open = still_open[:count], still_open[count:]
    if new:
        notices = [
            f"D{day}-{at},sealed,us-ny/cpl-160.50,{today},{today},notice,{number}" for at, number in enumerate(new)
        ]
        (folder / f"day-{day}.csv").write_text("\n".join([HEADER, *notices]) + "\n")
        registry.add(folder / f"day-{day}.csv")
    latest = publish(day)
    report = ss.lineage.taint(latest, members=folder / "seals.members", annex_key=annex_key)
    by_uri = {model.uri: model.state for model in report.models}
    states.append([by_uri[uri].is_tainted for uri in models.values()])

# %% mystnb={"image": {"alt": "A grid of five models and ten days: a square with a cross is a model that holds a record sealed by that day"}}
figure, axes = plt.subplots(figsize=(7, 2.6))
axes.imshow(
    np.array(states).T, cmap=plt.matplotlib.colors.ListedColormap(["#4c78a8", "#e45756"]), vmin=0, vmax=1, aspect="auto"
)
axes.plot(*np.argwhere(states).T, "x", color="black")
axes.set_yticks(range(len(BOROUGHS)), BOROUGHS.values())
axes.set_xticks(range(len(per_day)), [f"{day}\n+{count}" for day, count in enumerate(per_day, 1)])
axes.set(xlabel="day, and notices that came on it", title="Which model contains a sealed record (×)")
figure.tight_layout()

# %% [markdown]
# ## Gate, and train again
#
# A deployment job refuses a tainted model. The remedy is exact: train again without, twice, and compare.

# %%
client = mlflow.MlflowClient()
report = ss.lineage.taint(latest, since=index, members=folder / "seals.members", annex_key=annex_key)
tainted = [borough for borough, uri in models.items() if uri in {model.uri for model in report.tainted}]
print(report)
for borough in tainted:
    try:
        ss.lineage.require_untainted(models[borough], index=latest)
    except ss.lineage.TaintedModel as refusal:
        print(BOROUGHS[borough], "-", refusal.message)

# %%
renewed = {borough: log(latest, borough) for borough in tainted}
again = ss.lineage.taint(latest, members=folder / "seals.members", annex_key=annex_key)
after = {model.uri: str(model.state) for model in again.models}
for uri in renewed.values():
    ss.lineage.require_untainted(uri, index=latest)
{uri: after[uri] for uri in renewed.values()}

# %% [markdown]
# How much did the renewed models move? Little, mostly, and that is the point: near is not a nullity. The old coefficients are a function
# of the sealed records, the new ones are not.

# %% mystnb={"image": {"alt": "Bars: by how much each coefficient of each renewed model moved"}}
moved = {}
for borough in tainted:
    old, new = (train(build(state, borough)).coef_[0] for state in (index, latest))
    moved[BOROUGHS[borough]] = new - old

figure, axes = plt.subplots(figsize=(7, 2.8))
for at, (name, change) in enumerate(moved.items()):
    axes.bar(np.arange(len(FEATURES)) + at * 0.8 / len(moved), change, width=0.8 / len(moved), label=name)
axes.axhline(0, color="grey", linewidth=0.8)
axes.set_xticks(np.arange(len(FEATURES)) + 0.3, FEATURES)
axes.set(title="What the sealed records had done to the coefficients", ylabel="new − old")
axes.legend(frameon=False, fontsize=8)
figure.tight_layout()

registry.close()
assert {after[uri] for uri in renewed.values()} == {"untainted"}
