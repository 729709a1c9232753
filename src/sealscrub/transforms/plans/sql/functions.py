"""Which of DuckDB's functions a recipe may call, by what their results depend on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from .sql_tree import words

__all__ = [
    "EXACT_OF_WHOLE",
    "FLOAT_TYPES",
    "LIST_AGGREGATES",
    "ORDER_DEPENDENT",
    "ROW_SOURCES",
    "SUMMING",
    "VALUE_KEYWORDS",
    "KnownFunctions",
    "known_functions",
    "parser",
]

# FROM may call these, and nothing that reads a file, a setting or the catalog
ROW_SOURCES = frozenset({"generate_series", "range", "unnest"})

# words that SQL takes for a column's name and, where the column does not exist, for the clock or the session
VALUE_KEYWORDS = words(
    """current_catalog current_database current_date current_localtime current_localtimestamp current_role
    current_schema current_time current_timestamp current_user localtime localtimestamp session_user user"""
)

# aggregates whose result depends on the order in which they meet rows, unless an ORDER BY fixes it
ORDER_DEPENDENT = words(
    """any_value arbitrary arg_max arg_max_null arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax
    argmin array_agg first group_concat histogram histogram_exact last list listagg lttb max_by min_by mode
    string_agg"""
)

# aggregates that round as they go: over floating-point numbers another order of rows gives another last bit
SUMMING = words(
    """avg corr covar_pop covar_samp decimal_average entropy favg fsum geomean geometric_mean kahan_sum kurtosis
    kurtosis_pop mean product regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
    regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp sum sum_no_overflow sumkahan var_pop var_samp
    variance wavg weighted_avg"""
)

# these take the name of an aggregate as text, and apply it to a list, whose order is fixed
LIST_AGGREGATES = frozenset({"aggregate", "array_aggr", "array_aggregate", "list_aggr", "list_aggregate"})

# the last is not a function of ours, but DuckDB sums it up as one
FLOAT_TYPES = frozenset({"double", "double precision", "float", "float4", "float8", "real", "uhugeint"})

# of whole numbers, decimals, dates and times these add up exactly, and divide at the end
EXACT_OF_WHOLE = frozenset({"avg", "mean", "sum"})

# macros that DuckDB defines by other functions which are allowed
_MACROS = words(
    """array_append array_pop_back array_pop_front array_prepend array_push_back array_push_front array_reverse
    array_to_string array_to_string_comma_default date_add days_in_month fdiv geomean geometric_mean if json
    list_any_value list_append list_avg list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or
    list_count list_entropy list_first list_histogram list_kurtosis list_kurtosis_pop list_last list_mad
    list_max list_median list_min list_mode list_prepend list_product list_reverse list_sem list_skewness
    list_stddev_pop list_stddev_samp list_string_agg list_sum list_var_pop list_var_samp map_contains_entry
    map_contains_value md5_number_lower md5_number_upper nullif split_part wavg weighted_avg"""
)

# DuckDB calls these consistent, but they sample, read a table's statistics, run SQL, or reveal the program
_REFUSED = words(
    """approx_count_distinct approx_quantile approx_top_k bitstring_agg combine combine_aggr finalize
    hive_partition_component index_key json_deserialize_sql json_serialize_plan json_serialize_sql
    parse_duckdb_log_message reservoir_quantile to_aggregate_state version"""
)

# of these the catalog does not say that they do
_MAKE_FLOATS = words(
    """/ divide fdiv from_json from_json_strict geomean geometric_mean json_transform json_transform_strict list_avg
    list_entropy list_kurtosis list_kurtosis_pop list_mad list_median list_product list_sem list_skewness
    list_stddev_pop list_stddev_samp list_var_pop list_var_samp mad median quantile quantile_cont wavg
    weighted_avg"""
)


@dataclass(frozen=True, slots=True)
class KnownFunctions:
    """What DuckDB's catalog says about its functions, by lower-cased name.

    Attributes
    ----------
    allowed : frozenset of str
        Scalar functions, aggregates and window functions that a recipe may call.
    aggregates, windows : frozenset of str
        Those of them that gather rows, and that need OVER.
    float_makers : frozenset of str
        Functions that give floating-point numbers for other arguments than such numbers.
    types : frozenset of str
        Types that DuckDB has.
    """

    allowed: frozenset[str]
    aggregates: frozenset[str]
    windows: frozenset[str]
    float_makers: frozenset[str]
    types: frozenset[str]


@cache
def known_functions() -> KnownFunctions:
    """Read DuckDB's catalog of functions.

    Raises
    ------
    MissingExtra
        When DuckDB is not installed.

    Examples
    --------
    >>> known = known_functions()
    >>> [name in known.allowed for name in ("upper", "random", "current_setting", "approx_quantile")]
    [True, False, False, False]
    """
    cursor = parser().cursor()
    types = cursor.execute("SELECT DISTINCT lower(type_name) FROM duckdb_types()").fetchall()
    rows = cursor.execute(
        "SELECT lower(function_name), function_type, stability, return_type, parameter_types FROM duckdb_functions() "
        "WHERE function_type IN ('scalar', 'aggregate', 'window') AND schema_name IN ('main', 'pg_catalog')"
    )
    allowed, aggregates, windows = set(_MACROS), set(), set()
    gives_floats: dict[str, set[str]] = {}
    for name, kind, stability, returned, parameters in rows.fetchall():
        if stability == "CONSISTENT" and name not in _REFUSED and not name.startswith("__"):
            allowed.add(name)
        if kind == "aggregate":
            aggregates.add(name)
        if kind == "window":
            windows.add(name)
        floats_in = any(str(kind).lower() in FLOAT_TYPES for kind in parameters or ())
        floats_out = str(returned).lower() in FLOAT_TYPES
        gives_floats.setdefault(name, set()).add(
            "other" if not floats_out else "passes floats on" if floats_in else "makes floats"
        )
    makers = {name for name, ways in gives_floats.items() if "makes floats" in ways or ways == {"passes floats on"}}
    makers |= _MAKE_FLOATS
    return KnownFunctions(
        allowed=frozenset(allowed | {"unnest"}),
        aggregates=frozenset(aggregates),
        windows=frozenset(windows),
        float_makers=frozenset(makers),
        types=frozenset(name for (name,) in types),
    )


@cache
def parser() -> Any:
    """Open the connection that parses recipes: in memory, empty, and locked."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
