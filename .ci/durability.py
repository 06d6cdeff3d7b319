#!/usr/bin/python3
"""Kills graphited and cuts its power, and compares the points found afterwards with those sent.

usage: durability.py [--full] GRAPHITED [NAME...]     (names of checks, default all; --full: as often and as long as the project promises, otherwise a short form)

Needs strace, and root for checks that mount a file system. It skips what is impossible on this machine and prints the reason. It prints a line and figures for each check. The exit status is 1 if one failed.
"""
import http.client
import os
import random
import subprocess
import sys
import threading
import time

import harness
from checks import check, say
from harness import Disk, Server, Stream, end_traced, run, strace, until, value

SERIES, RATE = 500, 50000


def rounds_of_kills(rounds, longest, extra, kill, before=lambda server: None):
    """Sends points and ends the process, many times. kill is how it ends. Each round's points are checked after the next start, and all points at the end."""
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
    rounds_of_kills(200 if harness.FULL else 5, 2.5 if harness.FULL else 1.5, 'MAX_UPDATES_PER_SECOND = 300\n', Server.kill)


def kills_in_replay():
    """SIGKILL at a random moment while the log is replayed, several times in a row."""
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

    rounds_of_kills(50 if harness.FULL else 3, 2 if harness.FULL else 1.5, 'MAX_UPDATES_PER_SECOND = 20\n', Server.kill, again)
    say('%d of %d further kills came before the server was ready', *caught)


def stops():
    """SIGTERM at random moments: the process ends in time with status 0, and no point is lost."""
    longest = [0]

    def stop(g):
        longest[0] = max(longest[0], g.stop())

    rounds_of_kills(200 if harness.FULL else 3, 2 if harness.FULL else 1.5, 'MAX_UPDATES_PER_SECOND = 300\nMAX_UPDATES_PER_SECOND_ON_SHUTDOWN = 300\n', stop)
    check(longest[0] < harness.limit(10), 'the longest stop took %.1f s', longest[0])
    say('the longest stop took %.2f s', longest[0])


def stop_with_a_million():
    """SIGTERM with a million points in the cache ends within ten seconds and loses nothing; with --drain all points are in files, and no log remains."""
    for drain in (False, True):
        with Server('1s:2h', 'MAX_UPDATES_PER_SECOND = 10\n' + ('' if drain else 'MAX_UPDATES_PER_SECOND_ON_SHUTDOWN = 100\n')) as g:
            if drain:
                g.stop()
                g.start('--drain')
            stream, points = Stream(2000, int(time.time()) - 1000), 1000000 if harness.FULL else 100000
            with g.connect() as s:
                for _ in range(points // 2000):
                    s.sendall(stream.tick())
            until('all received', lambda: g.received() == points)
            cached = g.number('graphited_cache_points')
            took = g.stop(120)
            left = [f for f in os.listdir(os.path.join(g.data, '.graphited.wal')) if f.endswith('.wal')]
            if drain:
                check(not left, 'with --drain %s remains', left)
            else:
                check(took < harness.limit(10), 'it took %.1f s', took)
            ready = g.start()
            lost, wrong = stream.compare(g, stream.start, points)
            check(lost == 0 and wrong == 0, '%d lost, %d wrong', lost, wrong)
            say('%s%d points cached: ended after %.2f s, %d segments left, ready again after %.2f s; 0 lost, 0 wrong', '--drain, ' if drain else '', cached, took, len(left), ready)


def power_cuts():
    """The power fails at a random moment: graphited starts, and the points counted earlier than an interval and a sync before are found."""
    rounds, rnd = 50 if harness.FULL else 2, random.Random(11)
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
        check(worst < harness.limit(2.5), 'points counted %.2f s before the power cut are lost', worst)
        say('%d power cuts, %d points counted: 0 wrong, %d of %d starts; the oldest lost point was counted %.2f s before the cut', rounds, total, rounds, rounds, worst)


def power_cuts_acknowledged():
    """With WAL_SYNC = always nothing is lost that /api/ingest has acknowledged."""
    rounds, rnd, total = 50 if harness.FULL else 2, random.Random(13), 0
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
            stop.set()  # an fdatasync that is running when the cut begins may still return success: a plain loop of write and fdatasync sees that, too
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


def slow_sync():
    """Every sync of the log takes half a second: receiving does not wait for it."""
    for what, prefix in (('no delay', []), ('each sync delayed by 500 ms', strace('fsync,fdatasync:delay_enter=500000'))):
        with Server('1s:6h', prefix=prefix) as g:
            now, times = int(time.time()), []
            c = http.client.HTTPConnection('127.0.0.1', g.ports['http'], timeout=30)
            end = time.time() + (30 if harness.FULL else 2)
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
            check(p99 < harness.limit(50), 'p99 of receiving is %.1f ms', p99)


def sync_errors():
    """Some or all syncs of the log fail: counted points survive kill -9, the failures are counted, and /health reports lasting failures."""
    for what, when, lasting in (('the first three', '1..3', False), ('all', '1+', True)):
        prefix = strace('fdatasync:error=EIO:when=' + when)
        prefix.remove('--seccomp-bpf')
        with Server('1s:6h', 'MAX_UPDATES_PER_SECOND = 50\n') as g:
            tracer = subprocess.Popen(prefix + ['-p', str(g.proc.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                until('strace is attached', lambda: 'TracerPid:\t0' not in open('/proc/%d/status' % g.proc.pid).read())
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


def files_not_synced():
    """A sync of the whisper files fails: the log stays, its points are written again, and the server recovers without a restart."""
    with Server('1s:6h', 'MAX_UPDATES_PER_SECOND = inf\n', prefix=strace('syncfs:error=EIO:when=1')) as g:
        stream, times = Stream(SERIES, int(time.time()) - 20000), 50
        with g.connect() as s:
            while g.number('graphited_log_appended_bytes_total') < 66 << 20:  # large enough that the log is pruned
                for _ in range(10):
                    s.sendall(stream.tick() * times)
            until('all received', lambda: g.received() == (stream.at - stream.start) * SERIES * times)
        until('a sync failed', lambda: 'sync of the files has failed' in g.health()[1]['log'][1], 120)
        begun = time.time()
        until('/health is OK', g.well, 120)
        until('the log is short', lambda: g.number('graphited_log_bytes') < 1 << 20, 120)
        took = time.time() - begun
        again, points = g.number('graphited_log_rewritten_points_total'), g.received()
        check(again > 0, 'nothing was written again')
        lost, wrong = stream.compare(g, stream.start, points // times)
        check(lost == 0 and wrong == 0, '%d lost, %d wrong', lost, wrong)
        say('syncfs fails with EIO: %d points received, %d written again, recovered with a short log after %.1f s; 0 lost, 0 wrong', points, again, took)
        end_traced(g)


def soak(seconds=None):
    """A long run with renders and kills: memory, descriptors and goroutines do not grow, and no point is lost."""
    seconds, rate, every = (3600, 20000, 600) if harness.FULL else (10, 5000, 5)
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


if __name__ == '__main__':
    sys.exit(harness.main(__doc__, [kills, kills_in_replay, stops, stop_with_a_million, power_cuts, power_cuts_acknowledged, slow_sync, sync_errors, files_not_synced, soak]))
