#!/usr/bin/python3
"""Records pickles.json: valid, invalid and hostile pickles of points, and what carbon's own pickle receiver reads from each.

Run it in this folder with the Python modules of graphite-carbon installed. A pickle is written as text of its bytes in Latin-1.
In "carbon" null means that carbon refuses the whole pickle. Otherwise there is an entry per item: [metric, timestamp, value]
for a point, or null for an item that carbon skips or fails on. The names query-* are requests to the cache query port, without a result.
"""
import itertools
import json
import os
import pickle
import pickletools
import struct

from carbon import log
from carbon.protocols import MetricPickleReceiver
from carbon.util import get_unpickler

T = 1700000040
log.listener = lambda *a, **k: None
files = {}


def record(name, data):
    assert name not in files, name
    files[name] = data


def dumps(name, obj, protocols=range(6)):
    for p in protocols:
        record('%s-p%d' % (name, p), pickle.dumps(obj, protocol=p))


class Call:
    """An object that pickles as a call of a function."""

    def __init__(self, f, *args):
        self.reduced = f, args

    def __reduce__(self):
        return self.reduced


def good():
    dumps('point', [('a.b', (T, 1.5))])
    dumps('points', [('servers.web%d.cpu' % i, (T + i * 10, i / 4)) for i in range(3)])
    dumps('tuples', (('a.b', (T, 1.5)), ('a.c', (T, 2.5))))
    dumps('lists', [['a.b', [T, 1.5]], ['a.c', [T, 2.5]], ('a.d', [T, 3])])
    name, pair = 'memoised.' + 'x' * 5, (T, 7.5)
    dumps('memoised', [(name, pair), ('other', pair), (name, (T + 10, 8.5)), (name, pair)])
    dumps('numbers', [('n%d' % i, (t, v)) for i, (t, v) in enumerate([
        (0, 0), (255, 255), (256, 65535), (65536, -1), (T, True), (T, False), (float(T), 2**31), (T + 0.9, -2**31 - 1),
        (2**31, 2**63 - 1), (2**32 - 1, -2**63), (2**32 - 0.5, 2**63), (T, 2**64 + 1), (T, -2**64 - 3), (T, 2**1023), (T, -10**300),
        (T, 9007199254740993), (T, 1e-310), (T, float('inf')), (T, float('-inf')), (T, float('nan')), (-1, 1), (-1.5, 1), (-0.5, 1)])])
    dumps('texts', [('t%d' % i, (t, v)) for i, (t, v) in enumerate([
        (str(T), '1.5'), (' %d ' % T, ' 1.5\n'), ('1_700_000_040', '1_000.5'), ('1.7e9', '-1e3'), (T, 'inf'), (T, '-Infinity'), (T, 'NaN'),
        ('-1', '+.5'), (T, '5.')])])
    dumps('names', [(n, (T, 1)) for n in [
        'a;tag=v', '\u00e4.\u20ac.\U0001f600', "it's", 'a"b', 'both\'"', 'back\\slash', 'new\nline', 'tab\t', '\\u0041', 'nul\0', '\x7f\x80\xff', '', 'x' * 300]])
    for p in range(6):
        record('optimised-p%d' % p, pickletools.optimize(pickle.dumps([('a.b', (T, 1.5)), ('a.c', (T, 2.5))], protocol=p)))
    dumps('empty', [])
    dumps('long', [('m%d' % i, (T, i + 0.5)) for i in range(1001)], [4])
    body = pickle.dumps([('a.b', (T, 1.5)), ('a.c', (T, 2.5))], protocol=4)[11:]
    frame = lambda part: b'\x95' + struct.pack('<Q', len(part)) + part
    record('frames-p4', b'\x80\x04' + frame(body[:2]) + frame(body[2:9]) + frame(body[9:]))
    record('pure-python-p4', pickle._dumps([('a.b', (T, 1.5)), ('a.b', (T + 10, 2.5))], protocol=4))


def python2():
    record('py2-p0', b"(lp1\n(S'a.b'\np2\n(I1700000040\nF1.5\ntp3\ntp4\na(S'a\\'\\x41\\101\\n\\\\.c'\np5\n(L1700000040L\nI01\ntp6\ntp7\na.")
    record('py2-p0-unicode', b"(lp1\n(Va.\\u20ac\\u005c\xe4\np2\n(I1700000040\nF1.5\ntp3\ntp4\na.")
    record('py2-p1', b"]q\x01((U\x03a.bq\x02(J" + struct.pack('<i', T) + b"G?\xf8\0\0\0\0\0\0tq\x03tq\x04(U\x03a.cq\x05h\x03tq\x06e.")
    record('py2-p2', b"\x80\x02]q\x01(U\x03a.bq\x02J" + struct.pack('<i', T) + b"G?\xf8\0\0\0\0\0\0\x86q\x03\x86q\x04U\x03a.ch\x03\x86q\x05e.")
    record('py2-p2-long-name', b"\x80\x02]q\x01T\x2c\x01\0\0" + b'x' * 300 + b"q\x02\x8a\x05" + (2**32 - 1).to_bytes(5, 'little') + b"K\x07\x86q\x03\x86q\x04a.")
    record('py2-huge-int', b"(lp1\n(S'a'\n(I1700000040\nL" + b'9' * 309 + b"L\nttp2\na(S'b'\n(I1700000040\nL" + b'9' * 308 + b"L\ntta.")


def bad_items():
    ok = ('a.b', (T, 1.5))
    dumps('bad-items', [
        ok, None, 5, 'text', (), ('a',), ('a', T, 1.5), ('a', ()), ('a', (T,)), ('a', (T, 1, 2)), ('a', None), ('a', 7), ok, (None, (T, 1)), (5, (T, 1)),
        (('a',), (T, 1)), [], {}, {'a': 1}, ('a', {}), ok, ('a', (T, None)), ('a', (T, 'abc')), ('a', (T, '')), ('a', (T, '0x10')), ('a', (T, '1__0')),
        ('a', (T, [1])), ('a', (T, 10**400)), ('a', (T, -10**400)), ('a', (None, 1)), ('a', ('now', 1)), ('a', ((T,), 1)), ('a', (10**400, 1)), ok])
    dumps('bad-times', [('t%d' % i, (t, 1)) for i, t in enumerate([T, 2**32, 2**40, 2**70, 1e300, -2, -2.5, -2**40, '-7', float('inf'), float('-inf'), float('nan'), 'nan', T])])
    loop = []
    loop.append(loop)
    dumps('recursive', loop)
    loop = [ok, ('a', (T, 2))]
    loop.append(loop)
    loop.append(('a', loop))
    dumps('recursive-items', loop)
    dumps('set', [({ok}, 1), {ok}, ('a', {1})], [4])


def bad_wholes():
    ok = ('a.b', (T, 1.5))
    dumps('top-set', {ok}, [2, 4])
    dumps('top-frozenset', frozenset([ok]), [4])
    dumps('top-dict', {'a.b': (T, 1.5)}, [0, 2, 4])
    for i, v in enumerate([None, 5, 1.5, True, 'text', b'bytes', bytearray(b'bytes')]):
        dumps('top-scalar%d' % i, v, [0, 2, 5])
    dumps('bytes-name', [(b'a.b', (T, 1.5)), (bytearray(b'a.c'), (T, b'2.5'))], [2, 3, 4, 5])
    dumps('zip', zip(['a.b'], [(T, 1.5)]), [0, 2, 4])
    dumps('chain', itertools.chain([ok]), [2, 4])
    dumps('iter', iter([ok]), [0, 2, 4])
    dumps('call', [ok, Call(os.getenv, 'HOME'), ok], [0, 2, 4])
    dumps('complex', [('a.b', (T, 1j))], [2, 4])
    record('izip-py2', b"citertools\nizip\np1\n((lp2\nS'a'\natRp3\n.")
    for name, ops in {
        'global': b'cos\nsystem\n', 'inst': b"(S'true'\nios\nsystem\n", 'obj': b'(cos\nsystem\nU\x04trueo', 'persid': b'P1\n', 'binpersid': b'K\x01Q',
        'ext1': b'\x82\x01', 'ext2': b'\x83\x01\0', 'ext4': b'\x84\x01\0\0\0', 'newobj': b'cos\nsystem\n)\x81', 'build': b'}}b', 'reduce': b'K\x01)R',
        'stack-global': b'\x8c\x02os\x8c\x06system\x93', 'buffer': b'\x97', 'unknown': b'\xff',
    }.items():
        record('refused-' + name, b'\x80\x04](X\x01\0\0\0aK\x01K\x01\x86\x86' + ops + b'e.')


def broken():
    p2 = pickle.dumps([('a.b', (T, 1.5))], protocol=2)
    record('broken-empty', b'')
    record('broken-stop', b'.')
    record('broken-no-stop', p2[:-1])
    record('broken-half', p2[:len(p2) // 2])
    record('broken-protocol9', b'\x80\x09' + p2[2:])
    record('broken-text', b'a.b 1.5 1700000040\n' * 3)
    record('trailing-bytes', p2 + b'rubbish')
    item = b'\x80\x02](X\x01\0\0\0aK\x01%s\x86\x86e.'
    for name, ops in {
        'long1-lie': b'\x8a\xff\x01', 'long4-lie': b'\x8b\xff\xff\xff\x7f\x01', 'long4-negative': b'\x8b\xff\xff\xff\xff\x01',
        'text-lie': b'X\xff\xff\xff\x7fa', 'binstring-negative': b'T\xff\xff\xff\xff', 'unicode8-lie': b'\x8d' + b'\xff' * 8 + b'a', 'bytes8-lie': b'\x8e' + b'\xff' * 7 + b'\x7fa',
        'frame-lie': b'\x95\xff\0\0\0\0\0\0\0K\x01', 'get-unset': b'h\x07', 'get-text-unset': b'g7\n', 'get-bad': b'gx\n', 'get-negative': b'g-1\n', 'put-negative': b'K\x01p-1\n',
        'line-no-end': b'I12', 'int-bad': b'I1x\n', 'float-bad': b'F1.x\n', 'string-unquoted': b'Sabc\n', 'string-half-quoted': b"S'abc\n", 'string-one-quote': b"S'\n",
        'string-bad-escape': b"S'\\x4'\n", 'string-end-escape': b"S'a\\'\n", 'unicode-bad-escape': b'V\\u12\n', 'unicode-beyond': b'V\\U00110000\n',
        'append-to-tuple': b')K\x01a', 'appends-to-int': b'K\x01(K\x02e', 'appends-no-mark': b'ee', 'setitem-on-list': b']K\x01K\x02s', 'setitems-odd': b'}(K\x01K\x02K\x03u', 'dict-odd': b'(K\x01d',
        'tuple-over-mark': b'K\x01(\x85', 'mark-left': b'K\x01(', 'pop-empty': b'000000000000',
    }.items():
        record('broken-' + name, item % ops)
    for name, ops in {
        'long1-empty': b'\x8a\0', 'long4': b'\x8b\x02\0\0\0\x39\x30', 'long1-negative': b'\x8a\x02\xff\x80', 'long1-padded': b'\x8a\x0a\x39\x30' + b'\0' * 8, 'long1-padded-negative': b'\x8a\x0a\x39\xff' + b'\xff' * 8,
        'long1-nine': b'\x8a\x09' + b'\xff' * 8 + b'\0', 'int-bool': b'I01\n', 'int-hex': b'I0x10\n', 'int-spaces': b'I 5\n', 'float-int': b'F12\n', 'put-far': b'K\x05p20\ng20\n0', 'pop': b'K\x05K\x060', 'pop-mark': b'K\x05(K\x06K\x071',
        'pop-a-mark': b'K\x05(0', 'dup': b'K\x0520', 'put-over': b'K\x04q\0K\x05q\0\x860h\0', 'memoize-after-put': b'K\x04q\0K\x05\x940h\x01\x860h\x01', 'string-double': b'S"5"\n', 'none': b'N',
    }.items():
        record('rare-' + name, item % ops)
    for name, data in {
        'marks': b'(' * 5000 + b'.', 'lists': b']' * 5000 + b'a' * 4999 + b'.', 'tuples': b')' + b'\x85' * 1000 + b'.', 'doubled': b']' + b'q\0h\0h\0\x86' * 200 + b'.',
        'laughs': b']q\0(' + b'X\x01\0\0\0aq\1' + b'h\1' * 50 + b'e' + b''.join(b'q%c](' % i + b'h%c' % i * 20 + b'e' for i in range(2, 40)) + b'.', 'same-item': b'](X\x01\0\0\0aK\x01K\x02\x86\x86q\0' + b'h\0' * 999 + b'e.',
        'puts': b']' + b''.join(b'r' + struct.pack('<I', 1 << i) for i in range(22)) + b'.',
    }.items():
        record('bomb-' + name, data)


def queries():
    q = lambda name, protocols=range(6), **fields: dumps('query-' + name, fields, protocols)
    q('one', type='cache-query', metric='a.b')
    q('unknown', [2], type='cache-query', metric='no.such')
    q('bulk', [0, 2, 4, 5], type='cache-query-bulk', metrics=['a.b', 'no.such', 'c', 'a.b'])
    q('get', [2, 4, 5], type='get-metadata', metric='a.b', key='aggregationMethod')
    q('set', [2, 4, 5], type='set-metadata', metric='a.b', key='aggregationMethod', value='max')
    q('invalid', [2, 5], type='sing', metric='a.b')
    q('no-type', [2], metric='a.b')
    q('no-metric', [2], type='cache-query')
    q('bulk-text', [2], type='cache-query-bulk', metrics='a.b')
    q('bulk-number', [2], type='cache-query-bulk', metrics=['a.b', 5])
    dumps('query-list', ['type', 'cache-query'], [2])
    record('query-one-py2', b"\x80\x02}q\x01(U\x04typeq\x02U\x0bcache-queryq\x03U\x06metricq\x04U\x03a.bq\x05u.")


class Receiver:
    peerName = 'record.py'

    def __init__(self, items):
        self.items, self.got = items, []
        self.unpickler = self

    def loads(self, data):
        return self.items

    def metricReceived(self, metric, datapoint):
        self.got.append([metric, repr(datapoint[0]), repr(datapoint[1])])


def by_carbon(data):
    try:
        items = list(get_unpickler(False).loads(data))
    except Exception:
        return None
    out = []
    for item in items:
        r = Receiver([item])
        try:
            MetricPickleReceiver.stringReceived(r, b'')
        except Exception:
            pass
        out.append(r.got[0] if r.got else None)
    return out


good(), python2(), bad_items(), bad_wholes(), broken(), queries()
with open('pickles.json', 'w') as f:
    lines = []
    for name, data in sorted(files.items()):
        entry = {'pickle': data.decode('latin-1')}
        if not name.startswith('query-'):
            entry['carbon'] = by_carbon(data)
        lines.append('%s: %s' % (json.dumps(name), json.dumps(entry, separators=(',', ':'))))
    f.write('{\n' + ',\n'.join(lines) + '\n}\n')
