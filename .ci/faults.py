#!/usr/bin/python3
"""Breaks the disk and the files of graphited: no space, no inodes, a read-only mount, an unmounted folder, no descriptors, files removed, truncated and damaged. graphited must continue, lose no point, and recover without help.

usage: faults.py [--full] GRAPHITED [NAME...]     (names of checks, default all; --full: for as long as the project promises, otherwise a short form)

Needs root for checks that mount a file system. It skips what is impossible on this machine and prints the reason. It prints a line and figures for each check. The exit status is 1 if one failed.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import time

import harness
from checks import check, say
from harness import Disk, Server, compare_all, run, send_all, until, value

def full_when_creating():
    """New files fill a small disk: existing files are still updated, /health reports it, the log has only a few lines, and the server recovers soon after there is space."""
    fill(Disk('tmpfs', 'size=64m'), 'MIN_FREE_SPACE = 0\n', 'size=512m', 300, 'full, no reserve')
    if harness.FULL:
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
        sick = until('/health reports it', lambda: not g.well(), 20)
        files = int(g.number('graphited_creates_total'))
        for k in range(8, 4, -1):
            send_all(g, names, now - 10 * k)
        until('the existing files are updated', lambda: g.number('graphited_points_committed_total') >= files * 5)
        time.sleep(60 if harness.FULL else 3)
        check(g.proc.poll() is None, 'it ended')
        bad = [f for d, _, fs in os.walk(g.data) for f in fs if f.endswith('.tmp') or f.endswith('.wsp') and os.path.getsize(os.path.join(d, f)) < 700000]
        check(not bad, 'incomplete files: %s', bad[:5])
        lines = len(g.troubles()) - before
        check(lines <= 12, '%d lines in the log: %s', lines, g.troubles()[-30:])
        g.kill()
        g.start()
        compare_all(g, names, [now - 10 * k for k in range(9, 4, -1)])
        run('mount', '-o', 'remount,' + more, disk.path)
        healed = until('all files exist', lambda: int(g.number('graphited_cache_points')) == 0 and g.well(), 60)
        check(healed < harness.limit(10), 'it took %.1f s to recover', healed)
        compare_all(g, names, [now - 10 * k for k in range(9, 4, -1)])
        say('%s: %d of %d files, reported by /health after %.1f s, %d lines logged; after kill -9 and start 0 lost; recovered %.1f s after there was space', what, files, series, sick, lines, healed)


def full_when_updating():
    """Sparse files on a disk that something else fills: updates fail, no point is lost, and all are written soon after there is space."""
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
    """A bind mount makes the folder read-only for a while."""
    with Disk('ext4') as disk, Server('1s:6h', 'MAX_UPDATES_PER_SECOND = inf\n', data=disk.path + '/data') as g:
        names, now = ['k.s%d' % i for i in range(200)], int(time.time())
        send_all(g, names, now - 5000)
        until('the first files', lambda: g.number('graphited_points_committed_total') == 200)

        def over():
            run('mount', '--bind', g.data, g.data)
            run('mount', '-o', 'remount,bind,ro', g.data)

        trouble(g, names, now, over, lambda: run('umount', g.data), 'read-only')


def trouble(g, names, now, begin, end, what):
    """Sends while the disk is broken, then repairs it and checks the recovery."""
    before, seconds = len(g.troubles()), 60 if harness.FULL else 5
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
    healed = until('all is written', lambda: int(g.number('graphited_cache_points')) == 0 and g.well(), 60)
    check(healed < harness.limit(10), 'it took %.1f s to recover', healed)
    compare_all(g, names, times)
    g.kill()
    g.start()
    compare_all(g, names, times)
    say('%s for %d s: alive, %d lines logged, recovered after %.1f s, 0 of %d points lost', what, seconds, lines, healed, len(names) * len(times))


def log_full():
    """The disk of the log is full: points are still received and counted as not logged, /api/ingest does not acknowledge them, and the server recovers soon after there is space."""
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
        check(healed < harness.limit(10) and lines <= 10, 'recovered after %.1f s, %d lines: %s', healed, lines, g.troubles()[-12:])
        g.kill()
        g.start()
        compare_all(g, names, times)
        say('log full: %d points only in memory, counted; no acknowledgement meanwhile; recovered after %.1f s, %d lines logged, 0 lost', missed, healed, lines)


def out_of_descriptors():
    """Few descriptors and many connections: the process neither ends nor spins, and continues when there are free descriptors."""
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
        check(healed < harness.limit(10), 'it took %.1f s to recover', healed)
        compare_all(g, names, [now - 100, now - 90])
        say('48 descriptors and 500 connections: %.0f %% of a CPU, recovered after %.1f s', 100 * share, healed)


def attempt(f):
    try:
        return f() is not False
    except OSError:
        return False


def unmounted():
    """The file system with the files and the log is unmounted below the server, and mounted again: it says so, makes nothing in the bare folder, acknowledges nothing, keeps a second
    server out, and writes all when the file system is back. What was acknowledged is there after kill -9."""
    with Disk('ext4') as disk:
        away('ext4', disk, lambda: run('umount', '-l', disk.path), disk.mount)
    with Disk('tmpfs', 'size=64m') as disk, Disk('tmpfs', 'size=64m') as other:
        os.mkdir(disk.path + '/files')
        bind = lambda: run('mount', '--bind', disk.path + '/files', other.path)
        run('umount', other.path)
        bind()
        away('bind mount', other, lambda: run('umount', '-l', other.path), bind)


def away(what, disk, leave, back):
    with Server('1s:6h', 'MAX_UPDATES_PER_SECOND = inf\n', data=disk.path) as g:
        names, now = ['k.s%d' % i for i in range(200)], int(time.time())
        send_all(g, names, now - 5000)
        until('the first files', lambda: g.number('graphited_points_committed_total') == 200)
        before = len(g.troubles())
        leave()
        told = until('/health says so', lambda: not g.health()[1]['folder'][0])
        check(g.health()[0] == 503, '/health is %d', g.health()[0])
        names += ['k.new%d' % i for i in range(20)]
        times = [now - 4000 + 13 * k for k in range(90 if harness.FULL else 5)]
        for t in times:
            send_all(g, names, t)
            time.sleep(1)
        until('all received', lambda: g.received() == 200 + len(names) * len(times))
        status = g.ask('/api/ingest', 'k.s0 %d %d' % (value(0, now - 3000), now - 3000))[0]
        check(status == 503, '/api/ingest answers %d', status)
        second = subprocess.run([harness.BIN, '--config', g.dir + '/carbon.conf', '--http', '127.0.0.1:0', '--line', '127.0.0.1:0'], capture_output=True, timeout=60)
        check(second.returncode == 1 and b'another process uses it' in second.stderr, 'a second server ends with %d: %s', second.returncode, second.stderr[-300:])
        check(os.listdir(disk.path) == [], 'in the bare folder there are %s', os.listdir(disk.path))
        compare_all(g, names, times)
        back()
        healed = until('all is written', lambda: int(g.number('graphited_cache_points')) == 0 and g.well(), 60)
        check(healed < harness.limit(10), 'it took %.1f s to recover', healed)
        last = ''.join('%s %d %d\n' % (n, value(i, now - 2000), now - 2000) for i, n in enumerate(names))
        status = g.ask('/api/ingest', last)[0]
        check(status == 204, '/api/ingest answers %d when all is back', status)
        g.kill()
        lines = len(g.troubles()) - before
        check(lines <= 12, '%d lines in the log: %s', lines, g.troubles()[-20:])
        g.start()
        compare_all(g, names, times + [now - 2000])
        say('%s unmounted for %d s: told after %.1f s, nothing made in the bare folder, recovered after %.1f s, %d lines logged, 0 of %d points lost', what, len(times), told, healed, lines, len(names) * (len(times) + 1))


def files_meddled_with():
    """Files are removed, renamed, truncated and made immutable while they are written: each is created again or waits, and the others are updated."""
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
            until('everything writable is written', lambda: g.number('graphited_points_committed_total') == expected)
            # The header with its archive has 28 bytes: files cut within it are damaged, those cut behind it are only short.
            check(g.number('graphited_files_set_aside_total') == 8, '%d files set aside', g.number('graphited_files_set_aside_total'))
            sizes = {os.path.getsize(path('k.c.s%d' % i)) for i in range(50)}
            check(len(sizes) == 1, 'the files that were cut have the sizes %s', sizes)
            kept = sum(len(f) for _, _, f in os.walk(os.path.join(g.data, '.corrupt')))
            check(kept == 8, '%d files in .corrupt', kept)
            got = g.points('k.*.*', now - 91, now - 89)
            check(sum(1 for n in names if now - 90 in got.get(n, {})) == 300, 'points are missing in reads')
        finally:
            if frozen:
                subprocess.run(['chattr', '-i'] + [path('k.e.s%d' % i) for i in range(10)])
        until('the immutable files are written', lambda: int(g.number('graphited_cache_points')) == 0, 70)
        seen = until('the index has the renamed folder', lambda: len(json.loads(g.ask('/metrics/find?query=k.gone.*&format=json')[1])) == 50, 70) if harness.FULL else 0
        say('100 files gone, 8 damaged, 43 short, %d immutable: all others written, damaged ones in .corrupt%s', 10 if frozen else 0, ', index in step after %.0f s' % seen if harness.FULL else '')


if __name__ == '__main__':
    sys.exit(harness.main(__doc__, [full_when_creating, out_of_inodes, full_when_updating, log_full, read_only, unmounted, out_of_descriptors, files_meddled_with]))
