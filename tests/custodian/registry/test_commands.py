"""``sealscrub registry`` and ``sealscrub publish``: artefacts on stdout, sentences on stderr, codes as documented."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.custodian.registry import Registry
from sealscrub.identifiers import generate_keys, load_key
from sealscrub.index import open_index

from .custodian import notice, write_notices

GOOD = notice("S1", docket="2014KN000001", arrest_number="K14612345")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(["registry", "init", "seals.db"]) == 0
    return tmp_path


def test_the_calls_of_the_readme(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notices(folder / "notices.csv", [GOOD])
    assert run(["keygen", "seal.key"]) == 0
    assert run(["registry", "add", "seals.db", "notices.csv"]) == 0
    publish = ["publish", "seals.db", "-o", "training.sealindex", "--use", "training", "--use", "output"]
    assert run([*publish, "--audience", "police", "--key-file", "seal.key"]) == 0

    index = open_index(folder / "training.sealindex", folder / "seal.key", use="output")
    assert (index.uses, len(index)) == (("output", "training"), 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "1 of 1 row registered; the registry is at epoch 1" in err
    assert "1 seal; keys: 1 arrest_number, 1 docket; epoch 1" in err


def test_a_file_that_comes_again_is_said_to_have_changed_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notices(folder / "notices.csv", [GOOD])
    assert run(["registry", "add", "seals.db", "notices.csv"]) == 0
    capsys.readouterr()
    assert run(["registry", "add", "seals.db", "notices.csv"]) == 0
    err = capsys.readouterr().err
    assert err == "Nothing was registered; the registry stays at epoch 1.\n1 row was registered already.\n"


def test_bad_rows_end_with_two_and_go_to_a_file_where_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notices(folder / "notices.csv", [GOOD, notice("S2", docket="CANARY"), notice("S3", docket="2014KN000003")])
    assert run(["registry", "add", "seals.db", "notices.csv"]) == 2
    err = capsys.readouterr().err
    assert "line 3, column docket: does not parse as a criminal court docket number" in err
    assert "CANARY" not in err

    assert run(["registry", "add", "seals.db", "notices.csv", "--reject-file", "rejects.csv"]) == 0
    err = capsys.readouterr().err
    assert "2 of 3 rows registered" in err
    assert "line 3, column docket" in err
    assert "CANARY" not in err
    assert "CANARY" in (folder / "rejects.csv").read_text()


def test_columns_are_renamed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notices(folder / "notices.csv", [notice("S1", **{"Docket = No": "2014KN000001", "Court": "x"})])
    add = ["registry", "add", "seals.db", "notices.csv"]
    assert run([*add, "--map", "Docket = No=docket"]) == 2
    assert run([*add, "--map", "Docket = No=docket", "--map", "Court=", "--map", "Court="]) == 2
    assert run([*add, "--map", "docket"]) == 2
    assert run([*add, "--map", "Docket = No=docket", "--map", "Court="]) == 0


def test_a_scheme_of_ones_own_comes_from_a_file(folder: Path) -> None:
    (folder / "own.toml").write_text(
        '[schemes.cell_number]\nlevel = "arrest"\n[[schemes.cell_number.spellings]]\n'
        "pattern = 'C(?P<n>\\d{1,4})'\nform = 'C{n:0>4}'\n"
    )
    write_notices(folder / "notices.csv", [notice("S1", cell_number="c7")])
    generate_keys(folder / "seal.key")
    assert run(["registry", "add", "seals.db", "notices.csv", "--schemes", "own.toml"]) == 0
    publish = ["publish", "seals.db", "-o", "i", "--use", "training", "--audience", "police", "--key-file", "seal.key"]
    assert run([*publish, "--schemes", "own.toml"]) == 0
    assert open_index(folder / "i", folder / "seal.key").schemes == ("cell_number",)


def test_a_key_is_read_from_stdin_and_stays_out_of_the_history(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notices(folder / "notices.csv", [GOOD])
    run(["registry", "add", "seals.db", "notices.csv"])
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO("2014-kn-1\n"))
    assert run(["registry", "history", "seals.db", "docket", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    (event,) = json.loads(out)
    assert (event["event"], event["epoch"], event["source"]) == ("sealed", 1, "notices.csv:2")
    assert {"scheme": "arrest_number", "value": "K14612345"} in event["keys"]
    assert err == ""

    assert run(["registry", "history", "seals.db", "docket", "2014KN000009"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("The registry knows no seal with this key\n\nOperator's copy. ")
    assert err == ""
    assert run(["registry", "history", "seals.db", "docket", "CANARY"]) == 2
    assert "CANARY" not in capsys.readouterr().err


def test_what_stood_and_what_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notices(folder / "one.csv", [GOOD])
    write_notices(folder / "two.csv", [notice("S1", "vacated", effective_from="2021-01-01")])
    for name in ("one.csv", "two.csv"):
        run(["registry", "add", "seals.db", name])
    capsys.readouterr()

    assert run(["registry", "seals", "seals.db", "--as-of", "2020-06-01"]) == 0
    row = ("S1", "sealed", "2020-01-01", "us-ny/cpl-160.50", "arrest_number=K14612345 docket=2014KN000001")
    assert " ".join(row) in " ".join(capsys.readouterr().out.split())
    assert run(["registry", "seals", "seals.db", "--as-of", "2020-06-01", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == ",".join(row)
    assert run(["registry", "seals", "seals.db", "--epoch", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "sealed"
    assert run(["registry", "seals", "seals.db", "--known-at", "2020-01-01"]) == 0
    assert capsys.readouterr().out.startswith("No seals\n")

    assert run(["registry", "changes", "seals.db", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("What changed after epoch 1 up to epoch 2\n\nEvents ")
    assert "  S1       sealed  vacated\n" in out
    assert run(["registry", "changes", "seals.db", "0", "1", "--as-of", "2020-02-01", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["states"] == {"S1": [None, "sealed"]}
    assert run(["registry", "changes", "seals.db", "3"]) == 2


def test_a_registry_is_copied(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notices(folder / "notices.csv", [GOOD])
    run(["registry", "add", "seals.db", "notices.csv"])
    assert run(["registry", "migrate", "seals.db", "new.db"]) == 0
    assert run(["registry", "migrate", "seals.db", "new.db"]) == 2
    with Registry.open(folder / "new.db") as registry:
        assert registry.epoch == 1


def test_an_index_is_published_for_a_day_until_another(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notices(folder / "notices.csv", [GOOD])
    generate_keys(folder / "seal.key")
    (folder / "seal.key.publisher").rename(folder / "other.publisher")
    run(["registry", "add", "seals.db", "notices.csv"])
    publish = ["publish", "seals.db", "-o", "i", "--use", "training", "--audience", "vendor", "--key-file", "seal.key"]
    signed = [*publish, "--signing-key", "other.publisher"]

    assert run(publish) == 2
    assert run([*signed, "--as-of", "2019-06-01"]) == 2
    assert "nothing to publish" in capsys.readouterr().err
    assert run([*signed, "--as-of", "2019-06-01", "--allow-empty"]) == 0
    assert run([*signed, "--as-of", "2026-01-01", "--not-after", "2026-01-09"]) == 0
    index = open_index("i", load_key("seal.key"), today=dt.date(2026, 1, 9), remember=False)
    assert (index.as_of.isoformat(), index.not_after.isoformat()) == ("2026-01-01", "2026-01-09")
    assert run([*signed, "--as-of", "yesterday"]) == 2
    assert run([*signed, "--use", "trainning"]) == 2
    assert run(["publish", "absent.db", *signed[2:]]) == 2
