"""Functions that durability.py and faults.py share: running a graphited, sending points whose values follow from series and time, and making file systems to break.

A point counts as received when the counter in /prometheus includes it, or when /api/ingest has acknowledged it.
"""
import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

from checks import Failed, Skipped, begin, check, chosen, free_port, passes

CONF = """[cache]
LOCAL_DATA_DIR = {data}
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {line}
PICKLE_RECEIVER_PORT = 0
CACHE_QUERY_PORT = 0
CARBON_METRIC_INTERVAL = 0
LOG_UPDATES = False
LOG_CREATES = False
LOG_LISTENER_CONN_SUCCESS = False
{extra}
[web]
HTTP_INTERFACE = 127.0.0.1
HTTP_PORT = {http}
{web}
"""
FULL = False  # run the checks as often and as long as promised
BIN = None


def limit(n):
    """Returns a limit of time: as promised with --full, otherwise longer because the machine may be busy."""
    return n if FULL else 3 * n


def until(what, cond, seconds=60):
    """Waits for a condition and returns the seconds it took."""
    start = time.time()
    while not cond():
        if time.time() - start > seconds:
            raise Failed('%s: not within %d s' % (what, seconds))
        time.sleep(0.02)
    return time.time() - start


def run(*command):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode:
        raise OSError('%s: %s' % (' '.join(command), p.stdout.decode().strip()))


class Server:
    """graphited with its own folder. Its data may be in another one."""

    def __init__(self, retention, extra='MAX_UPDATES_PER_SECOND = inf', data=None, web='', prefix=()):
        self.dir = tempfile.mkdtemp(prefix='durability-')
        self.data = data or os.path.join(self.dir, 'data')
        self.ports = {'line': free_port(), 'http': free_port()}
        self.prefix = list(prefix)
        conf = CONF.format(data=self.data, extra=extra, web=web, **self.ports)
        for name, text in (('carbon.conf', conf), ('storage-schemas.conf', '[all]\npattern = .*\nretentions = %s\n' % retention),
                           ('storage-aggregation.conf', '[all]\npattern = .*\nxFilesFactor = 0\naggregationMethod = last\n')):
            with open(os.path.join(self.dir, name), 'w') as f:
                f.write(text)
        self.log = open(os.path.join(self.dir, 'log'), 'w+')
        self.proc = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.proc and self.proc.poll() is None:
            self.kill()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def spawn(self, *more):
        command = self.prefix + [BIN, '--config', os.path.join(self.dir, 'carbon.conf'), '--log-format', 'json', *more]
        self.proc = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=self.dir)

    def start(self, *more):
        """Starts the server, waits until it is ready and returns the seconds it took."""
        self.spawn(*more)
        return until('the start', self.ready, 300)

    def ready(self):
        check(self.proc.poll() is None, 'the server ended with %s: %s', self.proc.returncode, self.lines()[-3:])
        try:
            return self.ask('/ready')[0] == 200
        except OSError:
            return False

    def kill(self):
        self.proc.kill()
        self.proc.wait()

    def stop(self, limit=60):
        """Shuts the server down and returns the seconds it took."""
        start = time.time()
        self.proc.send_signal(signal.SIGTERM)
        code = self.proc.wait(limit)
        check(code == 0, 'exit status %s after SIGTERM: %s', code, self.lines()[-3:])
        return time.time() - start

    def lines(self):
        with open(self.log.name) as f:
            return [l for l in f.read().splitlines() if l]

    def troubles(self):
        """Returns the log lines about errors and about the end of errors."""
        return [l for l in self.lines() if '"level":"debug"' not in l and 'listen' not in l and '"message":"ready"' not in l]

    def ask(self, path, body=None, timeout=60):
        c = http.client.HTTPConnection('127.0.0.1', self.ports['http'], timeout=timeout)
        try:
            c.request('POST' if body is not None else 'GET', path, body, {'Content-Type': 'text/plain'} if body is not None else {})
            r = c.getresponse()
            return r.status, r.read()
        except http.client.HTTPException as e:
            raise OSError(str(e))
        finally:
            c.close()

    def number(self, name):
        for line in self.ask('/prometheus')[1].decode().splitlines():
            if line.startswith(name + ' '):
                return float(line.split()[1])
        raise Failed('no %s in /prometheus' % name)

    def received(self):
        return int(self.number('graphited_points_received_total'))

    def health(self):
        status, body = self.ask('/health')
        return status, {c['name']: (c['ok'], c['detail']) for c in json.loads(body)['checks']}

    def well(self):
        return self.health()[0] == 200

    def connect(self):
        return socket.create_connection(('127.0.0.1', self.ports['line']), 30)

    def send(self, text):
        with self.connect() as s:
            s.sendall(text.encode())

    def points(self, target, start, end):
        """Returns the points from start to end (inclusive) of the matching series: {name: {time: value}}."""
        q = urllib.parse.urlencode({'target': target, 'format': 'json', 'noNullPoints': 1, 'from': start - 1, 'until': end, 'noCache': 1})
        status, body = self.ask('/render?' + q)
        check(status == 200, 'render %s: status %d: %s', target, status, body[:200])
        return {s['target']: {t: v for v, t in s['datapoints']} for s in json.loads(body)}


def value(i, t):
    return (i * 31 + t * 7) % 100003


class Stream:
    """Sends a line for every series and every second of a simulated time over one connection, so that the n-th point received is the n-th sent."""

    def __init__(self, series, start):
        self.series, self.start, self.at = series, start, start
        self.names = ['k.s%d' % i for i in range(series)]

    def tick(self):
        t = self.at
        self.at += 1
        return ''.join('%s %d %d\n' % (n, value(i, t), t) for i, n in enumerate(self.names)).encode()

    def run(self, s, rate, seconds, each=lambda: None):
        """Sends rate points per second until the time is over or the connection breaks."""
        begin = time.time()
        for n in range(int(seconds * rate / self.series)):
            late = begin + n * self.series / rate - time.time()
            if late > 0:
                time.sleep(late)
            try:
                s.sendall(self.tick())
            except OSError:
                return
            each()

    def compare(self, server, start, counted):
        """Reads all points from start on. Returns how many of the first counted points are lost, and how many points are wrong."""
        lost = wrong = 0
        for at in range(start, self.at, 2000):
            end = min(at + 2000, self.at) - 1
            got = server.points('k.*', at, end)
            for i, name in enumerate(self.names):
                points = got.get(name, {})
                wrong += sum(1 for t, v in points.items() if v != value(i, t) or not self.start <= t < self.at)
                whole = (counted - i + self.series - 1) // self.series  # ticks of this series among the first counted points
                lost += sum(1 for t in range(at, min(end, start + whole - 1) + 1) if t not in points)
        return lost, wrong


    def first_lost(self, server, start, counted):
        """Returns how many counted points precede the first lost one."""
        first = counted
        for at in range(start, self.at, 2000):
            end = min(at + 2000, self.at) - 1
            got = server.points('k.*', at, end)
            for i, name in enumerate(self.names):
                t = next((t for t in range(at, end + 1) if t not in got.get(name, {})), None)
                if t is not None:
                    first = min(first, (t - start) * self.series + i)
        return first


def root():
    if os.geteuid() != 0:
        raise Skipped('needs root to mount a file system')


class Disk:
    """A mounted file system: ext4 in a file, or tmpfs."""

    def __init__(self, kind, options='', size='1G'):
        root()
        self.dir = tempfile.mkdtemp(prefix='durability-disk-')
        self.path = os.path.join(self.dir, 'mnt')
        self.kind, self.options = kind, options
        os.mkdir(self.path)
        try:
            if kind == 'ext4':
                run('truncate', '-s', size, self.dir + '/image')
                run('mkfs.ext4', '-q', '-F', self.dir + '/image')
            self.mount()
        except OSError as e:
            shutil.rmtree(self.dir)
            raise Skipped('cannot mount a file system here: %s' % e)

    def mount(self):
        if self.kind == 'ext4':
            run('mount', '-o', 'loop', self.dir + '/image', self.path)
        else:
            run('mount', '-t', 'tmpfs', '-o', self.options, 'tmpfs', self.path)

    def cut_power(self):
        """Cuts the power: nothing more reaches the disk."""
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, 0x8004587D, struct.pack('I', 2))  # EXT4_IOC_SHUTDOWN, without flushing the journal
        finally:
            os.close(fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for _ in range(50):
            if subprocess.run(['umount', self.path], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
        else:
            subprocess.run(['umount', '-l', self.path])
        shutil.rmtree(self.dir, ignore_errors=True)


def send_all(g, names, t):
    g.send(''.join('%s %d %d\n' % (n, value(i, t), t) for i, n in enumerate(names)))


def compare_all(g, names, times):
    missing = wrong = 0
    got = g.points('k.*', times[0], times[-1])
    for i, n in enumerate(names):
        for t in times:
            v = got.get(n, {}).get(t)
            missing += v is None
            wrong += v is not None and v != value(i, t)
    check(missing == 0 and wrong == 0, '%d of %d points missing, %d wrong', missing, len(names) * len(times), wrong)


def strace(*inject):
    if not shutil.which('strace'):
        raise Skipped('needs strace')
    prefix = ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync,syncfs']
    for i in inject:
        prefix += ['-e', 'inject=' + i]
    if subprocess.run(prefix + ['true']).returncode:
        raise Skipped('strace cannot trace here')
    return prefix


def end_traced(g):
    """Also kills the process that strace runs, because strace does not forward SIGKILL."""
    if g.prefix:
        with open('/proc/%d/task/%d/children' % (g.proc.pid, g.proc.pid)) as f:
            for pid in f.read().split():
                os.kill(int(pid), signal.SIGKILL)
        g.proc.wait()


def main(doc, checks):
    """Runs the checks that the command line names, by default all, with --full in full. doc has the usage. Returns the exit status, which is 1 if one failed."""
    global FULL, BIN
    begin(doc)
    args = [a for a in sys.argv[1:] if a != '--full']
    FULL, BIN = len(args) < len(sys.argv) - 1, os.path.abspath(args[0])
    return 0 if all([passes(c) for c in chosen(checks, args[1:])]) else 1
