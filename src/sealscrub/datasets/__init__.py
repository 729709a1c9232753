"""A synthetic city to try everything on.

Its people, arrests, courts and seal notices are made from a seed, in the shapes that New York writes, with
the mess of real files, and with the truth kept apart. No one in it exists. Nothing in it depends on how,
where or in how many pieces it is made.

>>> from sealscrub.datasets import make_city
>>> city = make_city(arrests=2_000, seed=0)
>>> sorted(city.tables)  # doctest: +NORMALIZE_WHITESPACE
['aliases', 'arrests', 'charges', 'co_arrests', 'complaints', 'dockets', 'narratives', 'notices', 'people',
'photos',
 'stops', 'training', 'vouchers']

The seal notices are what ``sealscrub registry add`` reads:

>>> city.tables["notices"].columns[:6]
['seal_id', 'event', 'regime', 'effective_from', 'notified_on', 'basis']

The vendor's training file has a row for every arrest, the sealed ones among them, and columns that were
computed from all of them:

>>> city.tables["training"].height
2000
>>> round(city.truth.sealed_rows("training").mean(), 1)
0.5

A whole data estate, with edges, lists, photos, features and labels, and the plan that scrubs it:

>>> from sealscrub.datasets import make_estate
>>> estate = make_estate(arrests=1_000, seed=0)
>>> estate.plan.splitlines()[0]
'# What happens to each table of the generated city when arrests and dockets are sealed.'

What is left out: race, addresses and everything else that the library has no need of, and every difference
between groups of people. Sex, age and borough have no bearing on how a case ends.
"""

from __future__ import annotations

from sealscrub.boundary import bound_room
from sealscrub.index.example_index import example_index

from .bulk_notices import make_notices, make_training
from .city import City, make_city
from .city_files import write_city
from .city_truth import Truth
from .estate import Estate, make_estate, write_estate
from .example_name_file import example_names
from .features import FEATURE_COLUMNS, derive_features
from .mess import Mess
from .name_noise import noisy_records
from .named_arrests import NamedArrests, make_named_arrests

__all__ = [
    "FEATURE_COLUMNS",
    "City",
    "Estate",
    "Mess",
    "NamedArrests",
    "Truth",
    "derive_features",
    "example_index",
    "example_names",
    "make_city",
    "make_estate",
    "make_named_arrests",
    "make_notices",
    "make_training",
    "noisy_records",
    "write_city",
    "write_estate",
]

bound_room(__name__)
