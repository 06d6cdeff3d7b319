"""Records what Python's protobuf reads from messages of carbon.proto: whole, truncated and damaged ones.

usage: /usr/bin/python3 record_protobuf.py > protobuf.jsonl        (needs Debian's graphite-carbon and python3-protobuf)

Each line is [hex of the message, points as [metric, timestamp, repr of the value], or null if the message is refused].
"""
import json
import random
import struct
import warnings

from carbon.carbon_pb2 import Payload
from google.protobuf.message import DecodeError

warnings.simplefilter('error')  # data after the end of a message only causes a warning
rnd = random.Random(5)


def payload(metrics):
    p = Payload()
    for name, points in metrics:
        m = p.metrics.add()
        m.metric = name
        for t, v in points:
            x = m.points.add()
            x.timestamp, x.value = t, v
    return p.SerializeToString()


def record(b):
    try:
        points = [[m.metric, x.timestamp, repr(x.value)] for m in Payload.FromString(b).metrics for x in m.points]
    except (DecodeError, RuntimeWarning, SystemError):
        points = None
    print(json.dumps([b.hex(), points]))


def field(number, wire, content):
    def varint(n):
        out = b''
        while n > 127:
            out += bytes([n & 127 | 128])
            n >>= 7
        return out + bytes([n])
    key = varint(number << 3 | wire)
    return key + (varint(len(content)) + content if wire == 2 else content)


good = [
    payload([]), payload([('a.b', [(5, 1.5)])]), payload([('a', [])]), payload([('', [(1, 2)])]), payload([('a', [(0, 0)])]), payload([('größe', [(4294967295, -1e300), (1, float('inf'))])]),
    payload([('m.%d' % i, [(1700000000 + 60 * k, i + k / 8) for k in range(3)]) for i in range(5)]),
]
point = field(2, 2, b'\x08\x05' + b'\x11' + struct.pack('<d', 2.5))
odd = [
    field(1, 2, point + field(1, 2, b'name.last')), field(1, 2, field(1, 2, b'first') + point + field(1, 2, b'second')), field(1, 2, point),
    field(1, 2, field(1, 2, b'a') + field(2, 2, b'\x08\x05\x08\x06')), field(1, 2, field(1, 2, b'a') + field(2, 2, b'\x08' + b'\xff' * 9 + b'\x01')), field(1, 2, field(1, 2, b'a') + field(2, 2, b'\x08' + b'\xff' * 9 + b'\x7f')),
    field(1, 2, field(1, 2, b'a') + field(2, 2, b'\x08' + b'\xff' * 10 + b'\x01')), field(1, 2, field(1, 2, b'a') + field(2, 2, b'\x08\x85\x80\x80\x80\x10')), field(1, 2, field(1, 2, b'a') + field(2, 2, b'\x0d\x01\x00\x00\x00')),
    field(7, 0, b'\x01') + good[1], good[1] + field(7, 1, b'12345678') + field(8, 5, b'1234') + field(9, 2, b'xyz') + good[2], field(7, 3, b'') + field(1, 0, b'\x01') + field(7, 4, b'') + good[1], field(7, 3, b'') + good[1],
    field(7, 3, b'') + field(8, 4, b''), field(7, 4, b''), b'\x00\x01', b'\x0f', b'\x0e', field(1, 0, b'\x05') + good[1], field(1, 2, field(1, 0, b'\x05') + point), (b'\x3b' * 40) + (b'\x3c' * 40) + good[1],
    field(1, 2, field(1, 2, b'a') + field(2, 2, b'')), field(1, 2, b''), b'\x0a\x80\x00', b'\x8a\x00\x00', b'\x0a\xff\xff\xff\xff\x0f', b'\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
]
for b in good + odd:
    record(b)
for b in good + odd[:1] + odd[2:]:
    for n in sorted(rnd.sample(range(len(b)), min(len(b), 12))):
        record(b[:n])
        record(b[:n] + bytes([b[n] ^ 1 << rnd.randrange(8)]) + b[n + 1:])
