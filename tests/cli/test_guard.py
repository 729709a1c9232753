"""``sealscrub guard``: the guarded file is the file of the world without, for every format."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index

IDS = [f"K14{number:06d}" for number in range(1, 41)]
SEALED = IDS[::3]
KEPT = [each for each in IDS if each not in SEALED]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guard")
    example_index(SEALED, folder=folder)
    return folder


def guard(place: Path, source: Path, *more: object, on: str = "arrest_number=arrest", output: str = "") -> int:
    target = source.parent / (output or f"guarded-{source.name}")
    index, key = place / "example.sealindex", place / "example.key"
    words = ["guard", source, "--index", index, "--key-file", key, "--on", on, "-o", target, *more]
    return run([str(word) for word in words])


def ranking(ids: list[str], groups: bool = False) -> pl.DataFrame:
    draw = random.Random(0)
    scores = {each: draw.randrange(30) / 8 for each in IDS}
    frame = pl.DataFrame({"arrest": ids, "of": [each[-1] for each in ids], "score": [scores[each] for each in ids]})
    parts = frame.sort("of", maintain_order=True).partition_by("of", maintain_order=True) if groups else [frame]
    ordered = [part.sort("score", descending=True, maintain_order=True) for part in parts]
    return pl.concat([part.with_columns(rank=pl.int_range(1, part.height + 1)) for part in ordered])


def write(frame: pl.DataFrame, path: Path) -> Path:
    getattr(frame, {".csv": "write_csv", ".parquet": "write_parquet", ".jsonl": "write_ndjson"}[path.suffix])(path)
    return path


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
@pytest.mark.parametrize("groups", [False, True])
def test_a_ranking(place: Path, tmp_path: Path, suffix: str, groups: bool) -> None:
    one, two = (
        write(ranking(ids, groups), tmp_path / f"{name}{suffix}") for name, ids in (("held", IDS), ("without", KEPT))
    )
    more = ["--rank", "rank", "--score", "score", *(["--group", "of"] if groups else [])]

    assert guard(place, one, *more) == guard(place, two, *more) == 0
    assert (tmp_path / f"guarded-held{suffix}").read_bytes() == (tmp_path / f"guarded-without{suffix}").read_bytes()
    if suffix == ".csv":
        assert (tmp_path / "guarded-held.csv").read_text() == two.read_text()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_predictions_without_an_order(place: Path, tmp_path: Path, suffix: str) -> None:
    for name, ids in (("held", IDS), ("without", KEPT)):
        source = write(
            pl.DataFrame({"arrest": ids, "score": [int(each[-2:]) for each in ids]}), tmp_path / f"{name}{suffix}"
        )
        assert guard(place, source) == 0

    assert (tmp_path / f"guarded-held{suffix}").read_bytes() == (tmp_path / f"guarded-without{suffix}").read_bytes()


NAMES = ["a.csv", "a.tsv", "a.psv", "a.csv.gz", "a.jsonl", "a.jsonl.zst", "a.parquet", "a.arrow", "a.orc", "a"]
SAME = ("--score", "score"), ("--rank", "rank"), ("--known", "known.csv")


@pytest.mark.parametrize("more", SAME, ids=lambda more: more[0])
@pytest.mark.parametrize("source", ["s.csv", "s;.csv", "s.tsv", "s.csv.gz", "s.jsonl", "s.parquet"])
def test_a_ranking_is_written_under_the_names_and_in_the_way_of_a_file_without_an_order(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, more: tuple[str, str]
) -> None:
    """What keeps the order and each row is the same bytes; what a name would belie is refused."""
    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame({"arrest": KEPT, "score": range(99, 99 - len(KEPT), -1), "rank": range(1, len(KEPT) + 1)})
    frame.select("arrest").write_csv("known.csv")
    plain = Path(source.removesuffix(".gz"))
    if plain.suffix in (".csv", ".tsv"):
        frame.write_csv(plain, separator={"s;.csv": ";", "s.tsv": "\t"}.get(source, ","))
    else:
        write(frame, plain)
    if source.endswith(".gz"):
        Path(source).write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    for name in NAMES:
        codes = guard(place, Path(source), output=f"plain-{name}"), guard(place, Path(source), *more, output=name)
        assert codes[0] == codes[1]
        assert codes[0] in (0, 2)
        assert Path(name).exists() is (codes[0] == 0)
        if codes[0] == 0 and plain.suffix != ".parquet":
            assert Path(name).read_bytes() == Path(f"plain-{name}").read_bytes()


@pytest.mark.parametrize("more", [(), *SAME], ids=str)
def test_a_guarded_file_replaces_nothing_that_is_read(place: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    source = write(ranking(IDS), tmp_path / "held.csv")
    known = write(pl.DataFrame({"id": KEPT}), tmp_path / "known.csv")
    more = tuple(str(known) if each == "known.csv" else each for each in more)
    kept = [source, place / "example.key", place / "example.sealindex", *([known] if str(known) in more else [])]
    before = [each.read_bytes() for each in kept]
    assert {guard(place, source, *more, output=str(each)) for each in kept} == {2}
    assert [each.read_bytes() for each in kept] == before


def test_known_ids(place: Path, tmp_path: Path) -> None:
    known = write(pl.DataFrame({"id": KEPT[:5]}), tmp_path / "known.csv")
    source = write(pl.DataFrame({"arrest": IDS, "x": [1] * 40}), tmp_path / "held.csv")

    assert guard(place, source, "--known", known) == 0
    assert pl.read_csv(tmp_path / "guarded-held.csv")["arrest"].to_list() == KEPT[:5]


def test_json_and_json_lines(place: Path, tmp_path: Path) -> None:
    def answer(ids: list[str]) -> Any:
        return {"total": len(ids), "hits": [{"arrest": each, "rank": at} for at, each in enumerate(ids, start=1)]}

    held, lines = tmp_path / "held.json", tmp_path / "held.jsonl"
    held.write_text(json.dumps(answer(IDS), indent=2))
    lines.write_text("".join(json.dumps(answer(IDS[at:])) + "\n" for at in range(3)))
    more = ["--rank", "$.hits[*].rank", "--total", "$.total=$.hits[*]", "--complete"]

    assert guard(place, held, *more, on="arrest_number=$.hits[*].arrest") == 0
    assert json.loads((tmp_path / "guarded-held.json").read_text()) == answer(KEPT)
    assert guard(place, lines, *more, on="arrest_number=$.hits[*].arrest") == 0
    got = [json.loads(line) for line in (tmp_path / "guarded-held.jsonl").read_text().splitlines()]
    assert got == [answer([each for each in IDS[at:] if each in KEPT]) for at in range(3)]


def test_lists_are_said_to_be_whole_and_numbers_beside_them_to_be_what_they_are(place: Path, tmp_path: Path) -> None:
    source, on = tmp_path / "held.json", "arrest_number=$.hits[*].arrest"
    for ids in (IDS, KEPT):
        source.write_text(json.dumps({"version": 3, "hits": [{"arrest": each} for each in ids]}))
        assert guard(place, source, on=on) == 2
        assert guard(place, source, "--complete", on=on) == 3
        assert guard(place, source, "--complete", "--independent", "$.version", on=on) == 0
    table = write(ranking(IDS), tmp_path / "a.csv")
    assert guard(place, table, "--complete") == guard(place, table, "--independent", "$.version") == 2


def test_exit_codes(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write(ranking(IDS), tmp_path / "a.csv")
    near = write(pl.DataFrame({"arrest": ["K14OOOOO1"], "score": [1], "rank": [1]}), tmp_path / "near.csv")
    words = write(pl.DataFrame({"arrest": [IDS[1]], "score": ["high"]}), tmp_path / "words.csv")
    broken = tmp_path / "broken.json"
    broken.write_text('{"hits": [')
    page = tmp_path / "page.json"
    page.write_text(json.dumps({"total": 99, "hits": [{"arrest": IDS[0]}]}))
    hits = "arrest_number=$.hits[*].arrest"

    assert guard(place, tmp_path / "absent.csv") == 2
    assert guard(place, table, output="a.csv") == 2
    assert guard(place, table, "--rank", "absent") == 2
    assert guard(place, table, "--group", "of") == 2
    assert guard(place, table, "--total", "$.a=$.b") == 2
    assert guard(place, table, on="docket=arrest") in (2, 3)
    assert guard(place, page) == 2
    assert guard(place, page, "--complete", "--score", "x", on=hits) == 2
    assert guard(place, near, "--rank", "rank") == 3
    assert guard(place, words, "--score", "score") == 3
    assert guard(place, broken, "--complete", on=hits) == 3
    assert guard(place, page, "--complete", "--total", "$.total=$.hits[*]", on=hits) == 3
    assert not list(tmp_path.glob("guarded-*"))
    assert IDS[0] not in capsys.readouterr().err
