"""Records how graphite-web parses targets: python3 record.py [count] > graphite-web.txt

Needs graphite-web and pyparsing. Each line is a target as a JSON string, a tab and one of
  error             graphite-web raises an exception
  refused           a call or template that the grammar cannot parse: graphite-web treats the
                    function's name as a path, ignores the call after a pipe, or refuses
                    the template when it evaluates it
  tree, tab, rest   what it parses, and as a JSON string the text that it ignores
A tree is a path p"...", a string s"...", a number, true, false, none, inf or name(args, k=arg).
"""
import json
import random
import re
import sys

from django.conf import settings

settings.configure(UTF8_METRICS=True)

from graphite.render.grammar_unsafe import grammar  # noqa: E402
from pyparsing import ParseException  # noqa: E402


class Refused(Exception):
    pass


def scalar(t):
    if t.string:
        return 's' + json.dumps(t.string[1:-1], ensure_ascii=False)
    if t.number:
        n = t.number
        return repr(int(n.integer) if n.integer else float(n.float or n.scientific[0]))
    return (t.boolean or t.none or t.infinity)[0]


def call(t, piped=None):
    if t.funcname == 'template':
        raise Refused
    args = ([piped] if piped else []) + [tree(a) for a in t.args or []]
    args += [k.argname + '=' + tree(k.args[0]) for k in t.kwargs]
    return t.funcname + '(' + ', '.join(args) + ')'


def tree(t):
    if t.template:
        args = [tree_of_source(t.template)]
        args += [scalar(a) for a in t.template.args]
        args += [k.argname + '=' + scalar(k.args[0]) for k in t.template.kwargs]
        return 'template(' + ', '.join(args) + ')'
    if t.expression:
        s = tree(t.expression) if t.expression.template else tree_of_source(t.expression)
        for c in t.expression.pipedCalls:
            s = call(c.call, s)
        return s
    return scalar(t)


def tree_of_source(t):
    return call(t.call) if t.call else 'p' + json.dumps(t.pathExpression, ensure_ascii=False)


def answer(target):
    try:
        end, tokens = grammar._parse(target, 0)
    except ParseException:
        return 'error'
    try:
        s, rest = tree(tokens), target[end:].strip(' \t\n\r')
    except Refused:
        return 'refused'
    if s.startswith('p"') and re.match(r'\s*[A-Za-z_]\w*\s*\(', target, re.A):
        return 'refused'
    if re.match(r'\|\s*[A-Za-z_]\w*\s*\(', rest, re.A):
        return 'refused'
    return s + '\t' + json.dumps(rest, ensure_ascii=False)


CURATED = r'''
a.b.c|a.*.c[0-9]?|a.{b,c}.d|a{b}{c,d}e.f|{a}|[a-z]b|a.b c|a..b|a.|.a|)|(|a.b)x|a"b|a|a=b;c=d.e|$x|a/b&c~d!e@f#g%h^i
a.{b,{c,d}}|a.{b,}|a.{,b}|a.{}|a.{b c}|a.{b, c}|a.{b.c}|a.{b,c|a.b}|a. b|a .b|5|-5|5.5|true|none|inf|"a"|'a'|a,b
\.|\a|a\(b\)|a\.\.b|a\=b|a\{b\,c\}|a.{b\,c,d}|a\\b|a\'b\"c|a\||café.température|日本.{東,京}.*|f(日本)|é(a)
f()|f( )|f(a)|f(a,b)|f (a)|f\n(\na\n,\nb\n)|f(a)x|f(a))|f(a|g(a)|f(a,)|f(,a)|f(a b)|f((a))|f(a(|1f(a)|f-g(a)|f.g(a)|_f9(a)
f(1)|f(-1)|f(1.5)|f(-1.5)|f(1e3)|f(1E-3)|f(-1.5e3)|f(1e+3)|f(.5)|f(5.)|f(+5)|f(0x10)|f(5min)|f(1 000)|f(007)|f(-0)|f(1 )|f(-)|f(--1)|f(1e)|f(1.e3)|f(1.5.5)|f(9223372036854775807)
f(true)|f(TRUE,False)|f(trueish.x)|f(true.x)|f(none.x)|f(none)|f(NONE)|f(inf)|f(INF)|f(-inf)|f(nan)|f(infinity)|f(true$)|f(true_)|f(true-)|f(inf1)|f(true\n)|f(a.true)|f(none(a))
f("")|f('')|f("a'b")|f('a"b')|f("a\"b")|f("a\\")|f("a\")|f("\x41")|f("\xg")|f("a""b")|f("a"")|f("a" "b")|f("a"b)|f("(\d+)")|f("a,b)")|f("日本")|f("a\nb")|f("a\\\nb")
f(a,k=1)|f(a,k = "x")|f(a,k=1,l=2)|f(a,k=1,k=2)|f(k=1)|f(a,k=1,2)|f(a,k=b.c)|f(k=b)|f(a,k=)|f(a,k=,l=1)|f(k=)|f(a,k=.5)|f(a,k==1)|f(a,k=g(b))|f(a,k=true)|f(a,true=1)|f(a,1k=1)|f(a,k=(1))|f(a;k=1)|f(a,é=1)|f(a,k=-)|f(a,k= )|f(a,k=}|f(a,k="x)|f(a,_=inf)
'''
PIPES = ['a|f(1)', 'a.b | f(1) | g("x", k=2)', 'f(a)|g()', 'f(a|g(1),b|h())', 'a|f', 'a|f(', 'a||f()', '|f()', 'a|1', 'a|f(k=1)',
         'a|f().b', 'a\n|\nf\n(\n)', 'f(a|g)', 'f(a,k=b|g(1))', 'a|f()x', 'a|f(|g())', 'f(1|g())', 'f(1\n|g())', 'f("a"|g())', 'f(true|g())', 'a\\|f()',
         'template(a.$x, x="b")', 'template(a.$1.$2, "b", 5)', 'template(f(a.$x), x=5)', 'template (a)', 'template(a)', 'template()',
         'template("a")', 'template(5)', 'template(true, "x")', 'template(a, b)', 'template(a, k=b)', 'template(a, "x", k="y")',
         'template(a, k="y", "x")', 'template(a, k="y", l=1e3)', 'template(a, true)', 'template(a|f(1), "x")', 'template(a, "x")|f(1)',
         'f(template(a.$x, x="b"), 2)', 'template(template(a), "x")', 'template(f(template(a.$x, x=1)), "x")', 'a|template("x")',
         'templatex(a)', 'Template(a)', 'template', 'template.a', 'template(a, k=)', 'template(a,)', 'template($x, x=5)', 'template(f(a)|g(), "x")',
         'seriesByTag("a=b", "c=~d")', 'sum( seriesByTag( "a=b" ) )', 'template(true(a), "x")', 'f(template(a|g()))', '']

WORDS = ['a', 'b.c', 'srv.*.cpu', 'true', 'none', 'inf', 'template', '1', '-2', '3.5', '1e3', '"x"', "'y z'", 'k=', '{a,b}', '[0-9]', '\\.', '\\=',
         'é', '$x', 'a;t=v', '5min', ' ', '\n', '', '_', '-', '=']
MARKS = list('(){},.\'"\\|=$ ;-1eatx\né') + ['k=', '|f(', '""', '\\"', 'true']


def random_target(r, depth):
    c = r.random()
    if depth == 0 or c < .3:
        return ''.join(r.choice(WORDS) for _ in range(r.choice([1, 1, 1, 2, 3])))
    space = r.choice(['', '', '', ' '])
    if c < .8:
        name = r.choice(['f', 'g', 'sumSeries', 'template', 'true', '_1'])
        args = [r.choice(['', '', '', 'k=']) + random_target(r, depth - 1) for _ in range(r.choice([0, 1, 1, 2, 3]))]
        return name + '(' + space + (space + ',' + space).join(args) + space + ')'
    return random_target(r, depth - 1) + space + '|' + space + r.choice(['f', 'g', 'template']) + '(' + random_target(r, 0) + ')'


def mutate(r, s):
    for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
        i = r.randint(0, len(s))
        j = min(len(s), i + r.choice([0, 0, 1, 1, 2]))
        s = s[:i] + r.choice(MARKS + ['', '', '']) + s[j:]
    return s


def targets(count):
    for line in CURATED.strip().split('\n'):
        yield from line.replace('\\n', '\n').split('|')
    yield from PIPES
    r, seen, n = random.Random(1), set(), 0
    while n < count:
        s = mutate(r, random_target(r, r.choice([1, 2, 2, 3])))
        shape = re.sub(r'[a-z]+', 'a', re.sub(r'\d+', '0', s))
        if len(s) <= 48 and shape not in seen:
            seen.add(shape)
            n += 1
            yield s


if __name__ == '__main__':
    for target in dict.fromkeys(targets(int(sys.argv[1]) if len(sys.argv) > 1 else 900)):
        print(json.dumps(target, ensure_ascii=False), answer(target), sep='\t')
