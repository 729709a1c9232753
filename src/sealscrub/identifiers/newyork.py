"""The identifiers of New York arrests and cases, as definitions.

What is marked **[own]** was not verified against an agency's own specification. Everything is a parameter of a
:class:`Scheme`, so a site with other formats registers its own under another name.
"""

from __future__ import annotations

from .scheme import Level, Scheme, Spelling

__all__ = ["NEW_YORK"]

_GAP = r"[\s\-./#_]*"
_SEPARATORS_PATTERN = r"[\s\-./#_]+"
_COUNTY = "NY|KN|BX|QN|RI"

ARREST_NUMBER = Scheme(
    name="arrest_number",
    level=Level.ARREST,
    title="NYPD arrest number",
    # Borough letter, two digits of the year, six of a serial ([own], medium confidence). A year of four digits is
    # read where a separator, or the full length, shows it.
    shape="[MBKQS]99999999",
    serial_digits=6,
    spellings=(
        Spelling(rf"[MBKQS]{_GAP}\d\d{_GAP}\d{{6}}"),
        Spelling(
            rf"(?P<borough>[MBKQS]){_GAP}(?P<year>\d{{4}}){_SEPARATORS_PATTERN}(?P<serial>\d{{1,6}})",
            "{borough}{year:year2}{serial:0>6}",
        ),
        Spelling(
            rf"(?P<borough>[MBKQS]){_GAP}(?P<year>\d{{4}})(?P<serial>\d{{6}})",
            "{borough}{year:year2}{serial:0>6}",
        ),
        Spelling(
            rf"(?P<borough>[MBKQS]){_GAP}(?P<year>\d\d){_SEPARATORS_PATTERN}(?P<serial>\d{{1,6}})",
            "{borough}{year}{serial:0>6}",
        ),
    ),
    labels=("ARREST", "ARR", "AR"),
)

NYSID = Scheme(
    name="nysid",
    level=Level.PERSON,
    title="NYSID (state identification number of a person)",
    # Eight digits and a letter; seven digits are an older form, filled with a zero ([own]). The letter is said to be
    # a check letter by an unknown rule: it is never computed. 00000009 is given to unknown people in custody.
    shape="99999999A",
    serial_digits=8,
    spellings=(Spelling(rf"(?P<serial>\d{{7,8}}){_GAP}(?P<letter>[A-Z])", "{serial:0>8}{letter}"),),
    labels=("NYSID",),
    sentinels=frozenset({"00000009", "000000009"}),
    hint="it names a person, who has other arrests too: use person_arrest=NYSID+ARREST_DATE, or arrest_number.",
)

CJTN = Scheme(
    name="cjtn",
    level=Level.ARREST,
    title="criminal justice tracking number (one per fingerprinted arrest)",
    # Eight digits and a letter ([own], low confidence). Its names were Court Control Number, OBTS Number and
    # 501 Number: one field, four names.
    shape="99999999A",
    serial_digits=8,
    spellings=(Spelling(rf"(?P<serial>\d{{7,8}}){_GAP}(?P<letter>[A-Z])", "{serial:0>8}{letter}"),),
    labels=("CJTN", "OBTS", "CCN", "501", "COURT CONTROL"),
    aliases=("court_control_number", "obts_number", "501_number", "ccn"),
)

DOCKET = Scheme(
    name="docket",
    level=Level.ACTION,
    title="criminal court docket number",
    # Legacy (year, county, six digits), the same case in UCMS form (CR-012345-21KN), and summonses (SK, SN, …)
    # ([own], medium to high). That the two forms of one year, county and serial are one docket is [own] too.
    shape="9999(NY|KN|BX|QN|RI|SN|SK|SX|SQ|SR|SB)999999",
    serial_digits=6,
    spellings=(
        Spelling(rf"\d{{4}}{_GAP}(?:{_COUNTY}|S[NKXQRB]){_GAP}\d{{6}}"),
        Spelling(
            rf"(?P<year>\d{{4}}|\d{{2}}){_GAP}(?P<county>{_COUNTY}|S[NKXQRB]){_GAP}(?P<serial>\d{{1,6}})",
            "{year:year4}{county}{serial:0>6}",
        ),
        Spelling(
            rf"CR{_GAP}(?P<serial>\d{{1,6}}){_SEPARATORS_PATTERN}(?P<year>\d{{4}}|\d{{2}}){_GAP}(?P<county>{_COUNTY})",
            "{year:year4}{county}{serial:0>6}",
        ),
    ),
    labels=("DOCKET", "DKT"),
)

INDICTMENT = Scheme(
    name="indictment",
    level=Level.ACTION,
    title="indictment or SCI number with its defendant suffix",
    # IND-70123-21/001 ([own]). Numbers are counted within a county that the number does not name, unless it is
    # written behind it (IND-70123-21/001/KN): a file of several counties should write it.
    spellings=(
        Spelling(
            rf"(?P<kind>IND|SCI){_GAP}(?P<serial>\d{{1,6}}){_SEPARATORS_PATTERN}(?P<year>\d{{4}}|\d{{2}}){_SEPARATORS_PATTERN}"
            r"(?P<defendant>\d{1,3})",
            "{kind}-{serial:0>6}-{year:year4}-{defendant:0>3}",
        ),
        Spelling(
            rf"(?P<kind>IND|SCI){_GAP}(?P<serial>\d{{1,6}}){_SEPARATORS_PATTERN}(?P<year>\d{{4}}|\d{{2}}){_SEPARATORS_PATTERN}"
            rf"(?P<defendant>\d{{1,3}}){_SEPARATORS_PATTERN}(?P<county>{_COUNTY})",
            "{kind}-{serial:0>6}-{year:year4}-{defendant:0>3}-{county}",
        ),
    ),
    labels=("INDICTMENT",),
)

INDICTMENT_CASE = Scheme(
    name="indictment_case",
    level=Level.EVENT,
    title="indictment or SCI number without a defendant suffix",
    spellings=(
        Spelling(
            rf"(?P<kind>IND|SCI){_GAP}(?P<serial>\d{{1,6}}){_SEPARATORS_PATTERN}(?P<year>\d{{4}}|\d{{2}})",
            "{kind}-{serial:0>6}-{year:year4}",
        ),
        Spelling(rf"(?P<serial>\d{{1,6}}){_SEPARATORS_PATTERN}(?P<year>\d{{4}})", "IND-{serial:0>6}-{year:year4}"),
    ),
    labels=("INDICTMENT",),
    hint="it names a case with all its defendants: use indictment, with the defendant's suffix.",
)

COMPLAINT = Scheme(
    name="complaint",
    level=Level.EVENT,
    title="NYPD complaint number (UF-61)",
    # Year, precinct, serial ([own]).
    shape="9999-999-999999",
    serial_digits=6,
    spellings=(
        Spelling(
            rf"(?P<year>\d{{4}}){_SEPARATORS_PATTERN}(?P<precinct>\d{{1,3}}){_SEPARATORS_PATTERN}(?P<serial>\d{{1,6}})",
            "{year}-{precinct:0>3}-{serial:0>6}",
        ),
        Spelling(r"(?P<year>\d{4})(?P<precinct>\d{3})(?P<serial>\d{6})", "{year}-{precinct}-{serial}"),
    ),
    labels=("COMPLAINT", "COMPL", "UF61", "UF-61"),
    aliases=("complaint_number",),
    hint="a complaint has a victim and other arrests: use arrest_number, and take the arrest's fields off it.",
)

VOUCHER = Scheme(
    name="voucher",
    level=Level.ARREST,
    title="property voucher (invoice) number",
    # [own] no format is published: letters and digits, at least one digit, separators without meaning.
    spellings=(
        Spelling(rf"[A-Z]{{0,4}}{_GAP}\d{{3,16}}{_GAP}[A-Z]{{0,2}}"),
        Spelling(rf"(?P<letters>[A-Z]{{0,4}}){_GAP}(?P<digits>\d{{3,16}})", "{letters}{digits}"),
    ),
    labels=("VOUCHER", "INVOICE"),
    aliases=("property_voucher", "property_invoice"),
)

PHOTO = Scheme(
    name="photo",
    level=Level.ARREST,
    title="arrest photograph id",
    # [own] no format is published: that of a voucher
    spellings=VOUCHER.spellings,
    labels=("PHOTO", "MUGSHOT"),
    aliases=("photo_id",),
)

PERSON_ARREST = Scheme(
    name="person_arrest",
    level=Level.ARREST,
    title="NYSID and arrest date",
    parts=("nysid", "date"),
)

NEW_YORK = (
    ARREST_NUMBER,
    NYSID,
    CJTN,
    DOCKET,
    INDICTMENT,
    INDICTMENT_CASE,
    COMPLAINT,
    VOUCHER,
    PHOTO,
    PERSON_ARREST,
)
