"""Records the results of Python's re.sub for TestSubstitutionRecorded of carbon/pyvalue: one JSON list [pattern, template, text, result] per line, where a result of null means an error.

usage: /usr/bin/python3 record_substitution.py > substitution.jsonl        (Python 3.11)
"""
import json
import random
import re
import sys
import warnings

warnings.simplefilter('ignore')
TEXTS = ['', 'a', 'servers.web01.cpu.load', 'a.b.c', 'aaa', 'x.x1.xx22.y', 'stats.timers.api.v1.count', 'disk;host=a;dc=eu', 'größe.é1.ü', 'a..b', '.a.', 'abcabc-12_3']
RULES = [
    (r'^servers\.', 'hosts.'), (r'^servers\.(\w+)\.(.*)$', r'\2.\1'), (r'(?P<first>\w+)\.(?P<second>\w+)', r'\g<second>.\g<first>'), (r'\.', '_'), ('^', 'prefix.'), ('$', '.suffix'),
    ('x*', '-'), ('|x', '-'), ('x|', '-'), (r'\b', '|'), ('a*?', '<>'), ('(a)|b', r'[\1]'), ('(a)?', r'(\1)'), (r'\d+', '#'), (r'(?<=\.)(\w)', r'<\1>'), (r'(?!\d)\w', '.'),
    (r'(\w)\1', r'\1'), (r'\.+', '.'), (r'^\.+|\.+$', ''), (r'(?i)WEB', 'w'), (r'[^a-z.]', '_'), (r'\w+', r'\g<0>\g<0>'), (r'\s', ''), ('a', r'\\'), ('a', r'\.'), ('a', r'\n\t'), ('a', r'\x'),
    ('a', r'\1'), ('(a)', r'\11'), ('(a)', r'\101'), ('(a)', r'\0'), ('(a)', r'\08'), ('(a)', r'\400'), ('(a)', r'\377'), ('a', '\\'), ('a', r'\g'), ('a', r'\g<'), ('a', r'\g<>'), ('a', r'\g<0'), ('a', r'\g<1>'),
    ('(?P<n>a)', r'\g<n>\g<1>\1'), ('(?P<n>a)', r'\g<m>'), ('(a)(b)?', r'\2\1'), ('((a)|(b))c?', r'[\1|\2|\3]'), ('a', '$1'), ('(a)', '${1}$0'), ('ö', 'oe'), ('(?<!a)b', 'B'), ('a(?=b)', 'A'), ('(?:ab|a)(?:c)?', 'Z'),
    ('(?>a+)', 'P'), ('a++', 'P'), (r'(?<=a)|(?=b)', '^'), (r'(\.)|(\w)', r'\2\1'), (r'\Z', '!'), (r'(?=(\w))', r'\1'), ('(((((((((((a)))))))))))', r'\11\10'), (r'\w*', 'w'), (r'(\w*)\.', r'\1/'), (r'[.]?', '+'),
    (r'^stats\.(timers|counters)\.', r'\1.'), (r'^(?!stats)', 'other.'), ('(', 'x'), ('a', r'\ö'), ('a', r'\-\_'), (r'(?m)^a', 'x'), ('a{2}', 'A'), ('(a{0,2})', r'<\1>'),
]


def record(pattern, template, text):
    try:
        result = re.sub(pattern, template, text)
    except (re.error, IndexError):
        result = None
    json.dump([pattern, template, text, result], sys.stdout, ensure_ascii=False)
    print()


for p, t in RULES:
    for text in TEXTS:
        record(p, t, text)
rnd = random.Random(4)
ATOMS = ['a', 'b', '.', r'\.', r'\w', '[ab]', '(a)', '(b|)', '(?:ab)', '^', '$', r'\b', '|', '(a|b)', '(?=a)', '(?<=b)', r'\d', 'x']
for _ in range(400):
    p = ''.join(rnd.choice(ATOMS) + rnd.choice(['', '', '', '*', '+', '?', '*?', '{1,2}']) for _ in range(rnd.randint(1, 4)))
    try:
        re.compile(p)
    except re.error:
        continue
    record(p, rnd.choice(['-', r'<\g<0>>', '']), ''.join(rnd.choice('ab.x1') for _ in range(rnd.randint(0, 9))))
