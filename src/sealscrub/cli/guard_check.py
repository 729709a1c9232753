"""``sealscrub guard-check``: a running system, asked as an auditor would."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from sealscrub.errors import ConfigError, UnreadableInput

from . import shared_options as opt

if TYPE_CHECKING:
    from sealscrub.testing import OutputNullityReport

__all__ = ["guard_check"]

_FORMATS = ("text", "json", "html", "junit")

Url = Annotated[
    str | None, typer.Option("--url", help="The address of the running system.", metavar="http://HOST:PORT")
]
Module = Annotated[
    str | None,
    typer.Option(
        "--module",
        help="Instead of an address: an ASGI application, or without --route a function that takes a probe.",
        metavar="MODULE:NAME",
    ),
]
RouteOption = Annotated[
    list[str] | None,
    typer.Option(
        "--route",
        help="What to ask: 'GET /records/{id}', 'GET /search?q={text}&limit={k}&offset={offset}', or with a body of "
        "JSON. Other names in braces are columns of --data. Repeatable.",
        metavar="ROUTE",
    ),
]
SealedFile = Annotated[
    Path | None, typer.Option("--sealed", help="Sealed ids, one on each line; stays on this host.", metavar="FILE")
]
OpenFile = Annotated[
    Path | None,
    typer.Option("--open", help="Ids that are not sealed and that the system knows: the control.", metavar="FILE"),
]
Scheme = Annotated[str, typer.Option("--scheme", help="Of the ids in these files.")]
DataFile = Annotated[
    Path | None,
    typer.Option("--data", help="Instead of these files: rows to ask about; the index tells which are sealed."),
]
HeadersFile = Annotated[
    Path | None, typer.Option("--headers", help="Sent with each request: a file of Name: value.", metavar="FILE")
]
PlainHttp = Annotated[
    bool, typer.Option("--plain-http", help="Send sealed ids unencrypted to another host than this one.")
]
OracleOk = Annotated[bool, typer.Option("--oracle-ok", help="A sealed id may get another answer than an unknown one.")]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", help="A part that is no part of the answer: headers.x-request-id. Repeatable."),
]
Size = Annotated[int, typer.Option("--k", help="How many entries a probe asks for.")]
Targets = Annotated[int, typer.Option("--targets", help="Around how many sealed ids.")]
Seed = Annotated[int, typer.Option("--seed", help="Of the draws.")]
Timeout = Annotated[float, typer.Option("--timeout", help="Seconds for a response.", metavar="SECONDS")]
CheckFormat = Annotated[str, typer.Option("--format", help=f"Of the report on standard output: {', '.join(_FORMATS)}.")]
CheckReportFile = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Write the report: .txt, .json, .html (with counts, 0600) or .xml (JUnit, without). Repeatable.",
        metavar="FILE",
    ),
]


def guard_check(
    url: Url = None,
    module: Module = None,
    route: RouteOption = None,
    sealed: SealedFile = None,
    open_file: OpenFile = None,
    scheme: Scheme = "arrest_number",
    data: DataFile = None,
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    on: opt.On = None,
    headers: HeadersFile = None,
    plain_http: PlainHttp = False,
    oracle_ok: OracleOk = False,
    ignore: Ignore = None,
    k: Size = 10,
    targets: Targets = 25,
    seed: Seed = 0,
    timeout: Timeout = 30.0,
    min_epoch: opt.MinEpoch = None,
    report: CheckReportFile = None,
    format: CheckFormat = "text",
    schemes: opt.SchemeFile = None,
) -> None:
    """Probe a running system as an auditor would.

    It is asked about sealed ids, misspelled ones, ids that nobody has, open ones, pages and beginnings of ids. Found
    are answers that name a sealed record, that differ between a sealed and an unknown id (403 against 404), and the
    gaps of late filters: ranks that skip, short pages, totals that count more. Run it on the trusted host: it sends
    sealed ids. Whether scores or neighbours would be others without them, only assert_output_nullity can tell.

    Exits with 0 on a pass, 1 when sealed records show or it is an oracle, 2 on wrong use, 3 when it could not be told.

    Examples: sealscrub guard-check --url http://127.0.0.1:8000 --route "GET /records/{id}" --sealed sealed.txt
    --open open.txt · sealscrub guard-check --module service:app --route "GET /search?q={text}&limit={k}"
    --data arrests.parquet --index output.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    """
    from .check_nullity import check_report_files

    check_report_files(format, report, sealed, open_file, data, headers, index, key_file)
    opt.load_own_schemes(schemes)
    if (url is None) == (module is None):
        raise ConfigError("name the system: --url or --module, one of them")
    if (sealed is None) == (data is None):
        raise ConfigError("name what is sealed: --sealed FILE, or --data with --index, one of them")
    system, query = _system(url, module, route, _headers(headers), timeout, plain_http=plain_http)
    options: dict[str, Any] = {"k": k, "targets": targets, "seed": seed, "oracle_ok": oracle_ok}
    if ignore:
        options["ignore"] = ("headers.date", *ignore)
    told = _checked(
        system,
        query,
        url or module or "",
        _asked(sealed, open_file, scheme, data),
        index,
        key_file,
        on,
        min_epoch,
        options,
    )
    for file in report or ():
        told.save(file)
    ways = {"text": told.to_text, "json": told.to_json, "html": told.to_html, "junit": told.to_junit}
    typer.echo(ways[format](), nl=False)
    raise typer.Exit(told.exit_code)


def _asked(sealed: Path | None, open_file: Path | None, scheme: str, data: Path | None) -> dict[str, Any]:
    if data is not None:
        return {"data": data}
    return {
        "sealed": _lines(sealed) if sealed is not None else [],
        "open_ids": _lines(open_file) if open_file is not None else [],
        "scheme": scheme,
    }


def _checked(
    system: Any,
    query: Any,
    name: str,
    asked: dict[str, Any],
    index: Path | None,
    key_file: Path | None,
    on: list[str] | None,
    min_epoch: int | None,
    options: dict[str, Any],
) -> OutputNullityReport:
    from sealscrub.index import open_index
    from sealscrub.testing import check_guard

    from .nullity_data import load_data, named_files

    if "data" in asked:
        _, place, keys, columns = opt.required([str(asked["data"])], index, key_file, on)
        frame, _ = load_data(named_files([str(asked["data"])]), columns, "polars", check_guard)
        asked |= {"data": frame, "on": columns}
    elif index is not None:
        _, place, keys, _ = opt.required(["ids"], index, key_file, on or ["ids"])
    else:
        return check_guard(system, query, name=name, **asked, **options)
    return check_guard(system, query, index=open_index(place, keys, min_epoch=min_epoch), name=name, **asked, **options)


def _system(
    url: str | None,
    module: str | None,
    routes: list[str] | None,
    headers: dict[str, str],
    timeout: float,
    *,
    plain_http: bool,
) -> tuple[Any, Any]:
    from sealscrub.testing import Routes

    from .nullity_data import load_function

    if url is not None:
        if not routes:
            raise ConfigError("no route is named", hint="--route 'GET /records/{id}'")
        if urlsplit(url).scheme == "http" and not _is_here(urlsplit(url).hostname or "") and not plain_http:
            raise ConfigError(
                "sealed ids would go unencrypted to another host", hint="an https:// address, or --plain-http."
            )
        return url, Routes(*routes, headers=headers, timeout=timeout)
    found = load_function(module or "")
    if routes:
        return found, Routes(*routes, headers=headers, timeout=timeout)
    return found, _call


def _call(system: Any, probe: Any) -> Any:
    """Ask a function."""
    return system(probe)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _lines(file: Path) -> list[str]:
    """Read the ids of a file: one on each line, blank ones and what follows a # left out."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise ConfigError("this file is not there", where=str(file), hint="ids, one on each line.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"it cannot be read as text ({type(error).__name__})", where=str(file)) from None
    return [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]


def _headers(file: Path | None) -> dict[str, str]:
    found = {}
    for number, line in enumerate(_lines(file) if file is not None else [], start=1):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ConfigError("a line is no header", where=f"{file}, line {number}", hint="Authorization: Bearer …")
        found[name.strip()] = value.strip()
    return found
