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
# # What a language model repeats
#
# A language model that was trained on police reports can be made to say what is in them, sealed arrests included. Here a small one, which
# counts words that follow each other, is trained three times: on the reports as they are, on those whose own arrest is not sealed, and on
# scrubbed ones. Large models repeat in the same way, less often and less predictably.
#
# On a generated city in which no one exists, so what is sealed may be printed.

# %%
import random
import re
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.feature_extraction.text import CountVectorizer

import sealscrub as ss
from sealscrub.datasets import example_index, example_names, make_city

folder = Path(tempfile.mkdtemp(prefix="notebook-"))
city = make_city(4_000, seed=0, mess=0)
arrests = city.tables["arrests"].join(city.tables["people"].drop("sex"), on="nysid", maintain_order="left")
reports = city.tables["narratives"].join(
    arrests.select("arrest_number", narrative_id="arrest_id"), on="narrative_id", maintain_order="left"
)
reports = reports.select("arrest_number", "text")
print(reports["text"][3])

# %% [markdown]
# ## The custodian publishes identifiers and names
#
# Both files hold keyed digests. Names are those on notices, with dates of birth.

# %%
is_sealed = city.truth.sealed_rows("arrests", status=["sealed", "withheld"])
sealed = arrests.filter(is_sealed)
index = example_index(sealed["arrest_number"].to_list(), folder=folder)
people = sealed.select("last_name", "first_name", pl.col("birth_date").dt.to_string()).unique(maintain_order=True)
names = example_names(people.rows(), folder=folder)
index, names

# %% [markdown]
# ## Three sets of reports
#
# Dropping the reports about sealed arrests leaves sentences about them in the reports on others. A report of which nothing is left would be
# the only empty one, which a scrub refuses. Here it is accepted, since no empty report is learned from.

# %%
ON = {"arrest_number": "arrest_number"}
dropped = reports.filter(~pl.col("arrest_number").is_in(sealed["arrest_number"].implode()))


def scrub_reports(some: pl.DataFrame) -> pl.DataFrame:
    return ss.scrub(some, index, ON, narrative="text", names=names, accept_marks=["text"]).filter(pl.col("text") != "")


scrubbed = scrub_reports(reports)
texts = {"as they are": reports["text"], "reports dropped": dropped["text"], "scrubbed": scrubbed["text"]}
for name, some in texts.items():
    print(f"{name:<16} {len(some):>5,} reports, {some.str.len_bytes().sum() / 1_000:>4.0f} kB")

# %% [markdown]
# ## A small language model
#
# It counts which word follows the last three, two, one or none, and continues a prompt by the longest of these that it has seen.

# %%
ORDER = 3
Model = dict[tuple[str, ...], Counter[str]]


def train(texts: pl.Series) -> Model:
    model: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for text in texts:
        words = [""] * ORDER + text.split() + [""]  # the empty word begins and ends a text
        for at in range(ORDER, len(words)):
            for size in range(ORDER + 1):
                model[tuple(words[at - size : at])][words[at]] += 1
    return dict(model)


def following(model: Model, words: list[str]) -> Counter[str]:
    contexts = (tuple(words[len(words) - size :]) for size in range(ORDER, -1, -1))
    return next(model[context] for context in contexts if context in model)


def answer(model: Model, prompt: str) -> str:
    return following(model, prompt.split()).most_common(1)[0][0].rstrip(".")


def invent(model: Model, draw: random.Random) -> str:
    words = [""] * ORDER
    while len(words) == ORDER or (words[-1] and len(words) < 80):
        counts = following(model, words)
        words += draw.choices(list(counts), list(counts.values()))
    return " ".join(words).strip()


models = {name: train(some) for name, some in texts.items()}

# %% [markdown]
# ## It is asked
#
# An arrest that is mentioned in the report on another one, asked for by name: does the model say its number?

# %%
COMPANY = r"Also arrested at scene: (?<prompt>.+, arrest no\.) (?<number>\w+)\.$"
asked = reports["text"].str.extract_groups(COMPANY).struct.unnest().drop_nulls().unique(maintain_order=True)
asked = asked.with_columns(sealed=pl.col("number").is_in(sealed["arrest_number"].implode()))
told = dropped["text"].str.extract_groups(COMPANY).struct.field("number").implode()
one = asked.filter(pl.col("sealed") & pl.col("number").is_in(told)).row(0, named=True)
for name, model in models.items():
    print(f"{name:<16} {one['prompt']} … {answer(model, one['prompt'])}")
print(f"{'sealed':<16} {one['prompt']} … {one['number']}")

# %% mystnb={"image": {"alt": "Bars: how often each of three models says the number of a sealed and of an open arrest"}}
right = {
    name: [
        np.mean([answer(model, prompt) == number for prompt, number, _ in asked.filter(sealed=kind).rows()])
        for kind in (True, False)
    ]
    for name, model in models.items()
}

figure, axes = plt.subplots(figsize=(6.4, 2.8))
for at, (label, colour, hatch) in enumerate((("sealed arrests", "#e45756", "//"), ("open arrests", "#4c78a8", ""))):
    shares = [100 * both[at] for both in right.values()]
    bars = axes.bar(np.arange(len(right)) + 0.38 * at, shares, width=0.36, color=colour, hatch=hatch, label=label)
    axes.bar_label(bars, fmt="%.0f %%", padding=2)
axes.set_xticks(np.arange(len(right)) + 0.19, right)
axes.set(title="Asked for a name, how often it says the number", ylabel="% of the arrests", ylim=(0, 135))
axes.legend(frameon=False, ncols=2)
figure.tight_layout()

# %% [markdown]
# Open arrests are lost, too: those in reports on sealed ones, and those of people who also have a sealed one, since a sentence that
# says no more than the name may be about either. `scrub_text(…, possible="keep")` keeps names that no date of birth or arrest is next to.
#
# ## It is not asked
#
# Each model invents 1,500 reports. How many mention a sealed record? `scan` counts these as it does in any other text.


# %%
def mentions(texts: list[str]) -> int:
    """How many of some texts mention a sealed number or the name of someone with a sealed arrest."""
    report = ss.scan(pl.DataFrame({"text": texts}), index, {}, narrative="text", names=names)
    return report.tables[0].narratives[0].mentions


invented = {name: [invent(model, random.Random(at)) for at in range(1_500)] for name, model in models.items()}
found = {name: mentions(some) for name, some in invented.items()}
for name, count in found.items():
    print(f"{name:<16} {count:>5,} of {len(invented[name]):,} invented reports mention a sealed record")

# %% mystnb={"image": {"alt": "Curves: sealed numbers in invented reports, for three models; zero for the scrubbed one"}}
wanted = set(sealed["arrest_number"])

figure, axes = plt.subplots(figsize=(6.4, 2.8))
for (name, some), style in zip(invented.items(), ("-", "--", ":"), strict=True):
    known: set[str] = set()
    curve = []
    for text in some:
        known |= wanted & set(re.findall(r"\w+", text))
        curve.append(len(known))
    axes.plot(curve, style, label=f"{name}: {curve[-1]:,}")
axes.set(title="Sealed numbers that a model says unasked", xlabel="reports that it invents", ylabel="numbers")
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## Nullity: the model is equal to the model of a world without
#
# That nothing was found does not prove much. So here is the world in which the sealed arrests never were: no report on them, and no
# sentence about them in the report on another. It goes through the same lines, and the models are compared.

# %%
numbers = reports["text"].str.extract_groups(COMPANY).struct.field("number")
beside_sealed = numbers.is_in(sealed["arrest_number"].implode()).fill_null(value=False)
world = reports.with_columns(
    text=pl.when(beside_sealed).then(pl.col("text").str.replace(" " + COMPANY, "")).otherwise("text")
)
world = world.filter(~pl.col("arrest_number").is_in(sealed["arrest_number"].implode()))
without = train(scrub_reports(world)["text"])

print("equal:", models["scrubbed"] == without)
print("and invents the same:", invented["scrubbed"] == [invent(without, random.Random(at)) for at in range(1_500)])

# %% [markdown]
# Text features are held to the same. A vocabulary is a list of what was in the texts:

# %%
vocabularies = {
    name: CountVectorizer(analyzer=re.compile(r"\w+").findall).fit(some.to_list()).vocabulary_
    for name, some in texts.items()
}
for name, vocabulary in vocabularies.items():
    print(f"{name:<16} {len(vocabulary):>6,} words, {len(wanted & vocabulary.keys()):>5,} of them sealed numbers")

assert models["scrubbed"] == without
assert found["scrubbed"] == 0 < found["reports dropped"]
assert not wanted & vocabularies["scrubbed"].keys()
