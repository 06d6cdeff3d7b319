"""Records what Python's float() and int() read, for TestNumberRecorded of carbon/pyvalue and TestParseFloatRecorded of carbon/wire: one JSON list [text, repr of float(text), int(text)] per line, where null means an error.

usage: /usr/bin/python3 record_number.py > number.jsonl        (Python 3.11)
"""
import json
import random
import sys

TEXTS = [
    '', ' ', '0', '-0', '+0', '00', '007', '1', '+1', '-1', '--1', '+-1', '- 1', '1 ', ' 1', '\t1\n', '\x1c1\x1f', '\xa01\u2003', '1\x00', '\x001', '1 2', '.5', '5.', '-.5', '.', '-.', '1.2.3', '1..2', '1,5', 'e5', '1e', '1e5', '1E-5', '1e+5', '1e5.5',
    '_1', '1_', '1__0', '1_0', '-1_0', '-_1', '1_.5', '1._5', '1.5_', '1.5_5', '1_e5', '1e_5', '1e5_0', '1_0.0_1e1_0', '_', '__', '0_0', '1_000_000', '+_1', ' _1', '1_ ', 'inf', '+inf', '-inf', 'INF', 'Infinity', '-infinity', 'infinit', 'in_f', 'inf_', 'nan', 'NaN', '+nan', '-nan',
    '-NAN', '--nan', 'nan1', 'nan(0)', '_nan', '0x10', '0X1P4', '1p4', '0x1.8', '0b1', '0o7', '1e400', '-1e400', '1e-400', '-1e-400', '1e308', '1.7976931348623157e308', '1.7976931348623159e308', '5e-324', '2e-324', '9007199254740993', '9007199254740993.0',
    '0.1', '0.30000000000000004', '123456789.123456789', '99999999999999999999999', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '1j', '1L', '1f', '1d', 'one', 'None', 'True', '1e1e1', '1' * 40, '0.' + '1' * 40, '1' * 19, '1' * 20,
    '0' * 30 + '1', '.' + '0' * 30 + '1', '1\u2028', '\ufeff1', '1\u00b2', '\uff0b1',
]


def ask(read, text):
    try:
        return read(text)
    except ValueError:
        return None


def record(text):
    f, i = ask(float, text), ask(int, text)
    if i is not None and not -2**63 <= i < 2**63:
        i = None  # beyond 64 bits
    json.dump([text, None if f is None else repr(f), i], sys.stdout)
    print()


for t in TEXTS:
    record(t)
rnd = random.Random(4)
for _ in range(2000):
    record(''.join(rnd.choice('0123456789' * 3 + '__..e-+ nx') for _ in range(rnd.randint(1, 9))))
