#!/usr/bin/python3
"""Record what graphite-web's views write for made-up series.

usage: /usr/bin/python3 record.py > cases.jsonl

Needs graphite-web as a module. A line is an object: series, the options
maxDataPoints, noNullPoints and pretty, and the text of each format. json is
null if graphite-web fails.
"""
import json
import os
import random
import sys
import tempfile
import warnings

warnings.simplefilter('ignore')
root = tempfile.mkdtemp()
with open(os.path.join(root, 'recorder_settings.py'), 'w') as f:
    f.write('SECRET_KEY = "x"\nCONF_DIR = STORAGE_DIR = LOG_DIR = WHISPER_DIR = %r\nMIDDLEWARE = ()\n' % root)
sys.path.insert(0, root)
os.environ['GRAPHITE_SETTINGS_MODULE'] = 'recorder_settings'
os.environ['DJANGO_SETTINGS_MODULE'] = 'graphite.settings'

import django  # noqa: E402
django.setup()
import pytz  # noqa: E402
from graphite.render import views  # noqa: E402
from graphite.render.datalib import TimeSeries  # noqa: E402

rng = random.Random(7)
NAMES = ['a.b', 'a,b', 'say "x"', 'b\u00fcro', '\U0001f600', 'tab\there', 'back\\slash', '\x7f<&>', 'sumSeries(a.*,b)', 'e\x01']
FLOATS = [0.0, -0.0, 1.0, 0.1, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 123456.789, -2.5, 1 / 3., 1e300, 5e-324, 1e22,
          0.30000000000000004, 1234567890123456.7, 2.0 ** 53, 100.0, 1e9, 999999999.5, 0.000123, float('inf'), float('-inf')]


def value(kind):
    if rng.random() < .2:
        return None
    if kind == 'int':
        return rng.choice([0, 1, -5, 70000, 2 ** 31, -2 ** 40])
    if kind == 'special':
        return rng.choice(FLOATS)
    if kind == 'decimal':
        return round(rng.uniform(-1000, 1000), rng.randint(0, 7))
    return rng.random() * 10 ** rng.randint(-8, 18)


def series():
    step = rng.choice([1, 10, 60, 60, 60, 300])
    n = rng.choice([0, 1, 2, 3, 10, 14])
    start = 1700000000 + rng.randint(0, 5000) // step * step
    kind = rng.choice(['int', 'special', 'decimal', 'decimal', 'full'])
    name = rng.choice(NAMES)
    return dict(name=name, start=start, end=start + n * step, step=step, values=[value(kind) for _ in range(n)],
                consolidate=rng.choice(['average', 'sum', 'min', 'max', 'first', 'last', 'avg_zero']),
                tags={'name': name, 'z': 'one', 'a': '2'}, xFilesFactor=rng.choice([0.0, 0.0, 0.5, 1.0]),
                pathExpression='p.*'), kind == 'int'


for i in range(120):
    made = [series() for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    if i % 3 == 0:      # series with the same steps, as usual
        for s, _ in made[1:]:
            first = made[0][0]
            s['start'], s['end'], s['step'] = first['start'], first['end'], first['step']
            n = len(first['values'])
            s['values'] = (s['values'] + [None] * n)[:n]
    fresh = lambda: [TimeSeries(**s) for s, _ in made]
    options = {}
    if rng.random() < .7:
        options['maxDataPoints'] = rng.choice([1, 2, 3, 4, 5, 7, 10, 12, 15, 25, 100])
    if rng.random() < .3:
        options['noNullPoints'] = True
    if rng.random() < .2:
        options['pretty'] = True
    zone = rng.choice(['UTC', 'Europe/Berlin', 'Asia/Kolkata'])
    case = {'series': [dict(s, int=whole, tags=list(s['tags'].items()),
                            values=['inf' if v == float('inf') else '-inf' if v == float('-inf') else v for v in s['values']])
                       for s, whole in made], 'options': options, 'tz': zone}
    text = lambda r: r.content.decode('utf8')
    for name, view in (('json', views.renderViewJson), ('dygraph', views.renderViewDygraph), ('rickshaw', views.renderViewRickshaw)):
        try:
            case[name] = text(view(options, fresh()))
        except (IndexError, TypeError, ValueError):
            case[name] = None
    case['csv'] = text(views.renderViewCsv({'tzinfo': pytz.timezone(zone)}, fresh()))
    case['raw'] = text(views.renderViewRaw({}, fresh()))
    case['msgpack'] = views.renderViewMsgPack({}, fresh()).content.hex()
    print(json.dumps(case))
