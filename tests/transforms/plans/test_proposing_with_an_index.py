"""With an index a proposal speaks of columns that look as if they held ids, and is the same whatever is sealed."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.index import Index
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.plan_file import parse_plan
from sealscrub.transforms.plans.plan_proposal import propose

SEALED, OTHER, ELSEWHERE = "K14612345", "M14000017", "B16999999"
ROWS = 200
NUMBERS = [f"K14{600_000 + 37 * at:06d}" for at in range(ROWS)]
DOCKETS = [f"2014KN{10_000 + at:06d}" for at in range(ROWS)]
HELD = {"arrest_number": [ELSEWHERE], "docket": ["2011NY000001"]}
INDEX = example_index(HELD)


def proposed(index: Index | None, tmp_path: Path, **columns: Any) -> str:
    pl.DataFrame({"arrest_no": NUMBERS, **columns}).write_parquet(tmp_path / "arrests.parquet")
    return propose(tmp_path, index=index)


def every(other: Any, least: Callable[[int], Any], step: int = 5) -> list[Any]:
    return [least(at) if at % step == 0 else other for at in range(ROWS)]


def test_sentences_that_mention_ids_are_proposed_as_a_narrative(tmp_path: Path) -> None:
    text = proposed(
        INDEX, tmp_path, remarks=every("Theft of a car.", lambda at: f"Held, see arrest {NUMBERS[at - 3]}.")
    )

    assert parse_plan(tomllib.loads(text)).tables["arrests"].narrative == {"remarks": "sentence"}
    assert text.count("# DECIDE:") == proposed(None, tmp_path).count("# DECIDE:")
    (evidence,) = (line for line in text.splitlines() if line.startswith('# "remarks": '))
    assert "mention ids of arrest_number, in sentences" in evidence


WITH_DOCKET = '# keys = { arrest_number = "arrest_no", docket = "related" } # in the place of the keys above'
KEYS: dict[str, tuple[list[Any], str]] = {
    "of a scheme of the index": (DOCKETS, WITH_DOCKET),
    "in another spelling": (
        [each.lower().replace("kn", " kn-") for each in DOCKETS],
        WITH_DOCKET,
    ),
    "in lists": ([[each] for each in DOCKETS], '# elements = { column = "related", scheme = "docket" }'),
}


@pytest.mark.parametrize(("values", "line"), KEYS.values(), ids=KEYS)
def test_values_that_parse_are_proposed_as_a_key_to_be_decided(tmp_path: Path, values: list[Any], line: str) -> None:
    lines = proposed(INDEX, tmp_path, related=values).splitlines()

    assert lines[lines.index(line) - 1].startswith('# DECIDE: "related" has another name')
    settled = "\n".join(each for each in lines if not each.startswith("keys = ") or "keys" not in line)
    decided = parse_plan(tomllib.loads(settled.replace(line, line.removeprefix("# "))))
    assert "related" in str(decided.tables["arrests"])


PARTS: dict[str, list[Any]] = {
    "now and then": every("theft", lambda at: NUMBERS[at]),
    "of several schemes": every("theft", lambda at: [NUMBERS, DOCKETS][at % 2][at]),
    "lists in texts": every("theft", lambda at: f"{NUMBERS[at]}; {NUMBERS[at - 1]}"),
    "JSON": every("{}", lambda at: json.dumps({"seen together with": [{"the other case is": NUMBERS[at]}]})),
    "structs": [{"of": each, "n": 1} for each in every("theft", lambda at: NUMBERS[at])],
}


@pytest.mark.parametrize("values", PARTS.values(), ids=PARTS)
def test_what_is_neither_is_to_be_decided_between_null_and_left(tmp_path: Path, values: list[Any]) -> None:
    text = proposed(INDEX, tmp_path, xref=values)
    plan = tmp_path / "sealscrub.toml"

    assert '# narrative.xref = "null"\n# narrative.xref = "drop"\n# leave.xref = ""\n' in text
    decided = text.replace('# narrative.xref = "null"', 'narrative.xref = "null"')
    assert parse_plan(tomllib.loads(decided)).tables["arrests"].narrative == {"xref": "null"}
    plan.write_text(text)
    assert Plan.from_toml(plan).check(recipes=False).exit_code == 2


def test_numbers_that_cannot_be_told_from_ids_are_asked_about_once(tmp_path: Path) -> None:
    columns = {
        "phone": [7_185_550_000 + 13 * at for at in range(ROWS)],
        "badge": [f"A{40_000 + 7 * at}" for at in range(ROWS)],
        "age": [18 + at % 60 for at in range(ROWS)],
        "year": [1990 + at % 20 for at in range(ROWS)],
        "share": [at / 7 for at in range(ROWS)],
        "day": [dt.date(2014, 1, 1) + dt.timedelta(days=at) for at in range(ROWS)],
    }
    text = proposed(example_index({"voucher": ["1000000001"], "arrest_number": [ELSEWHERE]}), tmp_path, **columns)

    (question,) = (line for line in text.splitlines() if "by their form" in line)
    assert question.startswith('# DECIDE: "phone", "badge": ')
    for name in ("phone", "badge"):
        assert f'# narrative.{name} = "null"\n# narrative.{name} = "drop"\n# leave.{name} = ""' in text
    assert "by their form" not in proposed(INDEX, tmp_path, **columns)


def test_the_ids_of_one_system_are_words_with_digits(tmp_path: Path) -> None:
    columns = {
        "case": [f"CF-{at:05d}-x" for at in range(ROWS)],
        "at": [f"{at % 24:02d}:{at % 60:02d}" for at in range(ROWS)],
        "word": [f"word{'abcdefghij'[at % 10]}" for at in range(ROWS)],
    }
    text = proposed(example_index({"opaque:court": ["CF-9-y"]}), tmp_path, **columns)

    assert '# leave.case = ""' in text
    assert "leave.at" not in text
    assert "leave.word" not in text


def test_columns_of_which_the_plan_speaks_already_are_not_asked_about(tmp_path: Path) -> None:
    pl.DataFrame({"charge": range(ROWS), "arrest_no": NUMBERS}).write_parquet(tmp_path / "charges.parquet")
    text = proposed(INDEX, tmp_path, docket=DOCKETS, arrest_id=range(ROWS), priors_count=[3] * ROWS)

    assert text == propose(tmp_path)


def test_without_an_index_the_proposal_is_as_ever(tmp_path: Path) -> None:
    text = proposed(
        None, tmp_path, remarks=every("theft", lambda at: f"See arrest {NUMBERS[at]} of today."), xref=DOCKETS
    )

    assert "narrative" not in text


def test_it_says_no_id_and_no_more_than_shares(tmp_path: Path) -> None:
    columns = {"remarks": every("theft", lambda at: f"Released, see arrest {NUMBERS[at]}."), "xref": DOCKETS[::-1]}
    text = proposed(INDEX, tmp_path, **columns)

    assert not any(each in text for each in (*NUMBERS, *DOCKETS))


def test_ids_without_a_digit_are_told_alike_whether_or_not_they_are_sealed(tmp_path: Path) -> None:
    register_scheme(
        Scheme(name="harbor_tag", level=Level.ARREST, spellings=[Spelling(r"TAG(?P<tag>[A-Z]{6})", "{tag}")])
    )
    remarks = every("theft", lambda at: "Held on day 3, see tag TAGABCDEF of today.")
    texts = {
        proposed(example_index({"harbor_tag": held}), tmp_path, remarks=remarks)
        for held in (["TAGZZZZZZ"], ["TAGZZZZZZ", "TAGABCDEF"])
    }

    assert len(texts) == 1


VALUES = {
    "arrest_number": [SEALED, OTHER, "k14-612 345", "K146I2345"],
    "docket": ["2014KN000123", "14 kn 123"],
    "voucher": ["1000000001", "A2000000"],
    "opaque:court": ["CF-1-x", "plain", "7"],
}
CELLS = [
    *(value for values in VALUES.values() for value in values),
    *(
        f"Released, see arrest {SEALED}.",
        f"voucher 1000000001 and {OTHER}",
        f"{SEALED}, {OTHER}",
        "theft",
        "12",
        "2014",
    ),
    *('{"of": "K14612345"}', "plain words of a note", ""),
]
SEALABLE = {scheme: values[:2] for scheme, values in VALUES.items()}


@settings(max_examples=25, deadline=None)
@given(
    columns=st.lists(st.lists(st.sampled_from(CELLS), min_size=6, max_size=6), min_size=1, max_size=3),
    sealed=st.fixed_dictionaries(
        {scheme: st.lists(st.sampled_from(values), unique=True) for scheme, values in SEALABLE.items()}
    ),
    many=st.sampled_from([0, 3_000]),
)
def test_the_proposal_is_the_same_whatever_is_sealed(
    columns: list[list[str]], sealed: dict[str, list[str]], many: int
) -> None:
    base = {
        "arrest_number": [ELSEWHERE], "docket": ["2011NY000001"], "voucher": ["8123456789"], "opaque:court": ["zz-9"],
    }  # fmt: skip
    more = base | {scheme: [*base[scheme], *values] for scheme, values in sealed.items()}
    more["voucher"] += [str(3_000_000_000 + at) for at in range(many)]  # so that what is chance by their number differs
    with tempfile.TemporaryDirectory() as place:
        frame = pl.DataFrame({f"c{at}": values for at, values in enumerate(columns)})
        frame.write_parquet(Path(place, "t.parquet"))
        texts = {propose(place, index=example_index(held)).encode() for held in (base, more)}

    assert len(texts) == 1
