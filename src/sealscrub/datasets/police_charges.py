"""Charges as the police write them: law code, description, category."""

from __future__ import annotations

import numpy as np
import polars as pl

__all__ = ["CATEGORIES", "DESCRIPTIONS", "LAW_CODES", "OFFENCE_WEIGHTS", "SECTIONS"]

# Law code as in the city's public files (article, section and subdivision packed), section as courts write
# it, description, category (felony, misdemeanour, violation), how often.
_OFFENCES = [
    ("PL 1200001", "120.00", "ASSAULT 3", "M", 13),
    ("PL 1200501", "120.05", "ASSAULT 2", "F", 6),
    ("PL 1552500", "155.25", "PETIT LARCENY", "M", 14),
    ("PL 1553001", "155.30", "GRAND LARCENY 4", "F", 6),
    ("PL 1401501", "140.15", "CRIMINAL TRESPASS 2", "M", 6),
    ("PL 1402000", "140.20", "BURGLARY 3", "F", 4),
    ("PL 1601001", "160.10", "ROBBERY 2", "F", 5),
    ("PL 1651503", "165.15", "THEFT OF SERVICES", "M", 8),
    ("PL 1450001", "145.00", "CRIMINAL MISCHIEF 4", "M", 6),
    ("PL 2200300", "220.03", "CRIM POSS CONT SUBST 7", "M", 11),
    ("PL 2201601", "220.16", "CRIM POSS CONT SUBST 3", "F", 4),
    ("PL 2650101", "265.01", "CRIM POSS WEAPON 4", "M", 4),
    ("PL 2650303", "265.03", "CRIM POSS WEAPON 2", "F", 3),
    ("PL 2155003", "215.50", "CRIMINAL CONTEMPT 2", "M", 4),
    ("VTL0511001", "511.1", "AGGRAVATED UNLICENSED OPERATION 3", "M", 7),
    ("VTL1192003", "1192.3", "DRIVING WHILE INTOXICATED", "M", 4),
    ("PL 2402001", "240.20", "DISORDERLY CONDUCT", "V", 3),
    ("PL 2402601", "240.26", "HARASSMENT 2", "V", 3),
]

#: Where a position in these lists stands, it is one offence.
LAW_CODES = pl.Series("law_code", [row[0] for row in _OFFENCES])
SECTIONS = pl.Series("section", [row[1] for row in _OFFENCES])
DESCRIPTIONS = pl.Series("charge", [row[2] for row in _OFFENCES])
CATEGORIES = pl.Series("law_category", [row[3] for row in _OFFENCES])
OFFENCE_WEIGHTS = np.array([row[4] for row in _OFFENCES], np.float64)
