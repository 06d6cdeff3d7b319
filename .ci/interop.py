#!/usr/bin/python3
"""Compares graphited with the real programs: Python's pickle and whisper, carbon-cache, graphite-web with graphited's files, carbon-c-relay and collectd.

usage: interop.py GRAPHITED [NAME...]     (names of checks, default all)

Needs Debian's graphite-carbon, graphite-web, python3-whisper, carbon-c-relay and collectd-core. It uses free ports of the loopback interface.
It prints a line for each check. The exit status is 1 if one failed.
"""
import contextlib
import json
import os
import pickle
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from checks import Failed, begin, check, chosen, free_port, passes

if __name__ == '__main__':
    begin(__doc__)

import whisper

CONF = """[cache]
LOCAL_DATA_DIR = {dir}/whisper
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {line}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {query}
CARBON_METRIC_INTERVAL = 0
ENABLE_TAGS = False
LOG_UPDATES = False
LOG_CREATES = False
{extra}
[web]
HTTP_INTERFACE = 127.0.0.1
HTTP_PORT = {http}
{web}
"""
SCHEMAS = """[fine]
pattern = ^fine\\.
retentions = 1s:1h,10s:6h,1m:1d
[default]
pattern = .*
retentions = 10s:1h,1m:1d,10m:7d
"""
AGGREGATION = """[sum]
pattern = \\.count$
xFilesFactor = 0
aggregationMethod = sum
[max]
pattern = \\.max$
xFilesFactor = 0.1
aggregationMethod = max
"""


def until(what, cond, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        v = cond()
        if v:
            return v
        time.sleep(0.05)
    raise Failed('%s: not within %d s' % (what, seconds))


class Carbon:
    """A configuration folder with ports, and the process that serves it: graphited or Debian's carbon-cache."""

    def __init__(self, command, extra='', section='cache', files=(), listens=('line', 'pickle', 'query'), web=''):
        self.dir = tempfile.mkdtemp(prefix='interop-')
        self.listens = listens
        self.ports = {p: free_port() for p in ('line', 'pickle', 'query', 'http')}
        conf = CONF.format(dir=self.dir, extra=extra, web=web, **self.ports).replace('[cache]', '[%s]' % section)
        for name, text in (('carbon.conf', conf), ('storage-schemas.conf', SCHEMAS), ('storage-aggregation.conf', AGGREGATION)) + tuple(files):
            with open(os.path.join(self.dir, name), 'w') as f:
                f.write(text)
        self.log = open(os.path.join(self.dir, 'log'), 'w')
        self.command = command
        self.start()

    def start(self):
        env = dict(os.environ, GRAPHITE_ROOT=self.dir, GRAPHITE_CONF_DIR=self.dir, GRAPHITE_STORAGE_DIR=self.dir)
        self.proc = subprocess.Popen([a.format(dir=self.dir) for a in self.command], stdout=self.log, stderr=self.log, env=env, cwd=self.dir)
        for p in self.listens:
            until('port of ' + self.command[0], lambda: self.connects(p))

    def connects(self, port):
        check(self.proc.poll() is None, 'the server ended: %s', open(self.log.name).read()[-2000:])
        try:
            self.connect(port).close()
            return True
        except OSError:
            return False

    def connect(self, port):
        return socket.create_connection(('127.0.0.1', self.ports[port]), 10)

    def send(self, port, data):
        with self.connect(port) as s:
            s.sendall(data)

    def send_pickle(self, points, protocol):
        body = pickle.dumps(points, protocol)
        self.send('pickle', struct.pack('!I', len(body)) + body)

    def query(self, request, protocol=2):
        with self.connect('query') as s:
            body = pickle.dumps(request, protocol)
            s.sendall(struct.pack('!I', len(body)) + body)
            return self.read_reply(s)

    @staticmethod
    def read_reply(s):
        f = s.makefile('rb')
        n, = struct.unpack('!I', f.read(4))
        return pickle.loads(f.read(n))

    def get(self, path, **params):
        url = 'http://127.0.0.1:%d%s?%s' % (self.ports['http'], path, urllib.parse.urlencode(params))
        return json.load(urllib.request.urlopen(url, timeout=10))

    def file(self, metric):
        return os.path.join(self.dir, 'whisper', metric.replace('.', '/') + '.wsp')

    def points(self, metric, archive=0):
        """Returns all points in an archive of a file, as Python's whisper reads them."""
        path = self.file(metric)
        if not os.path.exists(path):
            return {}
        info = whisper.info(path)['archives'][archive]
        now = int(time.time())
        fetched = whisper.fetch(path, now - info['retention'] + info['secondsPerPoint'], now + info['secondsPerPoint'], now + info['secondsPerPoint'], info['secondsPerPoint'])
        (start, end, step), values = fetched
        return {t: v for t, v in zip(range(start, end, step), values) if v is not None}

    def files(self):
        root = os.path.join(self.dir, 'whisper')
        return sorted(os.path.relpath(os.path.join(d, f), root) for d, _, names in os.walk(root) for f in names if f.endswith('.wsp'))

    def stop(self):
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
        try:
            return self.proc.wait(60)
        finally:
            self.proc.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self.log.close()
            shutil.rmtree(self.dir)


def graphited(extra='', files=(), web=''):
    return Carbon([BIN, '--config', '{dir}/carbon.conf', '--log-format', 'json'], extra, files=files, listens=('line', 'pickle', 'query', 'http'), web=web)


def python_pickles():
    """Python's pickle module, protocols 0 to 5: Python's whisper finds every point in its series' file."""
    with graphited() as g:
        now = int(time.time()) // 10 * 10
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            points = [('p%d.m%d' % (protocol, i), (now - 10 * k, i + k / 4)) for i in range(50) for k in range(6)]
            g.send_pickle(points[:150], protocol)
            g.send_pickle([list(map(lambda x: x if isinstance(x, str) else list(x), p)) for p in points[150:]], protocol)
        until('in the cache or in files', lambda: len(g.get('/metrics/find', query='p5.*', format='json')) == 50)
        check(g.stop() == 0, 'exit status after SIGTERM')
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for i in range(50):
                want = {now - 10 * k: i + k / 4 for k in range(6)}
                got = g.points('p%d.m%d' % (protocol, i))
                check(got == want, 'protocol %d, metric %d: %r, want %r', protocol, i, got, want)


def lines_and_files():
    """Lines in pieces over several connections: Python's whisper finds exactly the points that were sent, and render returns them before and after they are written."""
    with graphited() as g:
        now = int(time.time()) // 10 * 10
        rnd = random.Random(1)
        want = {'l%d.x%d' % (i % 7, i): {now - 10 * k: round(rnd.uniform(-1e6, 1e6), 3) for k in range(60)} for i in range(100)}
        socks = [g.connect('line') for _ in range(3)]
        for k in range(59, -1, -1):
            for n, s in enumerate(socks):
                data = ''.join('%s %r %d\n' % (m, p[now - 10 * k], now - 10 * k) for i, (m, p) in enumerate(want.items()) if i % 3 == n).encode()
                cut = rnd.randrange(len(data))
                s.sendall(data[:cut])
                s.sendall(data[cut:])
        for s in socks:
            s.close()
        newest = lambda: all(d['datapoints'][-1][0] is not None for d in g.get('/render', target='l*.x*', format='json', **{'from': now - 600, 'until': now, 'now': now}))
        until('all received', newest)
        for d in g.get('/render', target='l*.x*', format='json', **{'from': now - 600, 'until': now, 'now': now}):
            got = {t: v for v, t in d['datapoints']}
            check(got == want[d['target']], '%s over HTTP: %r', d['target'], got)
        check(g.stop() == 0, 'exit status after SIGTERM')
        for m, p in want.items():
            check(g.points(m) == p, '%s in its file: %r', m, g.points(m))
        check(len(g.files()) == len(want), '%d files for %d metrics', len(g.files()), len(want))


def beside_carbon_cache():
    """The same stream with bad lines, sent to Debian's carbon-cache and graphited, gives the same files with the same values in every archive."""
    now = int(time.time()) // 600 * 600
    rnd = random.Random(2)
    out = []
    for i in range(400):
        name = rnd.choice(['fine.a%d', 'b%d.count', 'c.d%d.max', 'e%d']) % (i % 40)
        t = now - rnd.choice([0, 1, 5, 60, 600, 3600, 7200, 86400, 400000, 700000]) - rnd.randrange(50)
        out.append('%s %s %s' % (name, rnd.choice(['1', '2.5', '-3', '1e3', '1_0', '.5', '7.']), rnd.choice(['%d', '%d.75', ' %d']) % t))
    out += ['bad.line 1', 'bad.value x %d' % now, 'four fields here %d' % now, 'nan.x nan %d' % now, 'tab.x\t4\t%d' % now, 'cr.x 5 %d\r' % now, 'now.x 6 -1', '  blank.x   7   %d  ' % now, 'inf.x inf %d' % now]
    data = '\n'.join(out).encode() + b'\n'
    done = lambda c: lambda: os.path.exists(c.file('last.one'))
    with Carbon(['/usr/bin/carbon-cache', '--nodaemon', '--config={dir}/carbon.conf', '--pidfile={dir}/pid', 'start']) as c, graphited() as g:
        for s in (c, g):
            s.send('line', data)
            s.send_pickle([('p.x%d' % i, (now - 10 * i, i)) for i in range(100)] + [('p.now', (-1, 1)), ('p.nan', (now, float('nan'))), ('p.text', (str(now), '2.5'))], 2)
            time.sleep(0.5)
            s.send('line', b'last.one 1 %d\n' % now)
            until('all written', done(s))
            s.stop()
        check(c.files() == g.files(), 'files differ: %s', sorted(set(c.files()) ^ set(g.files())))
        check(len(g.files()) > 100, 'only %d files', len(g.files()))
        for f in g.files():
            metric = f[:-4].replace('/', '.')
            if metric in ('now.x', 'p.now'):
                check(len(g.points(metric)) == 1, '%s: %r', metric, g.points(metric))
                continue
            for a in range(3):
                check(repr(c.points(metric, a)) == repr(g.points(metric, a)), '%s, archive %d: carbon-cache %r, graphited %r', metric, a, c.points(metric, a), g.points(metric, a))
            ours, theirs = whisper.info(g.file(metric)), whisper.info(c.file(metric))
            check(ours == theirs, '%s: header %r, carbon-cache %r', metric, ours, theirs)


NAME_FILES = (
    ('aggregation-rules.conf', ''),
    ('blacklist.conf', '# never these\n^tmp\\.\n;debug=(1|true)(;|$)\n(\n'),
    ('whitelist.conf', '^(app|tmp|old|web|disk|cpu)\\b\n^fine\\.(?!not)\n'),
    ('rewrite-rules.conf', '[pre]\n^old\\. = app.\n(\\w+)\\.(\\w+)\\.swap$ = \\2.\\1.swap\n^web(?P<n>\\d+) = web.n\\g<n>\n[post]\n_+ = -\n;rack.\\d+ =\n'),
)


def names_beside_carbon():
    """Filters, rewrite rules and tags: the same accepted and refused names, sent to Debian's carbon-aggregator-cache and graphited, give the same files with the same points."""
    now = int(time.time()) // 60 * 60
    rnd = random.Random(3)
    names = ['app.a%d', 'tmp.x%d', 'old.b%d.count', 'web%d.cpu_load__avg', 'app.n%d.swap', 'fine.a%d', 'fine.not%d', 'other.c%d', 'disk;b=%d;a=1', 'disk;a=1;b=%d', 'disk;host=h%d;debug=1', 'cpu;rack=%d;host=z;az=1',
             'cpu{{host="h%d",az="q"}}'.replace('{{', '{').replace('}}', '}'), 'disk;b=%d;a=2;a=3', 'app_one.x%d', 'app.größe%d']
    out = ['%s %d %d' % (rnd.choice(names) % rnd.randrange(8), i, now - 60 * rnd.randrange(50)) for i in range(3000)]
    data = '\n'.join(out).encode() + b'\n'
    last = 'app.last'
    extra = 'USE_WHITELIST = True\nAGGREGATION_RULES = aggregation-rules.conf\nDESTINATIONS = 127.0.0.1:1:a\n'
    command = ['/usr/bin/carbon-aggregator-cache', '--nodaemon', '--config={dir}/carbon.conf', '--pidfile={dir}/pid', 'start']
    with Carbon(command, extra, 'aggregator-cache', NAME_FILES) as c, graphited(extra, NAME_FILES) as g:
        for s in (c, g):
            s.send('line', data)
            s.send_pickle([('old.p%d' % i, (now - 60 * i, i)) for i in range(10)] + [('tmp.p', (now, 1)), ('disk;z=1;b=2', (now, 2))], 2)
            time.sleep(0.5)
            s.send('line', b'%s 1 %d\n' % (last.encode(), now))
            until('all written', lambda: os.path.exists(s.file(last)))
            s.stop()
        check(c.files() == g.files(), 'files differ: %s', sorted(set(c.files()) ^ set(g.files())))
        check(len(g.files()) > 60 and any(f.startswith('_tagged') for f in g.files()), 'only %d files', len(g.files()))
        for f in g.files():
            metric = f[:-4].replace('/', '.')
            check(c.points(metric) == g.points(metric), '%s: carbon %r, graphited %r', metric, c.points(metric), g.points(metric))


def cache_queries():
    """graphite-web's requests to the cache query port return points that are in no file yet."""
    with graphited() as g:
        now = int(time.time())
        g.send('line', b'q.a 1 %d\nq.a 2 %d\nq.a 3 %d\nq.b 4 %d\n' % (now - 10, now, now, now))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            check(g.query({'type': 'cache-query', 'metric': 'q.none'}, protocol) == {'datapoints': []}, 'an unknown metric')
        until('received', lambda: g.get('/metrics/find', query='q.b', format='json'))
        reply = g.query({'type': 'cache-query-bulk', 'metrics': ['q.a', 'q.b']})
        check(set(reply) == {'datapointsByMetric'}, 'bulk reply %r', reply)
        check('error' in g.query({'type': 'nonsense'}), 'an unknown request type')
        with g.connect('query') as s:
            s.sendall(struct.pack('!I', 3) + b'xyz')
            check(s.recv(1) == b'', 'a broken pickle must close the connection')
        seen = set()
        for i in range(2000):
            t = now + 20 + i
            with g.connect('line') as s:
                s.sendall(b'q.c %d %d\n' % (i, t))
            for ts, v in g.query({'type': 'cache-query', 'metric': 'q.c'})['datapoints']:
                check(ts == now + 20 + v, 'point (%r, %r)', ts, v)
                seen.add(ts)
            if seen:
                break
        check(seen, 'no point was ever seen in the cache')


def graphite_web():
    """Debian's graphite-web with graphited's files shows the points that only port 7002 has, one series at a time and in bulk."""
    with graphited('WRITE_DELAY = 0') as g:
        now = int(time.time()) // 10 * 10
        old = {'web.m%d' % i: {now - 10 * k: float(i + k) for k in range(10, 20)} for i in range(20)}
        new = {'web.m%d' % i: {now - 10 * k: float(i + k) for k in range(10)} for i in range(20)}
        lines = lambda points: ''.join('%s %r %d\n' % (m, v, t) for m, p in points.items() for t, v in p.items()).encode()
        g.send('line', lines(old))
        until('the old points are in the files', lambda: all(g.points(m) == p for m, p in old.items()))
        check(g.stop() == 0, 'exit status after SIGTERM')
        conf = os.path.join(g.dir, 'carbon.conf')
        with open(conf) as f:
            text = f.read().replace('WRITE_DELAY = 0', 'WRITE_DELAY = 1h')
        with open(conf, 'w') as f:
            f.write(text)
        g.start()
        g.send('line', lines(new))
        until('the new points are received', lambda: len(g.query({'type': 'cache-query', 'metric': 'web.m19'})['datapoints']) == 10)
        window = '&from=%d&until=%d' % (now - 200, now)
        out = subprocess.run(['/usr/bin/python3', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'graphite_web.py'), g.dir, str(g.ports['query']), 'target=web.m7' + window, 'target=web.m*' + window],
                             capture_output=True, text=True)
        check(out.returncode == 0, 'graphite-web: %s', (out.stdout + out.stderr)[-3000:])
        one, all_ = map(json.loads, out.stdout.splitlines())
        check(len(one) == 1 and len(all_) == 20, '%d and %d series', len(one), len(all_))
        for series in one + all_:
            got = {t: v for v, t in series['datapoints'] if v is not None}
            m = series['target']
            check(got == {**old[m], **new[m]}, '%s: %r', m, got)
            check(g.points(m) == old[m], '%s: the new points are in the file already', m)


@contextlib.contextmanager
def relay(folder, rules):
    """Runs carbon-c-relay with these rules and yields a connection to it."""
    port, conf = free_port(), os.path.join(folder, 'relay.conf')
    with open(conf, 'w') as f:
        f.write(rules)
    p = subprocess.Popen(['carbon-c-relay', '-f', conf, '-p', str(port), '-s'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def listening():
            try:
                return socket.create_connection(('127.0.0.1', port), 1)
            except OSError:
                return None
        yield until('the relay listens', listening)
    finally:
        p.terminate()
        p.wait(10)


def c_relay():
    """carbon-c-relay in front of graphited forwards all points."""
    with graphited() as g, relay(g.dir, 'cluster one forward 127.0.0.1:%d proto tcp;\nmatch * send to one;\n' % g.ports['line']) as s:
        now = int(time.time()) // 10 * 10
        for k in range(5, -1, -1):
            s.sendall(b''.join(b'relayed.m%d %d %d\n' % (i, i * k, now - 10 * k) for i in range(500)))
        s.close()
        want = lambda i: {now - 10 * k: float(i * k) for k in range(6)}
        until('relayed and written', lambda: g.points('relayed.m499') == want(499))
        until('all written', lambda: all(g.points('relayed.m%d' % i) == want(i) for i in range(500)))


def collectd():
    """collectd's write_graphite plugin sends for 30 s; its load and memory metrics render."""
    with graphited() as g:
        conf = os.path.join(g.dir, 'collectd.conf')
        with open(conf, 'w') as f:
            f.write('''Hostname "box"
FQDNLookup false
BaseDir "%s"
PIDFile "%s/collectd.pid"
Interval 1
LoadPlugin load
LoadPlugin memory
LoadPlugin write_graphite
<Plugin write_graphite>
  <Node "g">
    Host "127.0.0.1"
    Port "%d"
    Protocol "tcp"
    Prefix "fine."
  </Node>
</Plugin>
''' % (g.dir, g.dir, g.ports['line']))
        p = subprocess.Popen(['/usr/sbin/collectd', '-f', '-C', conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            start = time.time()
            time.sleep(30)
        finally:
            p.terminate()
            p.wait(20)
        found = [m['path'] for m in g.get('/metrics/find', query='fine.box.load.load.*', format='json')]
        check(found == ['fine.box.load.load.longterm', 'fine.box.load.load.midterm', 'fine.box.load.load.shortterm'], 'found %r', found)
        for target in found + ['sumSeries(fine.box.memory.memory-*)']:
            series, = g.get('/render', target=target, format='json', noNullPoints=1, **{'from': int(start)})
            check(len(series['datapoints']) >= 20, '%s: %d points in 30 s', target, len(series['datapoints']))


CHECKS = [python_pickles, lines_and_files, beside_carbon_cache, names_beside_carbon, cache_queries, graphite_web, c_relay, collectd]

if __name__ == '__main__':
    BIN = os.path.abspath(sys.argv[1])
    sys.exit(0 if all([passes(c) for c in chosen(CHECKS, sys.argv[2:])]) else 1)
