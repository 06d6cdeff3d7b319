#!/usr/bin/python3
"""Record the results of graphite-web for the targets of a script.

usage: record.py [--functions FILE] [--answered] SCRIPT > NEW

SCRIPT is a .test file as render/script_test.go reads it. The output has the same lines, but below each "eval TARGET" is the result of graphite-web's own
functions, or just "error" if they fail. They see only the series of the script. FILE is a functions.py of another version of graphite-web. With --answered
targets on which graphite-web fails or never ends are omitted.
"""
import importlib.util
import math
import os
import re
import signal
import sys
import tempfile
import warnings

warnings.simplefilter('ignore')


def configure():
    """Set up graphite-web without data."""
    root = tempfile.mkdtemp()
    with open(os.path.join(root, 'recorder_settings.py'), 'w') as f:
        f.write('SECRET_KEY = "x"\nCONF_DIR = STORAGE_DIR = LOG_DIR = WHISPER_DIR = %r\nMIDDLEWARE = ()\nCARBONLINK_HOSTS = []\nCLUSTER_SERVERS = []\n'
                'STORAGE_FINDERS = ()\nTAGDB = None\nUSE_WORKER_POOL = False\nTIME_ZONE = "UTC"\n'
                'AUTOCOMPRESS_GAPS_IN_DERIVATIVE_FUNCTIONS = False\nLOG_ROTATION = False\n' % root)
    sys.path.insert(0, root)
    os.environ.update(GRAPHITE_SETTINGS_MODULE='recorder_settings', DJANGO_SETTINGS_MODULE='graphite.settings')
    import django
    django.setup()


def lay_over(file):
    """Use another functions.py."""
    import graphite.render.functions as old
    spec = importlib.util.spec_from_file_location('graphite.render.functions', file)
    new = importlib.util.module_from_spec(spec)
    sys.modules['graphite.render.functions'] = new
    spec.loader.exec_module(new)
    sys.modules['graphite.render'].functions = new
    old.__dict__.update(new.__dict__)


configure()
from graphite.finders.utils import BaseFinder  # noqa: E402
from graphite.intervals import Interval, IntervalSet  # noqa: E402
from graphite.node import LeafNode  # noqa: E402
from graphite.storage import STORE  # noqa: E402
from graphite.tags.base import BaseTagDB, DummyTagDB  # noqa: E402


class Store:
    """The series that the script loaded: name to (step, from, values)."""
    series, events = {}, []


def glob(pattern):
    """Return the pattern as script_test.go's store understands it."""
    out, depth = '', 0
    for c in pattern:
        if c == '{':
            depth += 1
        elif c == '}':
            depth -= 1
        out += {'*': '[^.]*', '?': '[^.]', '{': '(?:', '}': ')', '[': '[', ']': ']'}.get(c) or ('|' if c == ',' and depth > 0 else re.escape(c))
    try:
        return re.compile('^' + out + '$')
    except re.error:
        return None


class Reader:
    def __init__(self, name):
        self.name = name

    def get_intervals(self):
        return IntervalSet([Interval(0, 1 << 40)])

    def fetch(self, start, end, now=None, requestContext=None):
        step, first, values = Store.series[self.name]
        if now is not None and start > now:
            return None
        start, end = int(start), int(end)
        start, end = start - start % step + step, end - end % step + step
        end = max(end, start + step)
        at = (start - first) // step
        return (start, end, step), [values[at + i] if 0 <= at + i < len(values) else None for i in range((end - start) // step)]


class Finder(BaseFinder):
    tags = False

    def find_nodes(self, query):
        expr = glob(query.pattern)
        for name in sorted(Store.series):
            if name == query.pattern or expr and expr.match(name):
                yield LeafNode(name, Reader(name))


class TagDB(DummyTagDB):
    def find_series(self, tags, requestContext=None):
        def has(name, spec):
            key, op, value = re.match(r'^([^=!]+)(!?=~?)(.*)$', spec).groups()
            have = BaseTagDB.parse(name).tags.get(key, '')
            found = bool(re.match('(?:%s)' % value, have)) if '~' in op else have == value
            return found != op.startswith('!')
        return [n for n in sorted(Store.series) if all(has(n, t) for t in tags)]


STORE.finders, STORE.tagdb = [Finder()], TagDB(None)


def values(words):
    """Parse 1.5 _ 7x3 _x2 0+2x3 wave:N, like parseScriptValues."""
    out = []
    for w in words:
        if w.startswith('wave:'):
            out += [round(50 + 10 * math.sin(i * math.pi / 12) + i * 7919 % 13, 3) for i in range(int(w[5:]))]
            continue
        m = re.match(r'^(.+?)(?:(?<=[0-9])([+-][0-9.e]+))?(?:x([0-9]+))?$', w)
        first, delta, times = m.group(1), m.group(2), m.group(3)
        if delta and not times:
            first, delta = first + delta, None
        n = int(times or 1) + bool(delta)
        out += [None if first == '_' else float(first) + i * float(delta or 0) for i in range(n)]
    return out


class Hangs(Exception):
    pass


def answer(context, targets, seconds=10):
    """Return the lines of a result."""
    from graphite.render.evaluator import evaluateTarget

    def stop(*_):
        raise Hangs()
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        found = evaluateTarget(dict(context, data=[], targets=targets), targets)
        lines = [line for s in found for line in show(s)]
    except Hangs:
        return ['  hangs']
    except Exception as e:
        if os.environ.get('RECORD_DEBUG'):
            return ['  error %s: %s' % (type(e).__name__, e)]
        return ['  error']
    finally:
        signal.alarm(0)
    return lines or ['  nothing']


def number(v):
    return '_' if v is None or v != v else str(v) if isinstance(v, int) else repr(float(v))


def show(s):
    out = ['  ' + (s.name or '""')]
    if s.pathExpression != s.name:
        out.append('    path ' + s.pathExpression)
    tags = ['%s=%s' % t for t in s.tags.items()]
    if tags != ['name=' + s.name]:
        out.append('    tags ' + ' | '.join(tags))
    graph = ['color=' + s.color] if getattr(s, 'color', '') else []
    for key in ('alpha', 'lineWidth', 'dashed'):
        if key in s.options:
            graph.append('%s=%r' % (key, float(s.options[key])))
    graph += [k + '=true' for k in ('stacked', 'invisible', 'secondYAxis', 'drawAsInfinite') if s.options.get(k)]
    if graph:
        out.append('    graph ' + ' '.join(graph))
    extra = ''
    if s.consolidationFunc not in ('average', None):
        extra += ' ' + s.consolidationFunc
    if s.xFilesFactor:
        extra += ' xff=%r' % float(s.xFilesFactor)
    out.append('    %d..%d/%d%s: %s' % (s.start, s.end, s.step, extra, ' '.join(number(v) for v in list.__iter__(s))))
    return [line.rstrip() for line in out]


def record(lines, write, answered):
    from datetime import datetime

    import pytz
    context = {'localOnly': False, 'template': {}, 'xFilesFactor': 0, 'tzinfo': pytz.utc}
    for line in lines:
        w = line.split()
        if line.startswith('  '):
            continue
        if line.startswith('eval '):
            found = answer(context, line[5:].split(' ;; '))
            if not answered or found not in (['  error'], ['  hangs']):
                write('\n'.join([line] + found))
            continue
        write(line)
        if w[:1] == ['xff']:
            context['xFilesFactor'] = float(w[1])
        elif w[:1] == ['range']:
            start, end, now = int(w[1]), int(w[2]), int(w[3] if len(w) > 3 else w[2])
            context.update({k: datetime.fromtimestamp(t, pytz.utc) for k, t in (('startTime', start), ('endTime', end), ('now', now))})
        elif w[:1] == ['zone']:
            context['tzinfo'] = pytz.timezone(w[1])
        elif w[:1] == ['clear']:
            Store.series, context['xFilesFactor'] = {}, 0
        elif w[:1] == ['series']:
            Store.series[w[1]] = (int(w[2]), int(w[3]), values(w[4:]))


def main(args):
    if args[:1] == ['--functions']:
        lay_over(args[1])
        args = args[2:]
    answered = args[:1] == ['--answered']
    args = args[answered:]
    with open(args[0], encoding='utf-8') as f:
        record(f.read().rstrip('\n').split('\n'), lambda line: sys.stdout.write(line + '\n'), answered)


if __name__ == '__main__':
    main(sys.argv[1:])
