"""Where only the core is installed, everything works or says which extra it needs."""

from __future__ import annotations

import ast
import datetime as dt
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import sealscrub as ss
from sealscrub.boundary.extras import EXTRAS
from sealscrub.cli.application import build
from sealscrub.datasets import example_index
from sealscrub.errors import MissingExtra
from sealscrub.identifiers import generate_certifier
from sealscrub.tables.formats import file_formats

from .core_alone import PROJECT, PYTHON, blocked_modules, core_environment, run
from .core_inputs import make_evidence, make_papers
from .source_tree import PACKAGE, source_folder, tree_of

DAY = "2026-11-25"
SOON = str(dt.date.today() + dt.timedelta(30))
KEYS = ["--index", "example.sealindex", "--key-file", "example.key"]
ON = ["--on", "arrest_number=arrest_no"]
ANNEX = ["--annex-key", "seal.key.annex"]
MODEL = ["--link-model", "link.model"]
PUBLISHING = ["--use", "training", "--audience", "police", "--key-file", "example.key"]

COMMANDS: dict[str, list[str]] = {
    "init": ["--who", "custodian", "--data", "raw", *KEYS],
    "keygen": ["new.key"],
    "publish": ["seals.db", "-o", "new.sealindex", *PUBLISHING],
    "inspect": ["example.sealindex"],
    "scan": ["train.csv", *KEYS, *ON],
    "scrub": ["train.csv", *KEYS, *ON, "-o", "clean.csv"],
    "audit-model": ["model.pkl", *KEYS],
    "check-nullity": ["made_features:build", "--data", "train.csv", *KEYS, *ON],
    "guard": ["answers.jsonl", *KEYS, "--on", "arrest_number=$.arrest_no", "-o", "guarded.jsonl"],
    "guard-check": ["--module", "made_features:build", "--data", "train.csv", *KEYS, *ON, "--targets", "2"],
    "aggregate": ["train.parquet", "--by", "level", "-o", "figures.csv"],
    "certify": ["--data", "kept.parquet", *KEYS, *ON, "--signing-key", "team.key", "-o", "new.json", "--receipts", "r"],
    "verify": ["clean.json", "--public-key", "team.key.pub", "--data", "kept.parquet", *KEYS],
    "taint": [*KEYS[:2], "--key-file", "example.key", "--members", "seals.members", "--annex-key", "example.key.annex"],
    "refresh-report": ["seals.db", "-o", "today.sealindex", *PUBLISHING],
    "copies": [*KEYS, "--tracking-uri", "sqlite:///mlflow.db"],
    "schemes": [],
    "doctor": KEYS,
    "demo": ["--folder", "demo", "--arrests", "100"],
    "registry init": ["new.db"],
    "registry add": ["seals.db", "notices.csv"],
    "registry correct": ["seals.db", "corrections.csv"],
    "registry derive": ["seals.db", "dispositions.csv", "--as-of", DAY],
    "registry history": ["seals.db", "arrest_number", "K14612345"],
    "registry seals": ["seals.db"],
    "registry changes": ["seals.db", "0"],
    "registry status": ["seals.db"],
    "registry migrate": ["seals.db", "copy.db"],
    "registry roles": [],
    "law rules": [],
    "law rule": ["us-ny/cpl-160.50/3b"],
    "law explain": ["dispositions.csv", "--docket", "CR-000001-20KN", "--as-of", DAY],
    "law forecast": ["dispositions.csv", "--until", "2027-06-01", "--as-of", DAY],
    "law reconcile": ["seals.db"],
    "link extract": ["train.csv", "--row-id", "arrest_no", "--last", "level", "-o", "x.linkin", "--recipient", "s.pub"],
    "link train": ["seals.db", "x.linkin", "-o", "new.model", *ANNEX],
    "link run": ["seals.db", "x.linkin", *MODEL, "--namespace", "vendor", "--review", "review.csv", *ANNEX],
    "link decide": ["seals.db", "review.csv"],
    "link bound": ["seals.db", "--namespace", "vendor", "--decided", "sample.csv"],
    "link drill": ["seals.db", *MODEL],
    "link status": ["."],
    "law diff": ["decisions.jsonl", "decisions.jsonl"],
    "law review export": ["dispositions.csv", "-o", "queue.csv", "--as-of", DAY],
    "law review import": ["reviewed.csv", "--vocabulary", "ours.toml"],
    "law review fill": ["facts.csv", "dispositions.csv", "-o", "filled.csv"],
    "law sign": ["us-ny/cpl-160.50/3c@1", "--reviewer", "A", "--signing-key", "team.key", "-o", "review.json"],
    "plan init": ["estate"],
    "plan check": ["estate/sealscrub.toml"],
    "plan graph": ["estate/sealscrub.toml", "--report", "graph.html"],
    "plan schema": [],
    "receipt make": ["clean.receipts", "-o", "receipt.json", "--id", "K14612345"],
    "receipt verify": [
        "person.receipt",
        "--certificate",
        "clean.json",
        "--public-key",
        "team.key.pub",
        "--id",
        "K14612345",
    ],
    "roster sign": ["roster.toml", "--signing-key", "team.key", "-o", "roster.json"],
    "roster order": [
        *["order.toml", "--signing-key", "team.key", "--reference-key", "audit.log.key"],
        *["-o", "order.json"],
    ],
    "roster file": ["roster.json", "--custody", "custody.toml"],
    "roster grant": [
        *["r.alvarez", "--holder", "team.key.pub", "--until", SOON, "--signing-key", "team.key", "-o", "grant.json"],
    ],
    "roster approve": ["roster.json", "--signing-key", "team.key"],
    "roster show": ["roster.json", "--public-key", "team.key.pub"],
    "roster check": ["roster.json", "--public-key", "team.key.pub", "--previous", "roster.json"],
    "roster purposes": [],
    "key rotate": [
        *["example.key", "turned.key", "--registry", "seals.db", "-o", "turned", "--index", "example.sealindex"],
    ],
    "key opens": ["example.key", "."],
    "audit report": ["audit.log", "--from", DAY, "--until", DAY],
    "audit coverage": [*KEYS, "--tracking-uri", "sqlite:///mlflow.db"],
    "audit who": ["audit.log", "arrest_number", "K14612345", "--reference-key", "audit.log.key"],
    "audit init": ["new.log"],
    "audit checkpoint": ["audit.log", "--signing-key", "team.key"],
    "audit verify": ["audit.log"],
    "audit proof": ["audit.log", "--entry", "0", "--checkpoint", "w", "--public-key", "team.key.pub"],
    "audit check": ["entry.proof", "--public-key", "team.key.pub"],
    "expectations new": ["--plan", "estate/sealscrub.toml", "-o", "suites"],
    "expectations run": ["suite.json", "train.csv", *KEYS],
}
"""Every command, with arguments by which it comes to its work, and to what that needs."""

NEED = {
    "registry": [each for each in COMMANDS if each.startswith("registry ")]
    + ["publish", "refresh-report", "key rotate", "link bound"],
    "linkage": ["link train", "link run", "link drill"],
    "plans": ["plan check", "plan graph"],
    "mlflow": ["copies", "audit coverage", "taint"],
    "gx": ["expectations run"],
    "registry,plans": ["demo"],
}
"""Commands that cannot do their work without an extra, and say so."""

REPORT_FINDINGS = ("audit coverage", "roster check")
"""Of the made up files there is something to find."""
NEED_NOTHING = [
    *[each for each in COMMANDS if each.startswith(("receipt ", "roster ", "audit ")) and each not in REPORT_FINDINGS],
    *("certify", "inspect", "keygen", "scrub", "verify"),
]
"""Commands that do their work with the core alone, and end with 0."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs of the commands, made where everything is installed."""
    made = tmp_path_factory.mktemp("inputs")
    example_index(["K14612345"], folder=made)
    generate_certifier(made / "team.key")
    (made / "train.csv").write_text("arrest_no,level\nK14612345,F\n" + "M14000017,M\n" * 20)
    (made / "kept.csv").write_text("arrest_no,level\n" + "M14000017,M\n" * 20)
    (made / "answers.jsonl").write_text('{"arrest_no": "M14000017"}\n')
    (made / "made_features.py").write_text("def build(rows):\n    return rows\n")
    (made / "model.pkl").write_bytes(pickle.dumps({"names": ["a"]}))
    (made / "suite.json").write_text(json.dumps({"name": "t", "expectations": []}))
    (made / "notices.csv").write_text("seal_id,event\n")
    (made / "corrections.csv").write_text("seal_id,reason\n")
    (made / "dispositions.csv").write_text("docket,disposition,disposition_date\nCR-000001-20KN,DISMISSED,2020-03-01\n")
    (made / "reviewed.csv").write_text("kind,cause,settles,actions,persons,lines,told_by,proposed,check,answer\n")
    (made / "facts.csv").write_text("docket,arrest_number,defendant_id,charge,fact,check,answer\n")
    (made / "decisions.jsonl").write_text("{}\n")
    import polars as pl

    pl.read_csv(made / "kept.csv").write_parquet(made / "kept.parquet")
    make_papers(made)
    make_evidence(made)
    with ss.custodian.registry.Registry.create(made / "seals.db"):
        pass
    pl.read_csv(made / "train.csv").write_parquet(made / "train.parquet")
    (made / "raw").mkdir()
    pl.read_csv(made / "train.csv").write_parquet(made / "raw" / "train.parquet")
    estate = made / "estate"
    estate.mkdir()
    pl.read_csv(made / "train.csv").write_parquet(estate / "arrests.parquet")
    pl.DataFrame({"level": ["M"], "n": [20]}).write_parquet(estate / "levels.parquet")
    (estate / "sealscrub.toml").write_text(
        'version = 1\n[tables.arrests]\nsource = "arrests.parquet"\nkeys = { arrest_number = "arrest_no" }\n'
        '[tables.levels]\nsource = "levels.parquet"\n'
        'derived_from = "select level, count(*) as n from arrests group by level order by level"\n'
    )
    return made


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return core_environment(tmp_path_factory.mktemp("core"))


def commands(app: typer.Typer) -> Iterator[str]:
    yield from (str(each.name) for each in app.registered_commands)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from (f"{group.name} {each}" for each in commands(group.typer_instance))


def test_every_command_is_run() -> None:
    assert sorted(COMMANDS) == sorted(commands(build()))


_RUN = """
import contextlib, io, json, sys
from sealscrub.cli import run

for name, words in json.load(sys.stdin).items():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*name.split(), *words])
    sys.__stdout__.write(json.dumps([name, code, err.getvalue()]) + "\\n")
"""


@pytest.fixture(scope="module")
def said(core: dict[str, str], folder: Path) -> dict[str, tuple[int, str]]:
    """Exit code and standard error of each command."""
    done = subprocess.run(
        [PYTHON, "-c", _RUN],
        input=json.dumps(COMMANDS),
        env=core,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
    return {name: (code, text) for name, code, text in lines}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_works_or_says_which_extra_it_needs(name: str, said: dict[str, tuple[int, str]]) -> None:
    code, text = said[name]

    assert code in (0, 1, 2, 3)
    assert "unforeseen" not in text
    assert "Usage:" not in text
    assert "No module named" not in text


@pytest.mark.parametrize(("extra", "name"), [(extra, name) for extra, names in NEED.items() for name in names])
def test_a_command_of_an_extra_names_it(extra: str, name: str, said: dict[str, tuple[int, str]]) -> None:
    code, text = said[name]

    assert code == 2
    assert f"pip install 'sealscrub[{extra}]'" in text


@pytest.mark.parametrize("name", NEED_NOTHING)
def test_a_command_of_the_core_does_its_work(name: str, said: dict[str, tuple[int, str]]) -> None:
    assert said[name][0] == 0, said[name][1]


_IMPORT = """
import importlib, json, sys
from sealscrub.errors import MissingExtra

wrong = []
for module in json.load(sys.stdin):
    try:
        made = importlib.import_module(module)
        for name in getattr(made, "__all__", ()):
            getattr(made, name)
    except MissingExtra as error:
        assert "pip install" in error.hint
    except BaseException as error:
        wrong.append(f"{module}: {error!r}")
print(json.dumps(wrong))
"""


def test_every_room_and_public_name_loads_or_names_its_extra(core: dict[str, str]) -> None:
    names: set[str] = set()
    for path in sorted(source_folder().rglob("*.py")):
        parts = [PACKAGE, *path.relative_to(source_folder()).with_suffix("").parts]
        if parts[-1] == "__init__" or len(parts) == 2:
            names.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    names.remove(f"{PACKAGE}.__main__")

    done = subprocess.run(
        [PYTHON, "-c", _IMPORT], input=json.dumps(sorted(names)), env=core, capture_output=True, text=True, check=True
    )

    assert len(names) > 40
    assert json.loads(done.stdout) == []


def test_every_import_of_an_extra_is_known_with_the_extra_that_brings_it() -> None:
    imported = {
        name.partition(".")[0]
        for path in source_folder().rglob("*.py")
        for node in ast.walk(tree_of(path.read_text("utf-8")))
        for name in _imported(node)
    }
    core = {"sealscrub", *sys.stdlib_module_names}
    foreign = {name for name in imported - core if name in blocked_modules()}

    file_formats()  # each adds what it needs
    assert foreign - {"prometheus_client", "opentelemetry", "pytest", "torch", "onnx"} <= set(EXTRAS)
    brought = {extra: " ".join(_all_of(extra)) for _, extra in EXTRAS.values()}
    assert [package for package, extra in EXTRAS.values() if package.lower() not in brought[extra]] == []


def _all_of(extra: str) -> Iterator[str]:
    for each in PROJECT["optional-dependencies"][extra]:
        yield each.lower()
        if each.startswith("sealscrub["):
            for inner in each[len("sealscrub[") : -1].split(","):
                yield from _all_of(inner)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_an_import_of_the_callers_is_the_callers_to_explain() -> None:
    def features(rows: object) -> object:
        raise ModuleNotFoundError("No module named 'mlflow'", name="mlflow")

    guarded = ss.filters.guard(features, example_index(["K14612345"]), {"arrest_number": "a"}, oracle_ok=True)

    with pytest.raises(ss.errors.ModelFailed):
        guarded({"a": ["M14000017"]})


def test_a_missing_extra_is_an_import_error_with_its_hint() -> None:
    error = MissingExtra.of(*EXTRAS["duckdb"])

    assert isinstance(error, ImportError)
    assert "pip install 'sealscrub[plans]'" in str(error)


def test_what_is_blocked_is_what_the_core_does_not_bring(core: dict[str, str]) -> None:
    assert {"duckdb", "pandas", "sklearn", "sqlalchemy"} <= blocked_modules()
    assert not {"numpy", "polars", "pyarrow", "pydantic", "cryptography", "typer"} & blocked_modules()
    assert run(core, "-c", "import duckdb").returncode == 1
