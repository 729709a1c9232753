"""What tests of every place ask of each: ``samples.py`` in the folder of its tests says it; nothing is listed here.

- ``ORDER``: the text of an order that seals; ``OTHER_ORDER``: of one under a section that no rule reads;
  ``TWO_SECTIONS``: two numbers under which orders seal.
- ``OFFENCE``: code, severity and class of an offence that no clock seals; ``FELONY``: the same, of which nothing in
  ``ENDINGS`` is sealed without an order.
- ``ENDINGS``: texts of dispositions, a conviction first and a case that is open last; ``DISMISSED``: of a dismissal.
- ``STATUSES``: texts that say that a record is sealed.
- ``REOPENED``: the answer about a case that was opened again after an order.
- ``files()``: a strategy of files, as rows by column, or None.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from sealscrub.custodian.law import JURISDICTIONS, jurisdiction

#: The places whose law is not a demonstration.
PLACES = tuple(name for name in JURISDICTIONS if not jurisdiction(name).demonstration)
SAMPLES: dict[str, ModuleType] = {
    place: importlib.import_module(f".{place.replace('-', '_')}.samples", __package__) for place in PLACES
}
