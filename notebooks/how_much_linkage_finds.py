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
# # How much linkage finds, and what a bound says of it
#
# A file has names and dates and no identifier that an index knows. Linkage finds the records of sealed arrests in it, and a clerk decides
# what is not certain. Two questions cost money: how many pairs does the clerk read for how much recall, and how large a sample does a
# bound need?
#
# On a generated city in which no one exists, whose people were written down with the errors of a bad file.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import polars as pl

from sealscrub.custodian.linkage import link, recall_bound, starting_model
from sealscrub.datasets import make_city

city = make_city(12_000, seed=0, mess=0, names_noise=5)
people = city.tables["people"].drop("sex")
text = pl.col("arrest_date", "birth_date").cast(pl.String)
rows = (
    city.tables["arrests"]
    .join(people, on="nysid", how="left", maintain_order="left")
    .select(text, "last_name", "first_name", "charge", "sex", id="arrest_number")
)
notices = city.tables["notices"].filter(pl.col("event") == "sealed", pl.col("arrest_number").is_not_null())
notices = notices.unique("seal_id", keep="first", maintain_order=True).unique("arrest_number", keep="first")
seals = notices.select(text, "last_name", "first_name", "charge", id="seal_id")
truth = notices.select(seal="seal_id", row="arrest_number").join(rows, left_on="row", right_on="id", how="semi")
print(f"{rows.height:,} rows, {truth.height:,} of them about a seal")

# %% [markdown]
# ## Recall against what the clerk reads
#
# The model that comes with the library, with a lower threshold below its own, so that both sides of it are seen. Each pair's weight
# depends on that pair and the model alone, so that one run serves every threshold.

# %% mystnb={"image": {"alt": "Curve: recall against the pairs that a clerk reads; it rises steeply and flattens"}}
model = starting_model()
pairs = link(seals, rows, replace(model, lower=-14.0)).pairs
pairs = pairs.join(truth.with_columns(right=pl.lit(True)), on=["seal", "row"], how="left").with_columns(
    pl.col("right").fill_null(False)
)
curve = pl.DataFrame(
    [
        {
            "threshold": float(lower),
            "recall": kept["right"].sum() / truth.height,
            "read": kept.filter(pl.col("band") == "review").height / truth.height * 1_000,
        }
        for lower in np.arange(-14, 5.5, 0.5)
        for kept in [pairs.filter((pl.col("weight") >= lower) | (pl.col("band") == "sealed"))]
    ]
)

figure, axes = plt.subplots(figsize=(7, 4))
axes.plot(curve["read"], curve["recall"], marker=".")
for lower in (-14, -6, model.lower, 5):
    at = curve.row(int(np.argmin(np.abs(curve["threshold"].to_numpy() - lower))), named=True)
    axes.annotate(f"{lower:+g}", (at["read"], at["recall"]), textcoords="offset points", xytext=(4, -12))
axes.set(xlabel="pairs for a clerk, per 1,000 seals", ylabel="recall, review band included")
axes.set_title("Recall against review, by the lower threshold")
figure.tight_layout()

# %% [markdown]
# Read from the right, where the threshold is low: there, more reading finds nothing. What is still missing is below no threshold. It was lost by
# the gate of the arrest date, or by errors in both names and the birth date, and only a bound sees it. The city has few arrests a day; with
# hundreds, the same recall takes more reading.
#
# ## A bound against the size of its sample
#
# Seals are drawn at random, and a clerk looks for each among all rows; one that is not found counts as missed. Here the clerk is right, so
# that what the links found is what the truth says. Each size is drawn 200 times.

# %% mystnb={"image": {"alt": "Curve: the bound rises towards the recall as the sample grows"}}
kept = pairs.filter((pl.col("weight") >= model.lower) | (pl.col("band") == "sealed"), "right")
found = truth.join(kept, on=["seal", "row"], how="semi").height
recall = found / truth.height
random = np.random.default_rng(0)
sizes = [n for n in (25, 50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000) if n <= truth.height]
bounds = {}
for size in sizes:
    drawn = random.hypergeometric(found, truth.height - found, size, 200)
    at = {hits: recall_bound(int(hits), size).lower for hits in np.unique(drawn)}
    bounds[size] = np.array([at[hits] for hits in drawn])
holds = {size: float((lower <= recall).mean()) for size, lower in bounds.items()}

figure, axes = plt.subplots(figsize=(7, 4))
axes.axhline(recall, color="black", linewidth=1, label=f"recall, {recall:.3f}")
axes.plot(sizes, [np.median(bounds[size]) for size in sizes], marker="o", label="bound, median of 200 draws")
low, high = ([float(np.quantile(bounds[size], share)) for size in sizes] for share in (0.05, 0.95))
axes.fill_between(sizes, low, high, alpha=0.25, label="nine of ten draws")
axes.set(xlabel="seals in the sample", ylabel="lower bound of recall (α = .05)", xscale="log")
axes.set_title("What a bound says, by the size of its sample")
axes.legend()
figure.tight_layout()

# %%
assert min(holds.values()) > 0.9
pl.DataFrame(
    {
        "seals": sizes,
        "bound": [round(float(np.median(bounds[size])), 3) for size in sizes],
        "slack": [round(recall - float(np.median(bounds[size])), 3) for size in sizes],
        "holds in": [holds[size] for size in sizes],
    }
)

# %% [markdown]
# A small sample is not wrong, only weak: the bound holds at every size, and lies far below the recall when few seals were read. With 1,000 it
# lies within about .01. Drawing again until a bound pleases would break it, which is why the audit log notes each draw.
#
# The commands are in docs/how-to/link-records.md, and what coverage, reach and recall each say in docs/concepts/recall.md.
