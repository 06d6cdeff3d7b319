#!/usr/bin/python3
"""Record the responses of graphite-web for a small tree.

usage: /usr/bin/python3 record.py > answers.jsonl

Needs graphite-web and whisper as modules. The tree is that of tree.json. The
responses do not depend on the time of the recording. A line is an object: request
(a line of requests.txt), accept, status, type, cache (Cache-Control), and body,
or value if the body is a pickle, or hex if it is MessagePack.
"""
import io
import json
import os
import pickle
import sys
import tempfile
import time
import warnings

warnings.simplefilter('ignore')
here = os.path.dirname(os.path.abspath(__file__))
root = tempfile.mkdtemp()
for d in ('conf', 'storage', 'log', 'whisper'):
    os.mkdir(os.path.join(root, d))
with open(os.path.join(root, 'recorder_settings.py'), 'w') as f:
    f.write('''
SECRET_KEY = 'x'
CONF_DIR, STORAGE_DIR, LOG_DIR, WHISPER_DIR = %r, %r, %r, %r
STANDARD_DIRS = [WHISPER_DIR]
CARBONLINK_HOSTS = []
MIDDLEWARE = ()
FIND_CACHE_DURATION = TAGDB_CACHE_DURATION = 0
''' % tuple(os.path.join(root, d) for d in ('conf', 'storage', 'log', 'whisper')))
sys.path.insert(0, root)
os.environ['GRAPHITE_SETTINGS_MODULE'] = 'recorder_settings'
os.environ['DJANGO_SETTINGS_MODULE'] = 'graphite.settings'

import django  # noqa: E402
import whisper  # noqa: E402

tree = json.load(open(os.path.join(here, 'tree.json'), encoding='utf8'))
now = tree['now']
for name, s in tree['series'].items():
    path = os.path.join(root, 'whisper', name.replace('.', '/') + '.wsp')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, [(s['step'], 1440)])
    points = [(s['from'] + i * s['step'], float(v)) for i, v in enumerate(s['values']) if v is not None]
    if points:
        whisper.update_many(path, points, now=now)
    os.utime(path, (now, now))

django.setup()
from django.core.management import call_command  # noqa: E402
call_command('migrate', verbosity=0, run_syncdb=True)
from django.test import Client  # noqa: E402
from graphite.intervals import IntervalSet  # noqa: E402
import graphite.readers.whisper as reader  # noqa: E402


class Clock:
    time = staticmethod(lambda: float(now))


reader.time = Clock
client = Client(raise_request_exception=False)


def plain(v):
    if isinstance(v, IntervalSet):
        return [[i.start, i.end] for i in v]
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    return v


for line in open(os.path.join(here, 'requests.txt'), encoding='utf8'):
    line = line.rstrip('\n')
    if not line or line.startswith('#'):
        continue
    request, _, accept = line.partition(' ## ')
    method, url, body = (request.split(' ', 2) + [''])[:3]
    url = url.replace('@now', str(now))
    body = body.replace('@now', str(now))
    kw = {'HTTP_ACCEPT': accept} if accept else {}
    if method == 'POST':
        r = client.post(url, body, content_type='application/x-www-form-urlencoded', **kw)
    else:
        r = client.generic(method, url, **kw)
    out = {'request': request, 'accept': accept, 'status': r.status_code,
           'type': r.headers.get('Content-Type', ''), 'cache': r.headers.get('Cache-Control', '')}
    if r.status_code >= 500:
        sys.exit('%s: %d %s' % (line, r.status_code, r.content[-500:]))
    if 'pickle' in out['type']:
        out['value'] = plain(pickle.load(io.BytesIO(r.content)))
    elif 'msgpack' in out['type']:
        out['hex'] = r.content.hex()
    else:
        out['body'] = r.content.decode('utf8')
    print(json.dumps(out))
