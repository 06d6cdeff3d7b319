#!/usr/bin/python3
"""Checks graphited's limits under load: flow control, names that no file can have, clients that disconnect, slow clients.

usage: limits.py GRAPHITED [NAME[=SECONDS]...]     (names of checks, default all; flow_control takes 10 s by default)
"""
import os
import re
import resource
import sys
import time
import urllib.request

from checks import Failed, begin, check, chosen, passes

if __name__ == '__main__':
    begin(__doc__)

import interop
from interop import graphited, until


def numbers(g):
    """Returns the numbers of /prometheus."""
    text = urllib.request.urlopen('http://127.0.0.1:%d/prometheus' % g.ports['http'], timeout=10).read().decode()
    return {m[1]: float(m[2]) for m in re.finditer(r'^([a-z].*) (\S+)$', text, re.M)}


def dropped(n):
    return {k: v for k, v in n.items() if k.startswith('graphited_dropped_total') and v}


def cpu(pid):
    fields = open('/proc/%d/stat' % pid).read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def flow_control(seconds=10):
    """A sender three times as fast as a throttled writer: no point is lost, the cache stays within its limit, and memory is bounded."""
    series, limit, updates = 4000, 20000, 2000
    with graphited('MAX_CACHE_SIZE = %d\nUSE_FLOW_CONTROL = True\nMAX_UPDATES_PER_SECOND_ON_SHUTDOWN = inf\n' % limit) as g:
        conf = os.path.join(g.dir, 'carbon.conf')
        text = open(conf).read().replace('MAX_UPDATES_PER_SECOND = inf', 'MAX_UPDATES_PER_SECOND = %d' % updates)
        open(conf, 'w').write(text)
        check(g.stop() == 0, 'exit status after SIGTERM')
        g.start()
        # The writer writes the series with most points first, so an update has twice the five points that a series has on average in a full cache.
        offered = 3 * updates * 2 * limit // series
        base, at, sent, most, rss = int(time.time()) - 3000, 0, 0, 0, 0
        begin = time.time()
        with g.connect('line') as a, g.connect('line') as b:
            while time.time() < begin + seconds:
                at += 1
                for half, s in ((0, a), (1, b)):
                    s.sendall(''.join('fine.s%d %d %d\n' % (i, at, base + at) for i in range(half, series, 2)).encode())
                sent += series
                n = numbers(g)
                most, rss = max(most, n['graphited_cache_points']), max(rss, n['process_resident_memory_bytes'])
                time.sleep(max(0, begin + sent / offered - time.time()))
        took, committed = time.time() - begin, numbers(g)['graphited_points_committed_total']
        until('all received', lambda: numbers(g)['graphited_points_received_total'] == sent, seconds + 120)
        n = numbers(g)
        check(not dropped(n), 'dropped: %r', dropped(n))
        check(n['graphited_flow_control_pauses_total'] > 0, 'the sender was never paused')
        check(most <= 1.05 * limit, '%d points in the cache, the limit is %d', most, limit)
        check(rss < 128 << 20, '%d MB resident', rss / 2**20)
        check(g.stop() == 0, 'exit status after SIGTERM')
        wrong = [i for i in range(series) if g.points('fine.s%d' % i) != {base + k: float(k) for k in range(1, at + 1)}]
        check(not wrong, '%d of %d files are wrong, such as that of fine.s%d', len(wrong), series, (wrong or [0])[0])
        print('        %d points in %.0f s, %d of them written by then, %d pauses, at most %d points in the cache (limit %d), %d MB: none lost'
              % (sent, took, committed, n['graphited_flow_control_pauses_total'], most, limit, rss / 2**20))


IMPOSSIBLE = [b'nul\0byte', b'a.\0', b'x' * 300, b'a.' + b'y' * 252 + b'.b', b'n' * 5000, b'a.b.' * 600 + b'c', b'..', b'.', b'a..b', b'.a', b'a.', b'../../etc/passwd', b'/etc/passwd', b'a/b',
              b'a.b/../../c', b'_tagged.a.b', b'tag;=x', b'tag;a', b'tag;a=', b';a=b', b'tag;a!=b', b'\x1b[31m', b'bell\x07', b'del\x7f']


def impossible_names(rounds=400):
    """Names that no file can have, in a stream of valid ones: the valid ones are stored, the log has only a few lines, and afterwards the CPU is idle."""
    with graphited() as g:
        quiet = len(open(g.log.name).readlines())
        base = int(time.time()) - rounds - 100
        begin = time.time()
        with g.connect('line') as s:
            for k in range(rounds):
                for i, bad in enumerate(IMPOSSIBLE):
                    s.sendall(b'fine.good%d %d %d\n%s 1 %d\n' % (i, k, base + k, bad, base + k))
        n = len(IMPOSSIBLE) * rounds
        until('all received or refused', lambda: (lambda p: p['graphited_points_received_total'] + sum(dropped(p).values()))(numbers(g)) >= 2 * n)
        p = numbers(g)
        check(p['graphited_points_received_total'] == n and sum(dropped(p).values()) == n, '%d points received, %r dropped; want %d and %d', p['graphited_points_received_total'], dropped(p), n, n)
        want = {base + k: float(k) for k in range(rounds)}
        until('written', lambda: all(g.points('fine.good%d' % i) == want for i in range(len(IMPOSSIBLE))))
        lines = len(open(g.log.name).readlines()) - quiet
        most = 10 * len(dropped(p)) * (int(time.time() - begin) + 1)
        check(lines <= most, '%d lines in the log, want at most %d', lines, most)
        time.sleep(1)
        before = cpu(g.proc.pid)
        time.sleep(5)
        used = cpu(g.proc.pid) - before
        check(used < 0.25, '%.2f s of CPU in 5 s without any input', used)
        check(g.stop() == 0, 'exit status after SIGTERM')
        check(len(g.files()) == len(IMPOSSIBLE), '%d files', len(g.files()))
        print('        %d refused for %d reasons, %d lines in the log, %.2f s of CPU in 5 s afterwards' % (n, len(dropped(p)), lines, used))


def get(path, version='1.1'):
    return ('GET %s HTTP/%s\r\nHost: x\r\n\r\n' % (path, version)).encode()


def idle(pid, within):
    """Returns the seconds until the process uses less than a twentieth of a core for half a second."""
    begin = time.time()
    while time.time() < begin + within:
        at, before = time.time(), cpu(pid)
        time.sleep(0.5)
        if cpu(pid) - before < 0.05 * 0.5:
            return at - begin
    raise Failed('not idle within %d s' % within)


def departed(clients=500):
    """Clients that request expensive renders and disconnect: the server is idle soon after, long before it could have computed everything."""
    path = '/render?format=json&maxDataPoints=10&from=-6d&target=movingMedian(randomWalk("x",1),20000)&n=%d'
    with graphited(web='MAX_QUERIES = 4') as g:
        before = cpu(g.proc.pid)
        urllib.request.urlopen('http://127.0.0.1:%d%s' % (g.ports['http'], path % -1), timeout=60).read()
        one = cpu(g.proc.pid) - before
        conns = [g.connect('http') for _ in range(clients)]
        for i, c in enumerate(conns):
            c.sendall(get(path % i))
        until('the queue is full', lambda: numbers(g)['graphited_http_busy_total'] >= clients - 4 - 64 - 20)
        for c in conns:
            c.close()
        taken = idle(g.proc.pid, 120)
        n = numbers(g)
        left = n['graphited_queries_dropped_total{reason="client_gone"}']
        work = min(30, one * left / os.cpu_count())  # QUERY_TIMEOUT
        check(left > 40, 'only %d queries were dropped', left)
        check(taken < work / 2, 'idle after %.1f s, the whole work would have taken %.1f s', taken, work)
        check(n['graphited_queries_dropped_total{reason="half_closed"}'] == 0, 'some were counted as half closed')
        print('        %d renders of %.2f CPU s each, %d refused immediately; after the clients had disconnected %d were dropped, idle after %.2f s instead of %.0f'
              % (clients, one, n['graphited_http_busy_total'], left, taken, work))


def descriptors(pid):
    return len(os.listdir('/proc/%d/fd' % pid))


def slowly(g, port, bytewise, conns, seconds, others):
    """Opens conns connections that each send a byte from time to time, and opens closed ones again, while it calls others(). Returns the times of the calls and the largest memory use."""
    socks, took, most, at = [], [], 0, 0
    end = time.time() + seconds
    while time.time() < end:
        for _ in range(min(250, conns - len(socks))):
            s = g.connect(port)
            s.setblocking(False)
            socks.append(s)
        for s in socks[at::20]:
            try:
                s.send(bytewise[at % len(bytewise):][:1])
            except OSError:
                s.close()
                socks.remove(s)
        at = (at + 1) % 20
        begin = time.time()
        others()
        took.append(time.time() - begin)
        most = max(most, memory(g.proc.pid))
    full = len(socks)
    for s in socks:
        s.close()
    return sorted(took), most, full


def memory(pid):
    return int(re.search(r'VmRSS:\s+(\d+)', open('/proc/%d/status' % pid).read())[1]) / 1024


def slow_loris(seconds=4, conns=5000):
    """Thousands of connections that send a byte from time to time: other clients are served, memory is bounded, and the descriptors are closed afterwards."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    conns = min(conns, hard // 3)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3 * conns), hard))
    for port, limit in (('http', ''), ('http', 'HTTP_MAX_CONNECTIONS = %d' % (2 * conns)), ('line', '')):
        with graphited(web=limit) as g:
            before, sent = descriptors(g.proc.pid), [0]

            def asks():
                numbers(g)

            def sends():
                g.send('line', b'fine.good %d %d\n' % (sent[0], time.time()))
                sent[0] += 1
                until('a point is received', lambda: numbers(g)['graphited_points_received_total'] >= sent[0])

            request = b'GET /render?target=' + b'a' * 2000 if port == 'http' else b'fine.slow.' + b'a' * 2000
            took, most, full = slowly(g, port, request, conns, seconds, asks if port == 'http' else sends)
            check(full > conns / 2, 'only %d connections', full)
            check(most < 256, '%d MB resident', most)
            until('the descriptors are closed', lambda: descriptors(g.proc.pid) <= before + 10)
            print('        %d slow connections to the %s port%s: %d others were served, within %.0f ms (median), %.0f (p99), %.0f at most; at most %d MB; %d connections were closed for others'
                  % (full, port, ', ' + limit if limit else '', len(took), 1e3 * took[len(took) // 2], 1e3 * took[len(took) * 99 // 100], 1e3 * took[-1], most,
                     numbers(g)['graphited_http_ousted_connections_total']))


CHECKS = [flow_control, impossible_names, departed, slow_loris]

if __name__ == '__main__':
    interop.BIN = os.path.abspath(sys.argv[1])
    wanted = dict(a.partition('=')[::2] for a in sys.argv[2:])
    sys.exit(0 if all([passes(c, *map(int, filter(None, [wanted.get(c.__name__)]))) for c in chosen(CHECKS, wanted)]) else 1)
