"""A whole data estate of the city: events, people, edges, lists, photos, features and labels, and the plan for it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import polars as pl

from sealscrub.atomic_write import refuse_address
from sealscrub.errors import WriteFailed

from .city import City, make_city
from .estate_recipes import compute_derived
from .estate_tables import event_tables

__all__ = ["Estate", "make_estate", "write_estate"]


@dataclass(frozen=True, repr=False)
class Estate:
    """The tables that a police department and its vendor compute on, and the plan by which they are scrubbed.

    Attributes
    ----------
    tables : mapping of str to polars.DataFrame
        By the names that the plan has for them.
    plan : str
        A reviewed ``sealscrub.toml``. It names ``../training.sealindex`` and ``../seal.key``.
    city : City
        What it was made from, without mess: the truth and the seal notices are there.

    Examples
    --------
    >>> estate = make_estate(1_000, seed=0)
    >>> for name, table in estate.tables.items():  # doctest: +NORMALIZE_WHITESPACE
    ...     print(f"{name}: {', '.join(table.columns)}")
    arrests: arrest_id, arrest_number, person_id, cjtn, arrest_date, hour, precinct, borough, charge, law_code,
        law_category, age, x_coord, y_coord, complaint_number, photo_id, bail
    dockets: docket, arrest_id, county, disposition, disposition_date
    charges: arrest_id, docket, charge_no, law_code, charge, law_category
    vouchers: voucher, arrest_id, item, vouchered_on
    photos: photo_id, arrest_id, taken_on, path
    stops: stop_id, stop_date, precinct, borough, frisked, arrested, arrest_number, arrest_offense
    complaints: complaint_number, occurred_on, hour, precinct, borough, offense, law_category, arrests, cleared
    cases: case_id, complaint_number, opened_on, suspects, lineup
    victims: complaint_number, person_id
    people: person_id, last_name, first_name, birth_date, sex
    histories: nysid, person_id, arrests, last_arrest
    co_arrests: edge_id, person_a, person_b, events
    co_arrest_support: edge_id, complaint_number, arrest_id_a, arrest_id_b
    precinct_month: precinct, month, arrests, felonies
    hotspots: cell_x, cell_y, arrests
    features: arrest_id, person_id, complaint_number, arrest_date, hour, precinct, charge, law_category, age, bail,
        cell_x, cell_y, priors_count, days_since_last, n_coarrest, precinct_rate, cell_count, heat, age_z, age_bin,
        bail_filled, rearrested, charge_rate
    pair_labels: arrest_id_a, arrest_id_b, person_a, person_b, days_apart, same_person, ties
    """

    tables: Mapping[str, pl.DataFrame]
    plan: str
    city: City = field(repr=False)

    def __repr__(self) -> str:
        return f"Estate({len(self.tables)} tables)"

    def write(self, folder: str | Path) -> list[Path]:
        """Write tables, photos and plan to a folder.

        Parameters
        ----------
        folder : path
            Made if absent. Each table is written in the format that the plan says it has.

        Returns
        -------
        list of Path
            The plan, then the tables, then the photos.

        Raises
        ------
        WriteFailed
            When the folder cannot be written.
        """
        refuse_address(folder)
        root = Path(folder)
        sources = {name: part["source"] for name, part in tomllib.loads(self.plan)["tables"].items()}
        try:
            root.mkdir(parents=True, exist_ok=True)
            paths = [root / "sealscrub.toml"]
            paths[0].write_text(self.plan, "utf-8")
            for name, table in self.tables.items():
                paths.append(root / sources[name])
                _write(table, paths[-1])
            for name in self.tables["photos"]["path"]:
                paths.append(root / "photos" / name)
                paths[-1].parent.mkdir(parents=True, exist_ok=True)
                paths[-1].write_bytes(_picture(name))
        except OSError as error:
            raise WriteFailed(
                f"the estate could not be written ({error.strerror})",
                where=str(root),
                hint="check disk space and permissions.",
            ) from None
        return paths


def make_estate(arrests: int = 10_000, *, seed: int = 0, without: Collection[str] = ()) -> Estate:
    """Make the estate of a city without mess, with every column that it derives.

    Parameters
    ----------
    arrests : int
        How many arrests the city has, 1 to 20,000,000.
    seed : int
        Equal seeds give equal estates.
    without : collection of str
        Numbers of arrests and dockets that never existed: what the estate would be in a world without them. An
        arrest whose dockets are all among them never existed either. Everything else stays what it is: anyone who has
        no arrest left and is not a victim is in no table.

    Returns
    -------
    Estate

    Raises
    ------
    UsageError
        When there are no arrests, or too many.
    MissingExtra
        When DuckDB is not installed, which runs the plan's recipes.

    Examples
    --------
    >>> estate = make_estate(1_000, seed=0)
    >>> estate
    Estate(17 tables)
    >>> fewer = make_estate(1_000, seed=0, without=estate.tables["arrests"]["arrest_number"][:400])
    >>> fewer.tables["features"].height
    600
    >>> bool((fewer.tables["features"]["priors_count"].sum() < estate.tables["features"]["priors_count"].sum()))
    True
    """
    plan = files(__package__).joinpath("estate.toml").read_text("utf-8")
    city = make_city(arrests, seed=seed, mess=0)
    events = event_tables(city, seed, without)
    return Estate(compute_derived(events, tomllib.loads(plan)["tables"]), plan, city)


def write_estate(
    folder: str | Path, arrests: int = 10_000, *, seed: int = 0, without: Collection[str] = ()
) -> list[Path]:
    """Write the estate that :func:`make_estate` makes: its tables, its photos and ``sealscrub.toml``.

    Parameters
    ----------
    folder : path
        Made if absent; files of these names in it are replaced.
    arrests, seed, without
        As for :func:`make_estate`.

    Returns
    -------
    list of Path
        The plan, then the tables, then the photos.

    Raises
    ------
    UsageError
        When there are no arrests, or too many.
    MissingExtra
        When DuckDB is not installed.
    WriteFailed
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = write_estate(folder, 1_000, seed=0)
    >>> [path.name for path in paths[:3]]
    ['sealscrub.toml', 'arrests.parquet', 'dockets.csv']
    """
    return make_estate(arrests, seed=seed, without=without).write(folder)


def _write(table: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        table.write_parquet(path)
    elif path.suffix == ".jsonl":
        table.write_ndjson(path)
    else:
        table.write_csv(path)


def _picture(name: str) -> bytes:
    """Stand-in for a photo: eight by eight grey squares, of no one."""
    return b"P5 8 8 255\n" + hashlib.blake2b(name.encode(), digest_size=64).digest()
