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
# # From a raw extract to a certified model
#
# A vendor trains a model on arrests. Nearly half of them are sealed: the law treats them as if they had never happened. Here they
# are removed so that the model is, to the bit, what it would be had they never existed, and somebody who was not there can see it.
#
# Everything is on a generated city. No one in it exists.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sealscrub as ss
from sealscrub.datasets import FEATURE_COLUMNS, derive_features, make_city

folder = Path(tempfile.mkdtemp(prefix="notebook-"))
city = make_city(10_000, seed=0)
city.tables["notices"].write_csv(folder / "notices.csv")
arrests = city.tables["arrests"].unique("arrest_id", maintain_order=True)
arrests.head(3)

# %% [markdown]
# What happened to the arrests? In a real city no one but the custodian may know; of a generated one the truth is at hand.

# %% mystnb={"image": {"alt": "Stacked bars: clear, withheld and sealed arrests by year"}}
truth = city.truth.arrests.with_columns(year=pl.col("arrest_date").dt.year())
by_year = truth.group_by("year", "status").len().pivot("status", index="year", values="len").fill_null(0).sort("year")

figure, axes = plt.subplots(figsize=(7, 3))
bottom = np.zeros(by_year.height)
for status, colour, hatch in (("clear", "#4c78a8", ""), ("withheld", "#f2cf5b", ".."), ("sealed", "#e45756", "//")):
    axes.bar(by_year["year"], by_year[status], bottom=bottom, color=colour, hatch=hatch, label=status)
    bottom += by_year[status].to_numpy()
axes.set(title="What happened to the arrests of a year", ylabel="arrests", ylim=(0, 1.25 * bottom.max()))
axes.legend(frameon=False, ncols=3)
figure.tight_layout()

# %% [markdown]
# ## The custodian publishes an index
#
# The registry holds the seal notices, and the index keyed digests of the numbers: no identifiers. Anyone who holds both index and key
# can find out who is sealed, so on real data only the custodian and a trusted host do.

# %%
ss.identifiers.generate_keys(folder / "seal.key")
with ss.custodian.registry.Registry.create(folder / "seals.db") as registry:
    registry.add(folder / "notices.csv")
    published = registry.publish(
        folder / "training.sealindex",
        keys=ss.identifiers.load_key(folder / "seal.key"),
        publisher=ss.identifiers.load_publisher(folder / "seal.key.publisher"),
        uses=["training", "output"],
        audience="police",
    )
index = ss.open_index(folder / "training.sealindex", key=folder / "seal.key")
index

# %% [markdown]
# ## What is in the extract
#
# `scan` looks and changes nothing. Near numbers, such as one with the letter O for a zero, are neither called clean nor sealed.
# A notebook is saved and shared, so that `print` of a report shows no counts. `show(counts=True)` prints them: it is the operator's
# copy, and of a generated city no one is hurt by it.

# %%
ON = {"arrest_number": "arrest_number"}
ss.scan(arrests, index, on=ON, name="arrests").show(counts=True)

# %% [markdown]
# ## Dropping rows is not enough
#
# The usual way: compute features, then drop the sealed rows. The right way: take the arrests out at the source, then compute. How
# many rows that stay does the usual way leave wrong?

# %% mystnb={"image": {"alt": "Bars: the share of wrong rows for each feature"}}
policy = ss.Policy(quarantine=True)  # rows whose number cannot be read are left out
scrubbed = ss.scrub(arrests, index, on=ON, policy=policy, detail=True)
right = derive_features(scrubbed.data)
dropped = derive_features(arrests).filter(scrubbed.mask)
wrong = {name: int(dropped[name].ne_missing(right[name]).sum()) for name in FEATURE_COLUMNS}

figure, axes = plt.subplots(figsize=(7, 2.6))
bars = axes.barh(list(wrong), [100 * rows / right.height for rows in wrong.values()], color="#e45756")
axes.bar_label(bars, fmt="%.0f %%", padding=3)
axes.invert_yaxis()
axes.set(title="Rows that a row drop leaves wrong", xlabel="% of the rows that stay", xlim=(0, 110))
figure.tight_layout()

# %% [markdown]
# The leftovers tell who is sealed: `priors_count` says 3, and one earlier arrest is to be seen. Below, each dot is a kind of row: off
# the diagonal are people whom the file gives away.

# %% mystnb={"image": {"alt": "Dots: priors_count against earlier arrests in the file; those off the diagonal give a seal away"}}
both = pl.DataFrame({"seen": right["priors_count"], "said": dropped["priors_count"]}).group_by("seen", "said").len()
off = both.filter(pl.col("said") != pl.col("seen"))

figure, axes = plt.subplots(figsize=(4.6, 4.2))
for part, colour, marker, label in (
    (both.filter(pl.col("said") == pl.col("seen")), "#4c78a8", "o", "right"),
    (off, "#e45756", "x", "gives a seal away"),
):
    sizes = 4 + 2 * np.sqrt(part["len"])
    axes.scatter(part["seen"], part["said"], s=sizes, color=colour, marker=marker, alpha=0.8, label=label)
axes.set(
    title=f"{off['len'].sum():,} rows give a seal away",
    xlabel="earlier arrests to be seen",
    ylabel="priors_count after a row drop",
)
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## One line in a test suite
#
# The nullity test runs a function with and without sealed records, sandboxed, and compares every bit. `plant=True` plants synthetic
# records, so its verdict says nothing about real ones, and anyone may see it.

# %%
from sealscrub.testing import check_nullity


def row_drop(arrests: pl.DataFrame) -> pl.DataFrame:
    return ss.scrub(derive_features(arrests), index, on={"arrest_number": "arrest_no"}, policy=policy)


def build(arrests: pl.DataFrame) -> pl.DataFrame:
    return derive_features(ss.scrub(arrests, index, on=ON, policy=policy))


some = arrests.head(1_000)
check_nullity(row_drop, some, index, on=ON, key="arrest_no", plant=True).show(counts=True)

# %%
nullity = check_nullity(build, some, index, on=ON, key="arrest_no", plant=True)
nullity.verdict

# %% [markdown]
# ## Train
#
# `refresh` scrubs once more, trains twice and compares the two models bit for bit: a training that cannot be repeated could not be
# shown to be clean.

# %%
FEATURES = ["age", "priors_count", "days_since_last", "precinct_rate", "co_arrests"]


def numbers(rows: pl.DataFrame) -> np.ndarray:
    return rows.select(pl.col(FEATURES).cast(pl.Float64).fill_null(-1)).to_numpy()


def train(rows: pl.DataFrame):
    model = make_pipeline(StandardScaler(), LogisticRegression(random_state=0))
    return model.fit(numbers(rows), rows["rearrested_within_1y"].to_numpy())


clean = build(arrests)
clean.write_parquet(folder / "clean.parquet")
refreshed = ss.refresh(train, clean, index, on={"arrest_number": "arrest_no"})
refreshed

# %% [markdown]
# What does it change? The same people, scored by a model that was trained on the row drop and by the clean one.

# %% mystnb={"image": {"alt": "Dots: scores after a row drop against scores of the clean model"}}
dirty = train(dropped)
before = dirty.predict_proba(numbers(dropped))[:, 1]
after = refreshed.model.predict_proba(numbers(right))[:, 1]
label = right["rearrested_within_1y"].to_numpy()

figure, axes = plt.subplots(figsize=(4.6, 4.2))
axes.scatter(after, before, s=3, alpha=0.25, color="#4c78a8")
axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
axes.set(title="Scores of the same rows", xlabel="clean data, clean model", ylabel="row drop", xlim=(0, 1), ylim=(0, 1))
figure.tight_layout()
print(
    f"AUC of the clean model {roc_auc_score(label, after):.3f}; {np.mean(before > after):.0%} of the rows scored higher before"
)

# %% [markdown]
# ## Guard
#
# Sealed records come back in questions. The guarded model answers as if they had never been asked about, and an unknown number and a
# sealed one get the same answer: none.

# %%
from sealscrub.filters import guard


def risk(rows: pl.DataFrame) -> list[float]:
    return refreshed.model.predict_proba(numbers(rows))[:, 1].tolist()


safe = guard(risk, index, on={"arrest_number": "arrest_no"}, known=clean["arrest_no"].drop_nulls().to_list())
numbered = derive_features(arrests).filter(pl.col("arrest_no").str.contains(r"^[A-Z]\d{8}$"))
sealed = numbered.join(clean, on="arrest_no", how="anti").head(2)
asked = pl.concat([clean.filter(pl.col("arrest_no").str.contains(r"^[A-Z]\d{8}$")).head(2), sealed])
len(risk(asked)), len(safe(asked))

# %% [markdown]
# ## Certify
#
# A certificate is signed about the data and the model file. It would be the same, but for time and chance, had the sealed arrests
# never been in the extract.

# %%
import joblib

from sealscrub.certificates import load_signer, make_receipt, open_certificate, verify_receipt
from sealscrub.validators.certification import certify, verify

joblib.dump(refreshed.model, folder / "model.joblib")
ss.identifiers.generate_certifier(folder / "team.key")
issued = certify(
    folder / "clean.parquet",
    index,
    {"arrest_number": "arrest_no"},
    signer=load_signer(folder / "team.key"),
    models=[folder / "model.joblib"],
    name="clean.parquet",
    nullity=nullity,
    receipts=True,
)
(folder / "clean.certificate.json").write_bytes(issued.certificate)

# %% [markdown]
# An auditor verifies it: the signature, the digests, every row against the index, and, since the code and the extract are at hand,
# the nullity test and the data built again, bit for bit. The extract's key column is called there as the certificate calls it.


# %%
def rebuild(raw: pl.DataFrame) -> pl.DataFrame:
    return build(raw.rename({"arrest_no": "arrest_number"}))


certificate = open_certificate(folder / "clean.certificate.json", folder / "team.key.pub")
verified = verify(
    certificate,
    data=folder / "clean.parquet",
    models=[folder / "model.joblib"],
    index=index,
    rerun=rebuild,
    raw=arrests.rename({"arrest_number": "arrest_no"}),
)
print(verified)
assert not verified.failed

# %% [markdown]
# A person with one number gets a receipt that it is not in the data, and can check it without registry or data.

# %%
number = sealed["arrest_no"][0]
receipt = make_receipt(issued.receipts, "arrest_number", number)
verify_receipt(receipt, number, certificate.statement)
print(f"{len(receipt):,} bytes prove that one arrest is not among the training data")
