"""Asks Python's configparser, re and Graphite's carbon how they parse configuration texts.

Reads a JSON list of cases from stdin and writes the list of results to stdout. A case has a kind and its input. A result has either
a value or an error. The Go tests compare their own results with these, or with a recording if Python is not installed.
"""
import configparser
import json
import os
import re
import sys
import tempfile


def read_ini(case):
    path = os.path.join(folder, "x.conf")
    write(path, case["text"])
    parser = configparser.ConfigParser()
    parser.read(path)
    return [[name, sorted(parser.items(name))] for name in parser.sections()]


def match(case):
    regex = re.compile(case["text"])
    return "".join("1" if regex.search(text) else "0" for text in case["texts"])


def retentions(case):
    from carbon.storage import Archive
    archives = [Archive.fromString(item).getTuple() for item in case["text"].split(",")]
    try:
        state.database.validateArchiveList(archives)
    except ValueError:
        return "invalid"
    return sorted(archives)


def schemas(case):
    write(storage.STORAGE_SCHEMAS_CONFIG, case["text"])
    rules = storage.loadStorageSchemas()
    return [first(rules, metric, lambda a: sorted(x.getTuple() for x in a)) for metric in case["metrics"]]


def aggregation(case):
    write(storage.STORAGE_AGGREGATION_CONFIG, case["text"])
    rules = storage.loadAggregationSchemas()
    return [first(rules, metric, lambda a: [0.5 if a[0] is None else a[0], a[1] or "average"]) for metric in case["metrics"]]


def first(rules, metric, show):
    for rule in rules:
        if rule.matches(metric):
            return [rule.name, show(rule.archives)]


def settings_of(case):
    path = os.path.join(folder, "carbon.conf")
    write(path, case["text"])
    os.environ.pop("GRAPHITE_CONF_DIR", None)
    os.environ.pop("GRAPHITE_STORAGE_DIR", None)
    os.environ["GRAPHITE_ROOT"] = "/graphite"
    options = {"config": path, "instance": case["instance"], "pidfile": None, "logdir": None}
    found = conf.read_config("carbon-cache", options)
    answer = {}
    for key in case["keys"]:
        value = found.get(key)
        if key.endswith("_DIR"):
            value = os.path.normpath(os.path.expanduser(value)).replace(folder, "CONF")
        answer[key] = str(value)
    return answer


def write(path, text):
    with open(path, "w", newline="") as f:
        f.write(text)


folder = tempfile.mkdtemp()
os.environ["GRAPHITE_ROOT"] = "/graphite"
from carbon import conf, state  # noqa: E402
conf.settings.update(CONF_DIR=folder, STORAGE_DIR=folder, LOCAL_DATA_DIR=folder, LOG_DIR=folder, PID_DIR=folder)
from carbon import storage  # noqa: E402
from carbon.database import TimeSeriesDatabase  # noqa: E402
state.database = TimeSeriesDatabase.plugins["whisper"](conf.settings)

kinds = {"ini": read_ini, "pattern": match, "retentions": retentions, "schemas": schemas, "aggregation": aggregation, "settings": settings_of}
answers = []
stdout, sys.stdout = sys.stdout, sys.stderr
for case in json.load(sys.stdin):
    try:
        answers.append({"value": kinds[case["kind"]](case)})
    except (Exception, SystemExit) as e:
        answers.append({"error": type(e).__name__})
json.dump(answers, stdout)
