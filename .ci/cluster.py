#!/usr/bin/python3
"""Compares graphited, as a member of clusters and as the front of one, with the real programs: graphite-web and carbon-c-relay.

usage: cluster.py GRAPHITED [NAME...]     (names of checks, default all)

Needs Debian's graphite-web, python3-whisper and carbon-c-relay. It uses free ports of the loopback interface. The checks run in parallel.
It prints a line for each check. The exit status is 1 if one failed.
"""
import concurrent.futures
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from checks import Failed, begin, check, chosen, free_port, passes

if __name__ == '__main__':
    begin(__doc__)

import whisper

import interop
from interop import graphited, until

GRAPHITE_WEB = '''
import collections, collections.abc, os, socketserver, sys
collections.Hashable = collections.abc.Hashable  # Debian's reader of MessagePack predates Python 3.10
from wsgiref import simple_server
sys.path.insert(0, os.environ['SETTINGS_DIR'])
from graphite.wsgi import application
class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True
    request_queue_size = 64
class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *_): pass
simple_server.make_server('127.0.0.1', int(sys.argv[1]), application, Server, Quiet).serve_forever()
'''
SETTINGS = '''
SECRET_KEY = 'x'
STORAGE_DIR = %(dir)r
LOG_DIR = %(dir)r
CONF_DIR = %(dir)r
WHISPER_DIR = %(dir)r + '/whisper'
CLUSTER_SERVERS = %(servers)r
FIND_CACHE_DURATION = 0
FIND_TIMEOUT = FETCH_TIMEOUT = 60.0
REMOTE_RETRY_DELAY = 0.0
DEFAULT_CACHE_DURATION = 0
CARBONLINK_HOSTS = []
TAGDB = ''
'''


def get(port, path, params):
    """Returns the body and the headers of a response, also of an error."""
    url = 'http://127.0.0.1:%d%s?%s' % (port, path, urllib.parse.urlencode(params))
    try:
        with urllib.request.urlopen(url, timeout=90) as r:
            return r.read(), r.headers
    except urllib.error.HTTPError as e:
        raise Failed('%s: %d %s' % (url, e.code, e.read()[:500])) from None


def get_json(port, path, params):
    return json.loads(get(port, path, params)[0])


def rendered(port, target, now, span=600, **params):
    """Returns the series of targets as {name: {time: value}}, without nulls."""
    query = [('target', t) for t in (target if isinstance(target, list) else [target])]
    query += [('format', 'json'), ('noCache', '1'), ('from', now - span), ('until', now), ('now', now)] + list(params.items())
    return {s['target']: {t: v for v, t in s['datapoints'] if v is not None} for s in get_json(port, '/render', query)}


def found(port, query):
    """Returns the result of a find: {(path, is leaf)}."""
    return {(n['path'], n['is_leaf']) for n in get_json(port, '/metrics/find', [('query', query), ('format', 'json')]) if not n['path'].startswith('_tagged')}


class GraphiteWeb:
    """Debian's graphite-web in a separate process, with whisper files and cluster servers."""

    def __init__(self, servers=(), files=None):
        self.dir = tempfile.mkdtemp(prefix='interop-web-')
        os.mkdir(self.dir + '/whisper')
        for metric, points in (files or {}).items():
            path = os.path.join(self.dir, 'whisper', metric.replace('.', '/') + '.wsp')
            os.makedirs(os.path.dirname(path), exist_ok=True)
            whisper.create(path, [(10, 8640), (60, 10080)], xFilesFactor=0)
            whisper.update_many(path, list(points.items()))
        with open(self.dir + '/interop_settings.py', 'w') as f:
            f.write(SETTINGS % {'dir': self.dir, 'servers': list(servers)})
        self.port = free_port()
        self.log = open(self.dir + '/log', 'w')
        env = dict(os.environ, SETTINGS_DIR=self.dir, GRAPHITE_SETTINGS_MODULE='interop_settings', PYTHONWARNINGS='ignore')
        self.proc = subprocess.Popen([sys.executable, '-c', GRAPHITE_WEB, str(self.port)], stdout=self.log, stderr=self.log, env=env, cwd=self.dir)
        until('graphite-web listens', self.listens, 60)

    def listens(self):
        check(self.proc.poll() is None, 'graphite-web ended: %s', open(self.log.name).read()[-2000:])
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
            return True
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proc.kill()
        self.proc.wait()
        self.log.close()
        shutil.rmtree(self.dir)


def points(rnd, now, missing=0.3):
    return {now - 10 * k: round(rnd.uniform(-1000, 1000), 3) for k in range(60) if rnd.random() >= missing}


def send(g, series):
    """Sends series to a graphited and waits until they can be read."""
    g.send('line', ''.join('%s %r %d\n' % (m, v, t) for m, p in series.items() for t, v in sorted(p.items())).encode())
    now = max(t for p in series.values() for t in p)
    until('all received', lambda: sum(map(len, rendered(g.ports['http'], list(series), now).values())) == sum(len([t for t in p if t > now - 600]) for p in series.values()))


def two_nodes(now, seed):
    """Returns three sets of series: of the first node, of the second, and of both with different gaps."""
    rnd = random.Random(seed)
    one = {'one.m%d' % i: points(rnd, now) for i in range(10)}
    two = {'two.x.m%d' % i: points(rnd, now) for i in range(10)}
    both = ['both.m%d' % i for i in range(10)]
    one.update({m: points(rnd, now) for m in both})
    two.update({m: points(rnd, now) for m in both})
    two.update({'one.only_here': points(rnd, now)})
    for m in both:  # both ends have points, so that nodes agree on the shape
        one[m][now] = 1.0
    return one, two


def merged(*nodes):
    """Returns what a front must return: the first node's value, or the next one's if there is none."""
    out = {}
    for series in nodes:
        for m, p in series.items():
            for t, v in p.items():
                out.setdefault(m, {}).setdefault(t, v)
    return out


def below(series, pattern):
    """Returns what a find of a pattern in which only * is special must return."""
    depth = pattern.count('.') + 1
    out = set()
    for m in series:
        parts = m.split('.')
        if len(parts) >= depth and all(w in ('*', p) for w, p in zip(pattern.split('.'), parts)):
            out.add(('.'.join(parts[:depth]), len(parts) == depth))
    return out


FINDS = ['*', 'one.*', 'two.*', 'two.*.*', 'both.*', '*.*', 'none.*']
RENDERS = ['one.*', '*.*', 'two.x.m3', 'both.m*', 'sumSeries(one.*)', 'aliasByNode(both.*,1)', 'none.*']


def graphite_web_in_front():
    """graphite-web with two graphited in CLUSTER_SERVERS finds and renders exactly their series, with pickle and with msgpack."""
    now = int(time.time()) // 10 * 10
    one, two = two_nodes(now, 1)
    want = merged(one, two)
    with graphited() as a, graphited() as b:
        send(a, one)
        send(b, two)
        tagged = {'disk;host=a': {now: 1.5}, 'disk;host=b': {now: 2.5}}
        a.send('line', b'disk;host=a 1.5 %d\n' % now)
        b.send('line', b'disk;host=b 2.5 %d\n' % now)
        hosts = ['127.0.0.1:%d' % g.ports['http'] for g in (a, b)]
        for format in ('', '?format=pickle&local=1', '?format=msgpack'):
            with GraphiteWeb([h + format for h in hosts]) as web:
                for query in FINDS:
                    got = found(web.port, query)
                    check(got == below(want, query), '%s, find %s: %r, want %r', format, query, got, below(want, query))
                for pattern in ('one.*', 'two.x.*'):
                    got = rendered(web.port, pattern, now)
                    wanted = {m: {t: v for t, v in p.items() if t > now - 600} for m, p in want.items() if m.startswith(pattern[:-1])}
                    check(got == wanted, '%s, render %s: %r, want %r', format, pattern, got, wanted)
                got = rendered(web.port, 'both.*', now)
                for m, p in got.items():
                    for t in set(one[m]) | set(two[m]):
                        check(t <= now - 600 or p.get(t) in (one[m].get(t), two[m].get(t)), '%s, %s at %d: %r', format, m, t, p.get(t))
                got = until('tags', lambda: rendered(web.port, "seriesByTag('name=disk')", now))
                check(got == tagged, '%s, tagged: %r', format, got)
                got = get_json(web.port, '/tags/autoComplete/values', [('tag', 'host'), ('expr', 'name=disk')])
                check(got == ['a', 'b'], '%s, values of a tag: %r', format, got)
                got = get_json(web.port, '/metrics/index.json', [])
                check([m for m in got if not m.startswith('_tagged.')] == sorted(want), '%s, index: %r', format, got)


def graphited_in_front():
    """graphited in front of two graphited and a graphite-web returns the same as graphite-web in front of them, and as a merge computed here."""
    now = int(time.time()) // 10 * 10
    one, two = two_nodes(now, 2)
    rnd = random.Random(3)
    files = {'both.m%d' % i: points(rnd, now) for i in range(5, 15)}
    files.update({'web.deep.er.m1': points(rnd, now)})
    for m in files:
        files[m][now] = 3.0
    want = merged(one, two, files)
    with graphited() as a, graphited() as b, GraphiteWeb(files=files) as web:
        send(a, one)
        send(b, two)
        for format in ('', '?format=msgpack'):
            servers = ['127.0.0.1:%d%s' % (p, format) for p in (a.ports['http'], b.ports['http'], web.port)]
            with graphited(web='CLUSTER_SERVERS = %s\nFIND_TIMEOUT = 60\nFETCH_TIMEOUT = 60' % ', '.join(servers)) as front, GraphiteWeb(servers) as theirs:
                port = front.ports['http']
                for query in FINDS + ['web.*', 'web.*.*']:
                    got, their = found(port, query), found(theirs.port, query)
                    check(got == below(want, query) == their, '%s, find %s: %r, want %r, graphite-web %r', format, query, got, below(want, query), their)
                got = rendered(port, ['*.*', '*.*.*', 'web.deep.er.*'], now)
                wanted = {m: {t: v for t, v in p.items() if t > now - 600} for m, p in want.items()}
                check(got == wanted, '%s, render: %r', format, {m: (got.get(m), wanted[m]) for m in wanted if got.get(m) != wanted[m]})
                for target in RENDERS + ['web.deep.er.*']:
                    if 'both' not in target and '*.*' not in target:  # in graphite-web chance decides which node is first
                        got, their = rendered(port, target, now), rendered(theirs.port, target, now)
                        check(got == their, '%s, render %s: %r, graphite-web %r', format, target, got, their)
                body, headers = get(port, '/render', [('target', 'one.*'), ('format', 'json')])
                check('X-Graphited-Warning' not in headers, 'a warning: %r', headers)
        b.stop()
        with graphited(web='CLUSTER_SERVERS = %s\nFETCH_TIMEOUT = 60' % ', '.join(servers)) as front:
            body, headers = get(front.ports['http'], '/render', [('target', 'one.*'), ('format', 'json')])
            check(str(b.ports['http']) in headers.get('X-Graphited-Warning', ''), 'no warning about the stopped node: %r', headers)
            check({s['target'] for s in json.loads(body)} == {m for m in one if m.startswith('one.')}, 'the rest: %s', body[:500])


def consistent_hash():
    """carbon-c-relay with carbon_ch over two graphited: each metric is on exactly one of them with all of its points, and a front finds all."""
    with graphited() as a, graphited() as b:
        rules = 'cluster two carbon_ch 127.0.0.1:%d=a 127.0.0.1:%d=b;\nmatch * send to two;\n' % (a.ports['line'], b.ports['line'])
        with interop.relay(a.dir, rules) as s:
            now = int(time.time()) // 10 * 10
            names = ['ch.g%d.m%d' % (i % 7, i) for i in range(1000)]
            for k in range(5, -1, -1):
                s.sendall(''.join('%s %d %d\n' % (m, i + k, now - 10 * k) for i, m in enumerate(names)).encode())
            s.close()
            want = {m: {now - 10 * k: float(i + k) for k in range(6)} for i, m in enumerate(names)}
            have = lambda: [rendered(g.ports['http'], 'ch.*.*', now) for g in (a, b)]
            until('all received', lambda: sum(len(p) for n in have() for p in n.values()) >= 6000, 60)
            one, two = have()
            check(not set(one) & set(two), 'on both: %r', sorted(set(one) & set(two))[:10])
            check({**one, **two} == want, 'the points differ')
            check(len(one) > 100 and len(two) > 100, 'unevenly distributed: %d and %d', len(one), len(two))
        with graphited(web='CLUSTER_SERVERS = ["127.0.0.1:%d", "127.0.0.1:%d"]\nFETCH_TIMEOUT = 60' % (a.ports['http'], b.ports['http'])) as front:
            check(rendered(front.ports['http'], 'ch.*.*', now) == want, 'the points of the front differ')


CHECKS = [graphite_web_in_front, graphited_in_front, consistent_hash]


if __name__ == '__main__':
    interop.BIN = os.path.abspath(sys.argv[1])
    wanted = chosen(CHECKS, sys.argv[2:])
    with concurrent.futures.ThreadPoolExecutor(len(wanted)) as pool:
        sys.exit(0 if all(list(pool.map(passes, wanted))) else 1)
