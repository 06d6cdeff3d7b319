"""Records how graphite-web evaluates templates: python3 record_templates.py [count] > templates.txt

Needs graphite-web with all of its requirements. Each line has, separated by tabs, a target as a JSON string, the
request's template variables as a JSON object, and "error" or the tree that graphite-web
evaluates, in the form that record.py describes, with seriesByTag as a path.
The variables of the request are in the order in which package expr applies them.
"""
import json
import os
import random
import sys
import warnings

warnings.simplefilter('ignore')
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'graphite.settings')

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.UTF8_METRICS = True
django.setup()

from graphite.render import evaluator  # noqa: E402


class Dump:
    def __init__(self, text):
        self.text = text


def dump(v):
    if isinstance(v, Dump):
        return v.text
    if isinstance(v, str):
        return 's' + json.dumps(v, ensure_ascii=False)
    if isinstance(v, bool) or v is None:
        return str(v).lower()
    return repr(v)


def function(name):
    def call(context, *args, **kwargs):
        return Dump(name + '(' + ', '.join([dump(a) for a in args] + [k + '=' + dump(v) for k, v in kwargs.items()]) + ')')
    return call


evaluator.SeriesFunction = function
evaluator.fetchData = lambda context, path: Dump('p' + json.dumps(path, ensure_ascii=False))


def answer(target, variables):
    try:
        return dump(evaluator.evaluateTokens({'template': variables}, evaluator.grammar.parseString(target)))
    except Exception:
        return 'error'


CURATED = [
    ('template(a.$x, x="b")', {}), ('template(a.$x, x="b")', {'x': 'c'}), ('template(a.$x)', {'x': 'c'}), ('template(a.$x)', {}),
    ('a.$x', {'x': 'c'}), ('template(a.$1.$2, "b", 5)', {}), ('template(a.$1.$2, "b", 5)', {'1': 'z'}), ('template(a.$10, "b")', {}),
    ('template(a.$xy, x="b", xy="c")', {}), ('template(a.$xy, xy="b", x="c")', {}), ('template(a.$xy)', {'xy': 'c', 'x': 'b'}),
    ('template(a.$x, x="$y", y="b")', {}), ('template(a.$x, y="b", x="$y")', {}), ('template($x$y, x="", y="b")', {}),
    ('template(f($x), x=5)', {}), ('template(f($x), x=5)', {'x': '6'}), ('template(f($x), x="5")', {}), ('template(f($x), x="-5.5")', {}),
    ('template(f($x), x="5.")', {}), ('template(f($x), x="1.2.3")', {}), ('template(f($x), x=".")', {}), ('template(f($x), x="-")', {}),
    ('template(f($x), x="1e3")', {}), ('template(f($x), x=1e3)', {}), ('template(f($x), x="")', {}), ('template(f($x), x="a")', {}),
    ('template(f($x), x="--5")', {}), ('template(f($x), x="+5")', {}), ('template(f($x), x=".5")', {}), ('template(f($x), x="-.")', {}),
    ('template(a.$x, x=1e3)', {}), ('template(a.$x, x=1e20)', {}), ('template(a.$x, x=1e-7)', {}), ('template(a.$x, x=0.1)', {}),
    ('template(a.$x, x=1e16)', {}), ('template(a.$x, x=1e15)', {}), ('template(a.$x, x=0.0001)', {}), ('template(a.$x, x=-0.0)', {}),
    ('template(a.$x, x=1e999)', {}), ('template(a.$x, x=-1e999)', {}), ('template(a.$x, x=99999999999999999999)', {}), ('template(a.$x, x=007)', {}),
    ('template(f($x), x=1e999)', {}), ('template(a.$x, x=-0)', {}), ('template(f("$x", a.$x), x="b")', {}), ('template(f(a, k=$x), x="b")', {}),
    ('template(f(a.$x|g(b.$x)), x="b")', {}), ('template(f(seriesByTag("a=$x")), x="b")', {}), ('template(seriesByTag("a=$x"), x="b")', {'x': 'c'}),
    ('template(f(template(a.$x.$y, x="b")), y="c")', {}), ('template(f(template(a.$x.$y, x="b")), x="d", y="c")', {'y': 'e'}),
    ('f(template(a.$x, x="b"), c.$x)', {}), ('template(a.$x, x="b")|f(c.$x, 1)', {}), ('template($x, x=5)', {}), ('template($x, x="b.c")', {}),
    ('template(a.{$x,$y}, x="b", y="c")', {}), ('template(a.$x, x="{b,c}")', {}), ('template(a.$, x="b")', {'': 'c'}),
    ('template(a.$x, x="b", x="c")', {}), ('template($x, x="$x")', {}), ('template(a.$x, x="$x$x")', {}), ('template(a.$é)', {'é': 'ü'}),
    ('template(f(true, 1, "s", none, inf, $x), x="b")', {}), ('template(f($x, k=$x, l=a), x=2.5)', {}), ('sum(a|seriesByTag("b=c"))', {}),
]
BODIES = ['a', '$x', 'a.$x', '$1', 'a.$1.$2', '$xy', '$x.$y', '$x$y', '"$x"', '5', 'a.{$x,$y}.$xy', 'f($x, k=$y)', 'f($x)|g($y)', 'template(f($x), x="i")',
          'seriesByTag("a=$x")']
VALUES = ['"b"', '"$y"', '"$x"', '5', '-2.5', '"7"', '"-1.5"', '"1.1.1"', '""', '"$1$2"', '1e3']
REQUEST = {'xy': ['r', '3'], '1': ['$x', '0.5'], '2': ['s'], 'x': ['b', '9', '$y'], 'y': ['', 'c', '-4']}


def random_case(r):
    body = 'f(' + ', '.join(r.choice(BODIES) for _ in range(r.choice([1, 2, 3]))) + ')' if r.random() < .7 else r.choice(BODIES[:-3])
    names = r.choice([[''] * r.randint(0, 2), [n + '=' for n in r.sample(['x', 'y', 'xy'], r.randint(0, 3))]])
    target = 'template(' + ', '.join([body] + [n + r.choice(VALUES) for n in names]) + ')'
    return target, {k: r.choice(v) for k, v in REQUEST.items() if r.random() < .25}


if __name__ == '__main__':
    rand = random.Random(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for target, variables in CURATED + [random_case(rand) for _ in range(count)]:
        print(json.dumps(target, ensure_ascii=False), json.dumps(variables, ensure_ascii=False), answer(target, variables), sep='\t')
