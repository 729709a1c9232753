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
# # Auditing someone else's model
#
# A vendor delivers model files and runs a service. Counsel asks: do sealed arrests live on in them? Three questions, from the outside
# in: what does the file hold, what does the service say, what does the vendor's certificate prove?
#
# The vendor is played here, on a generated city in which no one exists.

# %%
import tempfile
from datetime import date
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

import sealscrub as ss
from sealscrub.datasets import derive_features, example_index, make_city

folder = Path(tempfile.mkdtemp(prefix="notebook-"))
city = make_city(3_000, seed=0, mess=0)
arrests = city.tables["arrests"]
sealed = arrests.filter(city.truth.sealed_rows("arrests", status=["sealed", "withheld"]))["arrest_number"]
index = example_index(sealed.to_list(), folder=folder)
index

# %% [markdown]
# ## The vendor trains on everything

# %%
FEATURES = ["age", "latitude", "longitude", "priors_count"]
rows = derive_features(arrests)
X, y = rows.select(FEATURES).to_numpy().astype(float), rows["rearrested_within_1y"].to_numpy()
delivered = {
    "neighbours": make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X, y),
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y),
    "encoder": OrdinalEncoder().fit(rows.select("arrest_no").to_numpy()),
}
(folder / "vendor").mkdir()
for name, model in delivered.items():
    joblib.dump(model, folder / "vendor" / f"{name}.joblib")

# %% [markdown]
# ## What does the file hold?
#
# `audit_model` reads files without executing anything of them: a pickle of unknown origin is a program. Identifiers are looked up by
# the index. To find training rows it needs the features that the model was trained on.

# %%
from sealscrub.validators.artefacts import audit_model

rows.select("arrest_no", *FEATURES).write_parquet(folder / "rows.parquet")
on = {"arrest_number": "arrest_no"}
audits = {
    name: audit_model(folder / "vendor" / f"{name}.joblib", index, rows=folder / "rows.parquet", on=on)
    for name in delivered
}
for name, audit in audits.items():
    print(f"{name:<11}", *(f"{each.kind} ×{each.count:,} at {each.path}" for each in audit.findings), sep="  ")

# %% mystnb={"image": {"alt": "Bars: sealed records read off each model file; none in the logistic regression"}}
held = {name: max((each.count for each in audit.findings), default=0) for name, audit in audits.items()}

figure, axes = plt.subplots(figsize=(6.4, 2.2))
bars = axes.barh(list(held), list(held.values()), color=["#e45756" if count else "#4c78a8" for count in held.values()])
axes.bar_label(bars, labels=[f"{count:,}" if count else "none found" for count in held.values()], padding=4)
axes.invert_yaxis()
axes.set(title="Sealed records that can be read off each file", xlim=(0, 1.25 * max(held.values())))
figure.tight_layout()

# %% [markdown]
# The logistic regression stores no rows: its file shows none. That is not a proof that it was trained without them. A model that keeps
# rows gives itself away by its distances, too: of what it was trained on, the nearest neighbour is zero steps away.

# %% mystnb={"image": {"alt": "Histogram: sealed arrests are at distance zero from a stored row, arrests of another city are not"}}
scaler, neighbours = delivered["neighbours"][0], delivered["neighbours"][-1]
strangers = (
    derive_features(make_city(3_000, seed=1, mess=0).tables["arrests"]).select(FEATURES).to_numpy().astype(float)
)
is_sealed = rows["arrest_no"].is_in(sealed.implode()).to_numpy()
nearest = {
    "sealed arrests": neighbours.kneighbors(scaler.transform(X[is_sealed]), 1)[0][:, 0],
    "arrests of another city": neighbours.kneighbors(scaler.transform(strangers), 1)[0][:, 0],
}

figure, axes = plt.subplots(figsize=(6.4, 2.8))
edges = np.linspace(0, 0.4, 41)
for (name, distances), colour, hatch in zip(nearest.items(), ("#e45756", "#4c78a8"), ("//", ""), strict=True):
    axes.hist(distances, bins=edges, color=colour, alpha=0.7, hatch=hatch, label=name)
axes.set(
    title="How far the stored model is from a question", xlabel="distance to the nearest stored row", ylabel="questions"
)
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## What does the service say?
#
# Probe it as an auditor would: with sealed numbers, open ones and numbers that no one has. A service that answers about any number but
# a sealed one reveals who is sealed, just as one that answers about the sealed ones does.

# %%
from sealscrub.filters import guard
from sealscrub.testing import check_guard

by_number = {number: at for at, number in enumerate(rows["arrest_no"])}
opened = [number for number in rows["arrest_no"] if number not in set(sealed)]


def score(question: pl.DataFrame) -> list[float]:
    return delivered["logistic"].predict_proba(question.select(FEATURES).to_numpy().astype(float))[:, 1].tolist()


def question(number: str) -> pl.DataFrame:
    return rows[by_number.get(number, 0)].with_columns(arrest_no=pl.lit(number))


def ask(system, probe):
    return system(question(probe.id)) if probe.id in by_number else []


def ask_guarded(system, probe):
    return system(question(probe.id))


safe = guard(score, index, on=on, known=opened)
some = sealed.head(25).to_list()
as_delivered = check_guard(score, ask, some, open_ids=opened[:25], index=index, name="the vendor's service")
guarded = check_guard(safe, ask_guarded, some, open_ids=opened[:25], index=index, name="behind a guard")
as_delivered.show(counts=True)  # the operator's copy

# %% [markdown]
# Behind a guard the same service passes:

# %%
assert not as_delivered.passed
assert guarded.passed, guarded
print(guarded.verdict)

# %% [markdown]
# ## What does the certificate prove?
#
# The vendor trains again on scrubbed arrests and sends a certificate with the data and the model file. Verify it against the index. Then
# let the vendor cheat: another model, a row put back, a day after the certificate has expired.

# %%
from sealscrub.certificates import load_signer, open_certificate
from sealscrub.validators.certification import certify, verify

clean = derive_features(ss.scrub(arrests, index, on={"arrest_number": "arrest_number"}))
clean.write_parquet(folder / "clean.parquet")
fitted = LogisticRegression().fit(
    clean.select(FEATURES).to_numpy().astype(float), clean["rearrested_within_1y"].to_numpy()
)
joblib.dump(fitted, folder / "model.joblib")
ss.identifiers.generate_certifier(folder / "vendor.key")
issued = certify(
    folder / "clean.parquet", index, on, signer=load_signer(folder / "vendor.key"), models=[folder / "model.joblib"]
)
(folder / "clean.certificate.json").write_bytes(issued.certificate)
certificate = open_certificate(folder / "clean.certificate.json", folder / "vendor.key.pub")

pl.concat([clean, rows.filter(pl.col("arrest_no") == sealed[0])]).write_parquet(folder / "with one back.parquet")
(folder / "other").mkdir()
joblib.dump(delivered["logistic"], folder / "other" / "model.joblib")
cases = {
    "as delivered": {"data": folder / "clean.parquet", "models": [folder / "model.joblib"]},
    "another model": {"data": folder / "clean.parquet", "models": [folder / "other" / "model.joblib"]},
    "a sealed row put back": {"data": folder / "with one back.parquet", "models": [folder / "model.joblib"]},
    "run out": {"data": folder / "clean.parquet", "models": [folder / "model.joblib"], "today": date(2999, 1, 1)},
}
found = {name: verify(certificate, index=index, **case) for name, case in cases.items()}

# %% mystnb={"image": {"alt": "A grid: five levels of the certificate for four cases, each reached, in part, failed or not checked"}}
colours = {"reached": "#4c78a8", "in part": "#f2a541", "failed": "#e45756", "not checked": "#d9d9d9"}
titles = ("signature\nand date", "digests", "rows against\nthe index", "nullity\ntest", "built\nagain")

figure, axes = plt.subplots(figsize=(6.8, 2.6))
for at, result in enumerate(found.values()):
    for level in result.levels:
        axes.barh(at, 0.94, left=level.number, color=colours[level.state.value])
        axes.text(level.number + 0.47, at, level.state.value, ha="center", va="center", fontsize=9)
axes.set_yticks(range(len(found)), list(found))
axes.set_xticks([at + 0.47 for at in range(5)], [f"L{at}\n{title}" for at, title in enumerate(titles)])
axes.invert_yaxis()
axes.spines[:].set_visible(False)
axes.set_title("What verifies")
figure.tight_layout()

assert not found["as delivered"].failed
assert all(result.failed for name, result in found.items() if name != "as delivered")
