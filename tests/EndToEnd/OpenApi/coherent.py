"""Makes generated requests coherent where OpenAPI has no words for what belongs together.

Of the requests that are meant to be in order three quarters are mended, so that operations get to work; the rest, and
all that are meant to be wrong, stay as they were generated.
"""

import random
from urllib.parse import unquote
from zlib import crc32

import schemathesis

CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"
GEOMETRIES = {
    "Point": "[7.33,47.75]",
    "LineString": "[[7.3,47.7],[7.4,47.8]]",
    "Polygon": "[[[7.3,47.7],[7.4,47.7],[7.4,47.8],[7.3,47.7]]]",
}
NARROWING = ("type", "attrs", "q", "georel", "local")


@schemathesis.serializer("application/x-ndjson", "application/ndjson", "application/jsonl")
def lines(context, value):
    """Bodies of lines are described as text, and go as they are."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(context, case, kwargs):
    say_headers_in_utf8(case)
    if "/ngsi-ld/" not in case.path or not is_meant_to_be_in_order(case):
        return
    draw = random.Random(crc32(repr((case.method, case.path, case.query, case.body)).encode(errors="replace")))
    if draw.random() < 0.25:
        return
    if case.media_type and case.body:
        name_context_where_it_belongs(case)
        name_the_entity_of_the_path(case)
    if case.method == "GET" or case.path.endswith("/query"):
        ask_for_a_representation(case, draw)
    if case.method in ("GET", "DELETE") and case.path.endswith(("/entities", "/entityMaps")):
        ask_whole_questions(case, draw)


def say_headers_in_utf8(case):
    """The client sends Latin-1, of which the server reads what is UTF-8; the rest it refuses, without a body, before anything of ours."""
    for name, value in (case.headers or {}).items():
        if isinstance(value, str) and not value.isascii():
            case.headers[name] = value.encode("utf-8").decode("latin-1")


def is_meant_to_be_in_order(case):
    return case.meta is not None and case.meta.generation.mode.name == "POSITIVE"


def name_context_where_it_belongs(case):
    """6.3.5: in the body of JSON-LD and nowhere else."""
    linked_data = case.media_type == "application/ld+json"
    if linked_data and case.headers:
        case.headers.pop("Link", None)
    for element in case.body if isinstance(case.body, list) else [case.body]:
        if isinstance(element, dict):
            if linked_data:
                element["@context"] = CORE
            elif "jsonldContexts" not in case.path:
                element.pop("@context", None)


def name_the_entity_of_the_path(case):
    if isinstance(case.body, dict) and case.path_parameters and "entityId" in case.path_parameters and "id" in case.body:
        case.body["id"] = unquote(case.path_parameters["entityId"])


def ask_for_a_representation(case, draw):
    accept = draw.choice(["application/json", "application/ld+json", "application/geo+json"])
    if not case.path.endswith(("/entities", "/query", "/entities/{entityId}")) and accept == "application/geo+json":
        accept = "application/json"
    case.headers["Accept"] = accept
    if accept != "application/geo+json":
        case.query.pop("geometryProperty", None)


def ask_whole_questions(case, draw):
    """4.10 and 5.7.2.4: a geometry whole or not at all, and something that narrows the query."""
    if any(name in case.query for name in ("georel", "geometry", "coordinates", "geoproperty")):
        case.query["geometry"] = draw.choice(list(GEOMETRIES))
        case.query["coordinates"] = GEOMETRIES[case.query["geometry"]]
        case.query.setdefault("georel", "within")
        if case.query["georel"].startswith("near"):
            case.query["geometry"], case.query["coordinates"] = "Point", GEOMETRIES["Point"]
    if not any(name in case.query for name in NARROWING):
        case.query["type"] = "Building"
    if case.method == "DELETE" and "keep" in case.query:
        case.query.pop("drop", None)
    for name in ("pick", "omit", "q"):
        if "{" in case.query.get(name, ""):
            case.query["join"] = "flat"
    if "pick" in case.query or "omit" in case.query:
        case.query.pop("attrs", None)
