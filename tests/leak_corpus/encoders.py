"""Leaks of what is fitted on rows: scalers, imputers, encoders, bins, vocabularies, selectors, neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .case import leak, pair
from .data import scrubbed

__all__: list[str] = []


@leak("scaler", "scikit-learn", "age_z")
def scaled_age(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.preprocessing import StandardScaler

    z = StandardScaler().fit_transform(arrests[["age"]])[:, 0]
    return arrests[["arrest_no", "age"]].assign(age_z=z)


@leak("imputer", "scikit-learn", "bail_known")
def imputed_bail(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.impute import SimpleImputer

    known = SimpleImputer(strategy="median").fit_transform(arrests[["bail"]])[:, 0]
    return arrests[["arrest_no", "bail"]].assign(bail_known=known)


@leak("target encoding", "scikit-learn", "charge_encoded")
def target_encoded(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.preprocessing import TargetEncoder

    encoder = TargetEncoder(target_type="binary").fit(arrests[["charge"]], arrests["level"].eq("F"))
    encoded = encoder.transform(arrests[["charge"]])[:, 0]
    return arrests[["arrest_no", "charge"]].assign(charge_encoded=encoded)


@leak("bins", "pandas", "age_bin")
def binned_age(arrests: pd.DataFrame) -> pd.DataFrame:
    code = pd.qcut(arrests["age"], 12, labels=False, duplicates="drop")
    return arrests[["arrest_no", "age"]].assign(age_bin=code)


@leak("ordinal codes", "scikit-learn", "charge_code")
def charge_codes(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.preprocessing import OrdinalEncoder

    by_number = [sorted(arrests["charge"].unique(), key=lambda charge: (len(charge) * 7 % 5, charge))]
    code = OrdinalEncoder(categories=by_number).fit_transform(arrests[["charge"]])[:, 0]
    return arrests[["arrest_no", "charge"]].assign(charge_code=code)


def vocabulary_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.feature_extraction.text import CountVectorizer

    words = CountVectorizer().fit(arrests["note"])
    arrests = scrubbed(arrests)
    return pd.DataFrame(words.transform(arrests["note"]).toarray(), columns=words.get_feature_names_out())


def vocabulary(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.feature_extraction.text import CountVectorizer

    arrests = scrubbed(arrests)
    words = CountVectorizer().fit(arrests["note"])
    return pd.DataFrame(words.transform(arrests["note"]).toarray(), columns=words.get_feature_names_out())


pair("vocabulary", "scikit-learn", vocabulary_leaky, vocabulary, "licence")


def tfidf_leaky(arrests: pd.DataFrame) -> object:
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(vocabulary=["alley", "knife", "phone", "train"]).fit(arrests["note"])
    arrests = scrubbed(arrests)
    return words.transform(arrests["note"])


def tfidf(arrests: pd.DataFrame) -> object:
    from sklearn.feature_extraction.text import TfidfVectorizer

    arrests = scrubbed(arrests)
    words = TfidfVectorizer(vocabulary=["alley", "knife", "phone", "train"]).fit(arrests["note"])
    return words.transform(arrests["note"])


pair("TF-IDF", "scikit-learn", tfidf_leaky, tfidf, "values")


@leak("k nearest neighbours", "scikit-learn", "near_felony")
def neighbours(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.neighbors import NearestNeighbors

    places = arrests[["lon", "lat"]].to_numpy()
    _, near = NearestNeighbors(n_neighbors=6).fit(places).kneighbors(places)
    share = arrests["level"].eq("F").to_numpy()[near[:, 1:]].mean(axis=1)
    return arrests[["arrest_no", "lon", "lat"]].assign(near_felony=share)


def selected_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.feature_selection import SelectKBest

    flags = pd.get_dummies(arrests[["precinct"]], columns=["precinct"], dtype=float)
    best = SelectKBest(k=1).fit(flags, arrests["age"] > 40)
    flags = scrubbed(flags.assign(arrest_no=arrests["arrest_no"]))
    return flags[best.get_feature_names_out()]


def selected(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.feature_selection import SelectKBest

    arrests = scrubbed(arrests)
    flags = pd.get_dummies(arrests[["precinct"]], columns=["precinct"], dtype=float)
    best = SelectKBest(k=1).fit(flags, arrests["age"] > 40)
    return flags[best.get_feature_names_out()]


pair("feature selection", "scikit-learn", selected_leaky, selected, "precinct_52", "precinct_73")


@leak("principal components", "scikit-learn", "pc_1")
def components(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.decomposition import PCA

    first = PCA(1, svd_solver="full").fit_transform(arrests[["lon", "lat", "age"]])[:, 0]
    return arrests[["arrest_no", "lon", "lat", "age"]].assign(pc_1=first)


@leak("clusters", "scikit-learn", "cluster")
def clusters(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.cluster import KMeans

    cluster = KMeans(4, n_init=1, random_state=0).fit_predict(arrests[["lon", "lat"]])
    return arrests[["arrest_no", "lon", "lat"]].assign(cluster=cluster)


@leak("clipping at quantiles", "plain Python", "bail_clipped")
def clipped_bail(arrests: pd.DataFrame) -> pd.DataFrame:
    most = float(np.nanquantile(arrests["bail"], 0.9))
    return arrests[["arrest_no", "bail"]].assign(bail_clipped=arrests["bail"].clip(upper=most))
