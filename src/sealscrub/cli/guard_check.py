"""``sealscrub guard-check``: a running system, asked as an auditor would."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from sealscrub.errors import ConfigError, UnreadableInput

from . import options as opt
from .declarations import OR_ADDRESS, needs, option, unless

__all__ = ["guard_check"]

Url = Annotated[str | None, option("The address of the running system.", "--url", metavar="http://HOST:PORT")]
Module = Annotated[
    str | None,
    option(
        "Instead of an address: an ASGI application, or without --route a function that takes a probe.",
        "--module",
        metavar="MODULE:NAME",
    ),
]
RouteOption = Annotated[
    list[str] | None,
    option(
        "What to ask: 'GET /records/{id}', 'GET /search?q={text}&limit={k}&offset={offset}', or with a body of "
        "JSON. Other names in braces are columns of --data. Repeatable.",
        "--route",
        metavar="ROUTE",
    ),
]
SealedFile = Annotated[Path | None, option("Sealed ids, one on each line; stays on this host.", "--sealed")]
OpenFile = Annotated[Path | None, option("Control: ids that are not sealed and that the system knows.", "--open")]
DataFile = Annotated[
    Path | None,
    option("Instead of these files: rows to ask about; the index says which are sealed.", "--data"),
    OR_ADDRESS,
]
HeadersFile = Annotated[
    Path | None, option("File of HTTP headers to send with each request, as Name: value.", "--headers")
]
PlainHttp = Annotated[bool, option("Send sealed ids unencrypted to another host than this one.", "--plain-http")]
OracleOk = Annotated[bool, option("A sealed id may get another answer than an unknown one.", "--oracle-ok")]
Ignore = Annotated[
    list[str] | None, option("Part of the answer to ignore, such as headers.x-request-id. Repeatable.", "--ignore")
]
Size = Annotated[int, option("How many entries a probe asks for.", "--k", min=1)]
Targets = Annotated[int, option("How many sealed ids to probe.", "--targets", min=1)]
Timeout = Annotated[float, option("Seconds for a response.", "--timeout", metavar="SECONDS")]


def guard_check(
    *,
    url: Annotated[Url, unless("--module")] = None,
    module: Module = None,
    route: RouteOption = None,
    sealed: Annotated[SealedFile, unless("--data")] = None,
    open_file: Annotated[OpenFile, needs("--sealed")] = None,
    scheme: Annotated[opt.Scheme, needs("--sealed")] = "arrest_number",
    data: DataFile = None,
    index: Annotated[opt.UsedIndex, needs("--index", of=("key_file", "min_epoch"))],
    on: Annotated[opt.On, needs("--data")] = None,
    headers: Annotated[HeadersFile, needs("--route")] = None,
    plain_http: Annotated[PlainHttp, needs("--url")] = False,
    oracle_ok: OracleOk = False,
    ignore: Ignore = None,
    k: Size = 10,
    targets: Targets = 25,
    seed: opt.Seed = 0,
    timeout: Annotated[Timeout, needs("--route")] = 30.0,
    reporting: opt.Reporting,
) -> None:
    """Probe a running system as an auditor would.

    It is asked about sealed ids, misspelled ones, ids that do not exist, open ones, pages and beginnings of ids. Found
    are answers that name a sealed record, that differ between a sealed and an unknown id (403 against 404), and the
    gaps of late filters: ranks that skip, short pages, totals that count more. Run it on the trusted host: it sends
    sealed ids. Whether scores or neighbours would differ without them, only assert_output_nullity can show.

    Exits with 0 on a pass, 1 when sealed records show or it is an oracle, 2 on wrong use, 3 when it is inconclusive.

    Examples: sealscrub guard-check --url http://127.0.0.1:8000 --route "GET /records/{id}" --sealed sealed.txt
    --open open.txt · sealscrub guard-check --module service:app --route "GET /search?q={text}&limit={k}"
    --data arrests.parquet --index output.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    """
    from sealscrub.testing import OutputNullityReport, check_guard

    reporting.check(OutputNullityReport)
    if url is None and module is None:
        raise ConfigError("give the system: --url or --module")
    if sealed is None and data is None:
        raise ConfigError("give the sealed ids: --sealed FILE, or --data with --index")
    system, query = _system(url, module, route, _headers(headers), timeout, plain_http=plain_http)
    told = check_guard(
        system,
        query,
        name=url or module or "",
        index=index.open() if data is not None or index.index is not None else None,
        k=k,
        targets=targets,
        seed=seed,
        oracle_ok=oracle_ok,
        ignore=("headers.date", *(ignore or ())),
        **_asked_ids(sealed, open_file, scheme, data, on),
    )
    reporting.end(told, told.exit_code)


def _asked_ids(
    sealed: Path | None, open_file: Path | None, scheme: str, data: Path | None, on: list[str] | None
) -> dict[str, Any]:
    from sealscrub.testing import check_guard

    from .nullity_data import load_data, named_files

    if data is not None:
        columns = opt.given_keys(on)
        frame, _ = load_data(named_files([str(data)]), columns, "polars", check_guard)
        return {"data": frame, "on": columns}
    return {
        "sealed": _lines(sealed) if sealed is not None else [],
        "open_ids": _lines(open_file) if open_file is not None else [],
        "scheme": scheme,
    }


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
            raise ConfigError("no route given", hint="--route 'GET /records/{id}'")
        if urlsplit(url).scheme == "http" and not _is_here(urlsplit(url).hostname or "") and not plain_http:
            raise ConfigError(
                "sealed ids would be sent unencrypted to another host", hint="an https:// address, or --plain-http."
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
        raise ConfigError("this file does not exist", where=str(file), hint="ids, one on each line.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"it cannot be read as text ({type(error).__name__})", where=str(file)) from None
    return [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]


def _headers(file: Path | None) -> dict[str, str]:
    found = {}
    for number, line in enumerate(_lines(file) if file is not None else [], start=1):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ConfigError(
                "a line is not an HTTP header", where=f"{file}, line {number}", hint="Authorization: Bearer …"
            )
        found[name.strip()] = value.strip()
    return found
