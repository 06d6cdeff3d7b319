"""Kills graphited, cuts its power, fills and breaks its disk, and holds what is there afterwards against what was sent.

usage: durability.py [--full] GRAPHITED [NAME...]     (names of checks, default all; --full: as often and as long as the project promises, else a short form of it)

A point counts as received when the counter of /prometheus has it, or when /api/ingest has acknowledged it. Every value follows from series and time, so a wrong one is seen.
Needs strace, and root for what mounts a file system; what cannot be done here is skipped with the reason. Prints a line and figures for each check; the exit status is 1 when one failed.
"""
import fcntl
import http.client
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

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
FULL = False


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def check(cond, text, *args):
    if not cond:
        raise Failed(text % args if args else text)


def say(text, *args):
    print('        ' + text % args, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def until(what, cond, seconds=60):
    """Waits for a condition and returns how long that took."""
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
    """graphited with a folder of its own; its data may be elsewhere."""

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
        """Starts and waits until it is ready; returns the seconds that took."""
        self.spawn(*more)
        return until('the start', self.ready, 300)

    def ready(self):
        check(self.proc.poll() is None, 'it ended with %s: %s', self.proc.returncode, self.lines()[-3:])
        try:
            return self.ask('/ready')[0] == 200
        except OSError:
            return False

    def kill(self):
        self.proc.kill()
        self.proc.wait()

    def stop(self, limit=60):
        """Ends it in order; returns the seconds that took."""
        start = time.time()
        self.proc.send_signal(signal.SIGTERM)
        code = self.proc.wait(limit)
        check(code == 0, 'exit status %s after SIGTERM: %s', code, self.lines()[-3:])
        return time.time() - start

    def lines(self):
        with open(self.log.name) as f:
            return [l for l in f.read().splitlines() if l]

    def troubles(self):
        """The lines of the log about what is wrong, and about its end."""
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
        """The points from start to end (inclusive) of the series that match: {name: {time: value}}."""
        q = urllib.parse.urlencode({'target': target, 'format': 'json', 'noNullPoints': 1, 'from': start - 1, 'until': end, 'noCache': 1})
        status, body = self.ask('/render?' + q)
        check(status == 200, 'render %s: status %d: %s', target, status, body[:200])
        return {s['target']: {t: v for v, t in s['datapoints']} for s in json.loads(body)}


def value(i, t):
    return (i * 31 + t * 7) % 100003


class Stream:
    """Lines for a number of series, all of them for each second of a made-up time, in one connection: the n-th point received is the n-th sent."""

    def __init__(self, series, start):
        self.series, self.start, self.at = series, start, start
        self.names = ['k.s%d' % i for i in range(series)]

    def tick(self):
        t = self.at
        self.at += 1
        return ''.join('%s %d %d\n' % (n, value(i, t), t) for i, n in enumerate(self.names)).encode()

    def run(self, s, rate, seconds, each=lambda: None):
        """Sends so many points a second until the time is over or the other side is gone."""
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
        """Reads what there is from start on; returns how many of the first counted points are lost, and how many points are wrong."""
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
        """Returns how many of the counted points there are before the first that is lost."""
        first = counted
        for at in range(start, self.at, 2000):
            end = min(at + 2000, self.at) - 1
            got = server.points('k.*', at, end)
            for i, name in enumerate(self.names):
                t = next((t for t in range(at, end + 1) if t not in got.get(name, {})), None)
                if t is not None:
                    first = min(first, (t - start) * self.series + i)
        return first


SERIES, RATE = 500, 50000


def rounds_of_kills(rounds, longest, extra, kill, before=lambda server: None):
    """Sends and kills again and again. kill ends the process somehow. Every round's points are checked after the start, and all of them in the end."""
    with Server('1s:%ds' % (rounds * int(longest * RATE / SERIES + 5) + 3600), extra) as g:
        stream = Stream(SERIES, int(time.time()) - 60 - rounds * int(longest * RATE / SERIES + 5))
        rnd, total, lost, wrong, starts, slowest, all_rounds = random.Random(5), 0, 0, 0, 0, 0, []
        for _ in range(rounds):
            first, counted = stream.at, 0
            with g.connect() as s:
                sender = threading.Thread(target=stream.run, args=(s, RATE, longest))
                sender.start()
                time.sleep(rnd.uniform(0.1, longest))
                counted = g.received()
                kill(g)
                sender.join()
            before(g)
            slowest = max(slowest, g.start())
            starts += 1
            total += counted
            l, w = stream.compare(g, first, counted)
            lost, wrong = lost + l, wrong + w
            all_rounds.append((first, counted))
        for first, counted in all_rounds[:-1]:
            end, stream.at = stream.at, first + counted // SERIES + 1
            l, w = stream.compare(g, first, counted)
            lost, wrong, stream.at = lost + l, wrong + w, end
        check(lost == 0 and wrong == 0, '%d of %d counted points lost, %d wrong', lost, total, wrong)
        check(total > rounds * SERIES, 'only %d points were counted', total)
        say('%d rounds at %d points a second, %d points counted: 0 lost, 0 wrong; %d of %d starts, the slowest ready after %.2f s', rounds, RATE, total, starts, rounds, slowest)


def kills():
    """SIGKILL at random moments."""
    rounds_of_kills(200 if FULL else 5, 2.5 if FULL else 1.5, 'MAX_UPDATES_PER_SECOND = 300\n', Server.kill)


def kills_in_replay():
    """SIGKILL again while the log is read, at a random moment, some times in a row."""
    rnd, caught = random.Random(7), [0, 0]

    def again(g):
        for _ in range(3):
            g.spawn()
            time.sleep(rnd.uniform(0.005, 0.4))
            try:
                caught[0] += g.ask('/ready', timeout=5)[0] == 503
            except OSError:
                caught[0] += 1
            caught[1] += 1
            g.kill()

    rounds_of_kills(50 if FULL else 3, 2 if FULL else 1.5, 'MAX_UPDATES_PER_SECOND = 20\n', Server.kill, again)
    say('%d of %d further kills came before it was ready', *caught)


def stops():
    """SIGTERM at random moments: in time, in order, nothing lost."""
    longest = [0]

    def stop(g):
        longest[0] = max(longest[0], g.stop())

    rounds_of_kills(200 if FULL else 3, 2 if FULL else 1.5, 'MAX_UPDATES_PER_SECOND = 300\nMAX_UPDATES_PER_SECOND_ON_SHUTDOWN = 300\n', stop)
    check(longest[0] < 10, 'the longest stop took %.1f s', longest[0])
    say('the longest stop took %.2f s', longest[0])


def stop_with_a_million():
    """SIGTERM with a million points in the cache ends within ten seconds and loses nothing; with --drain all is in files, and no log is left."""
    for drain in (False, True):
        with Server('1s:2h', 'MAX_UPDATES_PER_SECOND = 10\n' + ('' if drain else 'MAX_UPDATES_PER_SECOND_ON_SHUTDOWN = 100\n')) as g:
            if drain:
                g.stop()
                g.start('--drain')
            stream, points = Stream(2000, int(time.time()) - 1000), 1000000 if FULL else 100000
            with g.connect() as s:
                for _ in range(points // 2000):
                    s.sendall(stream.tick())
            until('all received', lambda: g.received() == points)
            cached = g.number('graphited_cache_points')
            took = g.stop(120)
            left = [f for f in os.listdir(os.path.join(g.data, '.graphited.wal')) if f.endswith('.wal')]
            if drain:
                check(not left, 'with --drain %s is left', left)
            else:
                check(took < 10, 'it took %.1f s', took)
            ready = g.start()
            lost, wrong = stream.compare(g, stream.start, points)
            check(lost == 0 and wrong == 0, '%d lost, %d wrong', lost, wrong)
            say('%s%d points cached: ended after %.2f s, %d segments left, ready again after %.2f s; 0 lost, 0 wrong', '--drain, ' if drain else '', cached, took, len(left), ready)


def root():
    if os.geteuid() != 0:
        raise Skipped('needs root to mount a file system')


class Disk:
    """A mounted file system of its own: ext4 in a file, or tmpfs."""

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
        """What is not on the disk now will never be."""
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


def power_cuts():
    """The power goes at a random moment: it starts, and what was counted an interval and a sync before is there."""
    rounds, rnd = 50 if FULL else 2, random.Random(11)
    with Disk('ext4') as disk, Server('1s:%ds' % (rounds * 600 + 3600), 'MAX_UPDATES_PER_SECOND = 300\n', data=disk.path + '/data') as g:
        stream, worst, total, wrong = Stream(SERIES, int(time.time()) - 60 - rounds * 600), 0, 0, 0
        for _ in range(rounds):
            first, seen = stream.at, []
            with g.connect() as s:
                sender = threading.Thread(target=stream.run, args=(s, RATE, 5))
                sender.start()
                end = time.time() + rnd.uniform(0.5, 5)
                while time.time() < end:
                    seen.append((time.time(), g.received()))
                    time.sleep(0.02)
                cut = time.time()
                disk.cut_power()
                g.kill()
                sender.join()
            run('umount', disk.path)
            disk.mount()
            g.start()
            total += seen[-1][1]
            kept = stream.first_lost(g, first, seen[-1][1])
            worst = max([worst] + [cut - t for t, n in seen if n > kept])
            wrong += stream.compare(g, first, 0)[1]
        check(wrong == 0, '%d wrong', wrong)
        check(worst < 1.5 + 1, 'points counted %.2f s before the power cut are lost', worst)
        say('%d power cuts, %d points counted: 0 wrong, %d of %d starts; the oldest lost point was counted %.2f s before the cut', rounds, total, rounds, rounds, worst)


def power_cuts_acknowledged():
    """With WAL_SYNC = always nothing is lost that /api/ingest has acknowledged."""
    rounds, rnd, total = 50 if FULL else 2, random.Random(13), 0
    with Disk('ext4') as disk, Server('1s:%ds' % (rounds * 3000 + 3600), 'WAL_SYNC = always\nMAX_UPDATES_PER_SECOND = 300\n', data=disk.path + '/data') as g:
        senders, base = 8, int(time.time()) - 60 - rounds * 3000
        for r in range(rounds):
            acked, stop = [0] * senders, threading.Event()

            def post(k):
                c = http.client.HTTPConnection('127.0.0.1', g.ports['http'], timeout=30)
                for n in range(2900):
                    t = base + r * 3000 + n
                    try:
                        c.request('POST', '/api/ingest', ''.join('k.s%d %d %d\n' % (i, value(i, t), t) for i in range(k * 100, k * 100 + 100)), {'Content-Type': 'text/plain'})
                        answer = c.getresponse()
                        answer.read()
                    except (OSError, http.client.HTTPException):
                        return
                    if answer.status != 204 or stop.is_set():
                        return
                    acked[k] = n + 1

            threads = [threading.Thread(target=post, args=(k,)) for k in range(senders)]
            for t in threads:
                t.start()
            time.sleep(rnd.uniform(0.5, 3))
            stop.set()  # an fdatasync that is under way when the cut begins may return success all the same: a bare loop of write and fdatasync sees that, too
            disk.cut_power()
            g.kill()
            for t in threads:
                t.join()
            run('umount', disk.path)
            disk.mount()
            g.start()
            got = g.points('k.*', base + r * 3000, base + r * 3000 + 2999)
            for k in range(senders):
                for i in range(k * 100, k * 100 + 100):
                    points = got.get('k.s%d' % i, {})
                    missing = [n for n in range(acked[k]) if points.get(base + r * 3000 + n) != value(i, base + r * 3000 + n)]
                    check(not missing, 'round %d: %d acknowledged points of k.s%d are lost or wrong', r, len(missing), i)
            total += 100 * sum(acked)
        check(total > rounds * 1000, 'only %d points were acknowledged', total)
        say('%d power cuts, %d points acknowledged by %d senders: 0 lost', rounds, total, senders)


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


def full_when_creating():
    """A small disk gets full of new files: those that are there go on, /health says so, a handful of log lines, and all is well soon after there is room."""
    fill(Disk('tmpfs', 'size=64m'), 'MIN_FREE_SPACE = 0\n', 'size=512m', 300, 'full, no reserve')
    if FULL:
        fill(Disk('tmpfs', 'size=64m'), '', 'size=512m', 300, 'a reserve')


def out_of_inodes():
    """The same with inodes instead of bytes."""
    fill(Disk('tmpfs', 'size=512m,nr_inodes=200'), 'MIN_FREE_SPACE = 0\n', 'size=512m,nr_inodes=10000', 300, 'inodes out')


def fill(disk, extra, more, series, what):
    with disk, Server('10s:6h,1m:7d,10m:1y', 'MAX_UPDATES_PER_SECOND = inf\n' + extra, data=disk.path + '/data') as g:
        names, now = ['k.s%d' % i for i in range(series)], int(time.time()) // 10 * 10
        send_all(g, names[:20], now - 100)
        until('the first files', lambda: g.number('graphited_creates_total') == 20)
        before = len(g.troubles())
        send_all(g, names, now - 90)
        until('all received', lambda: g.received() == series + 20)
        sick = until('/health says so', lambda: not g.well(), 20)
        files = int(g.number('graphited_creates_total'))
        for k in range(8, 4, -1):
            send_all(g, names, now - 10 * k)
        until('the existing files go on', lambda: g.number('graphited_points_committed_total') >= files * 5)
        time.sleep(60 if FULL else 3)
        check(g.proc.poll() is None, 'it ended')
        bad = [f for d, _, fs in os.walk(g.data) for f in fs if f.endswith('.tmp') or f.endswith('.wsp') and os.path.getsize(os.path.join(d, f)) < 700000]
        check(not bad, 'files that are not whole: %s', bad[:5])
        lines = len(g.troubles()) - before
        check(lines <= 12, '%d lines in the log: %s', lines, g.troubles()[-30:])
        g.kill()
        g.start()
        compare_all(g, names, [now - 10 * k for k in range(9, 4, -1)])
        run('mount', '-o', 'remount,' + more, disk.path)
        healed = until('all files are there', lambda: int(g.number('graphited_cache_points')) == 0 and g.well(), 30)
        check(healed < 10, 'it took %.1f s to recover', healed)
        compare_all(g, names, [now - 10 * k for k in range(9, 4, -1)])
        say('%s: %d of %d files, told by /health after %.1f s, %d lines logged; after kill -9 and start 0 lost; recovered %.1f s after there was room', what, files, series, sick, lines, healed)


def full_when_updating():
    """Sparse files on a disk that gets full of something else: updates fail, nothing is lost, all is written soon after there is room."""
    with Disk('tmpfs', 'size=64m') as disk, Server('1s:6h', 'MAX_UPDATES_PER_SECOND = inf\nWHISPER_SPARSE_CREATE = True\nMIN_FREE_SPACE = 0\n', data=disk.path + '/data') as g:
        names, now = ['k.s%d' % i for i in range(200)], int(time.time())
        send_all(g, names, now - 5000)
        until('the first files', lambda: g.number('graphited_points_committed_total') == 200)
        trouble(g, names, now, lambda: fill_file(disk.path), lambda: os.remove(disk.path + '/filler'), 'full at update')


def fill_file(folder):
    with open(folder + '/filler', 'wb', buffering=0) as f:
        try:
            while f.write(bytes(1 << 16)):
                pass
        except OSError:
            pass


def read_only():
    """The folder is read-only for a while, by a mount laid over it."""
    with Disk('ext4') as disk, Server('1s:6h', 'MAX_UPDATES_PER_SECOND = inf\n', data=disk.path + '/data') as g:
        names, now = ['k.s%d' % i for i in range(200)], int(time.time())
        send_all(g, names, now - 5000)
        until('the first files', lambda: g.number('graphited_points_committed_total') == 200)

        def over():
            run('mount', '--bind', g.data, g.data)
            run('mount', '-o', 'remount,bind,ro', g.data)

        trouble(g, names, now, over, lambda: run('umount', g.data), 'read-only')


def trouble(g, names, now, begin, end, what):
    """Sends while the disk takes nothing, then lets it be well again."""
    before, seconds = len(g.troubles()), 60 if FULL else 5
    begin()
    times = [now - 4000 + 13 * k for k in range(seconds)]
    for t in times:
        send_all(g, names, t)
        time.sleep(1)
    until('all received', lambda: g.received() == len(names) * (seconds + 1))
    status, checks = g.health()
    check(status == 503 and not checks['updates'][0], '/health is %d: %s', status, checks)
    compare_all(g, names, times)
    lines = len(g.troubles()) - before
    check(lines <= 15, '%d lines in the log: %s', lines, g.troubles()[-20:])
    end()
    healed = until('all is written', lambda: int(g.number('graphited_cache_points')) == 0 and g.well(), 30)
    check(healed < 10, 'it took %.1f s to recover', healed)
    compare_all(g, names, times)
    g.kill()
    g.start()
    compare_all(g, names, times)
    say('%s for %d s: alive, %d lines logged, recovered after %.1f s, 0 of %d points lost', what, seconds, lines, healed, len(names) * len(times))


def log_full():
    """The disk of the log is full: points are taken in all the same, counted as not logged, /api/ingest does not acknowledge; all is well soon after there is room."""
    with Disk('tmpfs', 'size=16m') as disk, Server('1s:6h', 'MAX_UPDATES_PER_SECOND = inf\nWAL_DIR = %s/wal\n' % disk.path) as g:
        names, now = ['k.s%d' % i for i in range(200)], int(time.time())
        send_all(g, names, now - 5000)
        until('received', lambda: g.received() == 200)
        before = len(g.troubles())
        fill_file(disk.path)
        times = [now - 4000 + k for k in range(100)]
        for t in times:
            send_all(g, names, t)
        until('all received', lambda: g.received() == 200 * 101)
        missed = g.number('graphited_log_missed_points_total')
        status = g.ask('/api/ingest', ''.join('k.s0 %d %d\n' % (value(0, now - 3000 + k), now - 3000 + k) for k in range(1000)))[0]
        check(missed > 0 and status == 503 and not g.well(), '%d points missed, /api/ingest answers %d, /health %s', missed, status, g.health())
        until('all written', lambda: int(g.number('graphited_cache_points')) == 0)
        os.remove(disk.path + '/filler')

        def works():
            return g.ask('/api/ingest', 'k.s0 %d %d' % (value(0, now - 2999), now - 2999))[0] == 204 and g.well()

        healed = until('the log works', works, 30)
        lines = len(g.troubles()) - before
        check(healed < 10 and lines <= 10, 'recovered after %.1f s, %d lines: %s', healed, lines, g.troubles()[-12:])
        g.kill()
        g.start()
        compare_all(g, names, times)
        say('log full: %d points in memory alone, counted; no acknowledgement meanwhile; recovered after %.1f s, %d lines logged, 0 lost', missed, healed, lines)


def strace(*inject):
    if not shutil.which('strace'):
        raise Skipped('needs strace')
    prefix = ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync,syncfs']
    for i in inject:
        prefix += ['-e', 'inject=' + i]
    if subprocess.run(prefix + ['true']).returncode:
        raise Skipped('strace cannot trace here')
    return prefix


def slow_sync():
    """Every sync of the log takes half a second: the intake does not wait for it."""
    for what, prefix in (('as it is', []), ('each sync delayed by 500 ms', strace('fsync,fdatasync:delay_enter=500000'))):
        with Server('1s:6h', prefix=prefix) as g:
            now, times = int(time.time()), []
            c = http.client.HTTPConnection('127.0.0.1', g.ports['http'], timeout=30)
            end = time.time() + (30 if FULL else 2)
            while time.time() < end:
                t = now - 5000 + len(times) % 4000
                body = ''.join('k.s%d %d %d\n' % (i, value(i, t), t) for i in range(100))
                start = time.time()
                c.request('POST', '/api/ingest', body, {'Content-Type': 'text/plain'})
                check(c.getresponse().read() is not None, '')
                times.append(time.time() - start)
            c.close()
            end_traced(g)
            times.sort()
            p99 = times[len(times) * 99 // 100] * 1000
            say('WAL_SYNC = interval, %s: %d posts of 100 points, p50 %.2f ms, p99 %.2f ms, longest %.1f ms', what, len(times), times[len(times) // 2] * 1000, p99, times[-1] * 1000)
            check(p99 < 50, 'p99 of the intake is %.1f ms', p99)


def end_traced(g):
    """Kills what runs under strace, too: strace passes no SIGKILL on."""
    if g.prefix:
        with open('/proc/%d/task/%d/children' % (g.proc.pid, g.proc.pid)) as f:
            for pid in f.read().split():
                os.kill(int(pid), signal.SIGKILL)
        g.proc.wait()


def sync_errors():
    """Syncs of the log fail, some and then all: what was counted survives kill -9, the failures are counted, and /health tells the lasting one."""
    for what, when, lasting in (('the first three', '1..3', False), ('all', '1+', True)):
        prefix = strace('fdatasync:error=EIO:when=' + when)
        prefix.remove('--seccomp-bpf')
        with Server('1s:6h', 'MAX_UPDATES_PER_SECOND = 50\n') as g:
            tracer = subprocess.Popen(prefix + ['-p', str(g.proc.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                until('strace holds it', lambda: 'TracerPid:\t0' not in open('/proc/%d/status' % g.proc.pid).read())
                stream = Stream(SERIES, int(time.time()) - 4000)
                with g.connect() as s:
                    stream.run(s, RATE / 5, 5)
                    until('all received', lambda: g.received() == (stream.at - stream.start) * SERIES)
                errors, sick = g.number('graphited_log_sync_errors_total'), not g.health()[1]['log'][0]
                check(errors > 0 and (sick or not lasting), '%d errors counted, /health %s', errors, g.health())
                counted = g.received()
                g.kill()
            finally:
                tracer.kill()
                tracer.wait()
            g.start()
            lost, wrong = stream.compare(g, stream.start, counted)
            check(lost == 0 and wrong == 0, '%d lost, %d wrong', lost, wrong)
            say('fdatasync fails with EIO, %s of each thread: %d errors counted, %d points counted, kill -9: 0 lost, 0 wrong', what, errors, counted)


def out_of_descriptors():
    """Few descriptors and many connections: it neither ends nor spins, and goes on when there are some again."""
    with Server('1s:6h') as g:
        names, now, pid = ['k.s%d' % i for i in range(100)], int(time.time()), g.proc.pid
        send_all(g, names, now - 100)
        until('written', lambda: g.number('graphited_points_committed_total') == 100)
        run('prlimit', '--nofile=48:', '--pid', str(pid))
        conns = []
        for _ in range(500):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(('127.0.0.1', g.ports['line']))
            conns.append(s)
        time.sleep(1)
        cpu = lambda: sum(int(x) for x in open('/proc/%d/stat' % pid).read().rsplit(')')[1].split()[11:13]) / os.sysconf('SC_CLK_TCK')
        used, start = cpu(), time.time()
        time.sleep(5)
        share = (cpu() - used) / (time.time() - start)
        check(g.proc.poll() is None and share < 0.2, 'it uses %.0f %% of a CPU', 100 * share)
        for s in conns:
            s.close()
        run('prlimit', '--nofile=4096:', '--pid', str(pid))
        start = time.time()
        until('it accepts again', lambda: attempt(lambda: send_all(g, names, now - 90)))
        until('received', lambda: attempt(lambda: g.received() >= 200), 30)
        until('written', lambda: attempt(lambda: int(g.number('graphited_cache_points')) == 0 and g.well()), 30)
        healed = time.time() - start
        check(healed < 10, 'it took %.1f s to recover', healed)
        compare_all(g, names, [now - 100, now - 90])
        say('48 descriptors and 500 connections: %.0f %% of a CPU, recovered after %.1f s', 100 * share, healed)


def attempt(f):
    try:
        return f() is not False
    except OSError:
        return False


def files_meddled_with():
    """Files are removed, renamed, cut and made immutable while they are written: each is made anew or waits, the others go on."""
    with Server('1s:6h') as g:
        names, now = ['k.%s.s%d' % (d, i) for d in 'abcdef' for i in range(50)], int(time.time())
        send_all(g, names, now - 100)
        until('the files', lambda: g.number('graphited_creates_total') == 300)
        path = lambda n: os.path.join(g.data, *n.split('.')) + '.wsp'
        shutil.rmtree(os.path.join(g.data, 'k', 'a'))
        os.rename(os.path.join(g.data, 'k', 'b'), os.path.join(g.data, 'k', 'gone'))
        for i in range(50):
            os.truncate(path('k.c.s%d' % i), i * 4 if i < 20 else 10000 + i)
        with open(path('k.d.s0'), 'r+b') as f:
            f.write(os.urandom(16))
        frozen = os.geteuid() == 0 and subprocess.run(['chattr', '+i'] + [path('k.e.s%d' % i) for i in range(10)], stderr=subprocess.DEVNULL).returncode == 0
        try:
            send_all(g, names, now - 90)
            expected = 600 - (10 if frozen else 0)
            until('all that can be written is', lambda: g.number('graphited_points_committed_total') == expected)
            check(g.number('graphited_files_set_aside_total') == 51, '%d files set aside', g.number('graphited_files_set_aside_total'))
            kept = sum(len(f) for _, _, f in os.walk(os.path.join(g.data, '.corrupt')))
            check(kept == 51, '%d files in .corrupt', kept)
            got = g.points('k.*.*', now - 91, now - 89)
            check(sum(1 for n in names if now - 90 in got.get(n, {})) == 300, 'points are missing in reads')
        finally:
            if frozen:
                subprocess.run(['chattr', '-i'] + [path('k.e.s%d' % i) for i in range(10)])
        until('the immutable files are written', lambda: int(g.number('graphited_cache_points')) == 0, 70)
        seen = until('the index has the renamed folder', lambda: len(json.loads(g.ask('/metrics/find?query=k.gone.*&format=json')[1])) == 50, 70) if FULL else 0
        say('100 files gone, 51 damaged, %d immutable: all others written, damaged ones in .corrupt%s', 10 if frozen else 0, ', index in step after %.0f s' % seen if FULL else '')


def soak(seconds=None):
    """A long run with renders and kills: memory, descriptors and goroutines stay flat, nothing is lost."""
    seconds, rate, every = (3600, 20000, 600) if FULL else (10, 5000, 5)
    seconds, rate, every = int(os.environ.get('SOAK_SECONDS', seconds)), int(os.environ.get('SOAK_RATE', rate)), int(os.environ.get('SOAK_KILL', every))
    with Server('1s:%ds' % (2 * seconds * rate // 500 + 3600), 'MAX_UPDATES_PER_SECOND = inf\n') as g:
        stream, end, lives, lost, wrong, total = Stream(500, int(time.time()) - 60 - 2 * seconds * rate // 500), time.time() + seconds, [], 0, 0, 0
        while time.time() < end:
            first, begin = stream.at, time.time()
            stopping, figures = min(every, end - begin), []
            with g.connect() as s:
                sender = threading.Thread(target=stream.run, args=(s, rate, stopping + 60))
                sender.start()
                while time.time() < begin + stopping:
                    time.sleep(0.5)
                    g.points('sumSeries(k.s1*)', stream.at - 500, stream.at)
                    with open('/proc/%d/statm' % g.proc.pid) as f:
                        rss = int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6
                    figures.append((rss, len(os.listdir('/proc/%d/fd' % g.proc.pid)), g.number('go_goroutines')))
                counted = g.received()
                g.kill()
                sender.join()
            lives.append(figures)
            total += counted
            g.start()
            l, w = stream.compare(g, first, counted)
            lost, wrong = lost + l, wrong + w
        check(lost == 0 and wrong == 0, '%d of %d counted points lost, %d wrong', lost, total, wrong)
        mean = lambda rows, k: sum(r[k] for r in rows) / len(rows)
        for n, rows in enumerate(lives):
            third = max(1, len(rows) // 3)
            text = ', '.join('%s %.1f, %.1f, %.1f' % (what, mean(rows[:third], k), mean(rows[third:-third] or rows, k), mean(rows[-third:], k)) for k, what in ((0, 'RSS MB'), (1, 'descriptors'), (2, 'goroutines')))
            say('process %d, means of the thirds of its life: %s', n + 1, text)
            check(mean(rows[-third:], 1) < mean(rows[:third], 1) + 20 and mean(rows[-third:], 2) < mean(rows[:third], 2) + 20, 'not flat: %s', text)
        say('%d s at %d points a second with renders twice a second, %d kills, %d points counted: 0 lost, 0 wrong', seconds, rate, len(lives), total)


CHECKS = [kills, kills_in_replay, stops, stop_with_a_million, power_cuts, power_cuts_acknowledged, full_when_creating, out_of_inodes, full_when_updating, log_full, read_only,
          slow_sync, sync_errors, out_of_descriptors, files_meddled_with, soak]

if __name__ == '__main__':
    args = [a for a in sys.argv[1:] if a != '--full']
    FULL, BIN = len(args) < len(sys.argv) - 1, os.path.abspath(args[0])
    failed = 0
    for c in CHECKS:
        if len(args) > 1 and c.__name__ not in args[1:]:
            continue
        start = time.time()
        try:
            c()
            print('ok      %-24s %5.1f s' % (c.__name__, time.time() - start), flush=True)
        except Skipped as e:
            print('skipped %-24s %s' % (c.__name__, e), flush=True)
        except Exception as e:
            failed += 1
            print('FAILED  %-24s %s' % (c.__name__, e if isinstance(e, Failed) else traceback.format_exc()), flush=True)
    sys.exit(1 if failed else 0)
