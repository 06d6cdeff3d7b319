#!/usr/bin/env python3
"""Records the results of graphite-web's own finder: record_find.py > find.txt

Needs the packages graphite-web and python3-django. The tree of files is made in a temporary directory.
"""
import os
import random
import tempfile

from django.conf import settings

from graphite import settings as global_settings

settings.configure(LOG_FILE_INFO='-', LOG_FILE_EXCEPTION='-', LOG_FILE_CACHE='-', LOG_FILE_RENDERING='-', **{
    k: v for k, v in vars(global_settings).items() if k.isupper() and not k.startswith('LOG_FILE')})

from graphite.finders import standard  # noqa: E402
from graphite.finders.utils import FindQuery  # noqa: E402

standard.RRDReader.supported = False

NAMES = """
a a.b a.b.c a.b.c.d a-b a-b.c a+ a+.b ab abc abcd a,b.x b b.a b.a.c c.a.b c.b.a
web1.cpu.user web1.cpu.system web2.cpu.user web10.cpu.user web10.mem.free web-1.cpu.user web-1
x[y.z x]y.z x[yz].w {brace.v brace}.v }{.v a{b,c}d.e {a,b}.f !bang.v ^hat.v -dash.v [.v ].v []a.v
dir.leaf1 dir.leaf2 dir.sub.leaf1 dir.sub.sub.leaf1 dir.sub.other.leaf1 dir.sub
\u00e9t\u00e9.un \u00e9.deux e.trois \u4e16\u754c.x \U0001f600.y A.B Ab.c
""".split()

PATTERNS = r"""
* *.* *.*.* *.*.*.* a a.b a.b.c a.b.c.d a.* a.*.* b.* nothing nothing.* a.nothing a* a*.* *a *b* a?b a? ? ?? ???
web?.cpu.user web*.cpu.user web[12].cpu.user web[0-9].cpu.user web[!1].cpu.user web[^1].cpu.user web[^1-].* web[1-2]*.cpu.*
web[-1].* web-[1].* web[2-1].* web[!2-1].* web[1-]*.* web{1,2}.cpu.user web{1,10,2}.{cpu,mem}.* web{1{,0},2}.*.* {web1,web2}.cpu.{user,system}
{web*,a}.* {web?,dir}.* w{e{b,c},d}1.cpu.user {a,b}.* {a.b,c}.* {a}.b {a}{b}* {ab,abc} {ab,ab} a{b,} a{,b,bc} {,a}b
x[y.z x[y.* x[* x[y* x]y.* x[[]y.* x[]]y.* x[]y.* x[[y.z x[yz].w x[yz[]*.w {brace.v brace}.v {brace* brace}* }{.v *{*.v *}*.v
a{b,c}d.e a[{]b,c}d.e [{]a,b}.f {[{]a,b[}]}.f [!a]*.v [!!]*.v [!]*.v []a.v [].v []].v [[].v []a]*.v [!]]*.v [^]*.v [^a]*.v ^*.v !*.v -*.v [-]*.v [!-]*.v [a-]*.*
[{a,b}].* [{a,b,c}]* w{[e,[d]}b1.* {[,a}.* {[a,[b]}.* a{[bc,]}* [a{b],c]} [{a,b]}.*
** **.a **.b a.** a.**.d a.**.c **.c **.leaf1 dir.** dir.**.leaf1 dir.**.** **.** **.**.leaf1 dir.**.sub.** **.sub **.sub.* **.*.user ***.a ***
{**,a}.c {*,a}*.b {*,}*.b a**.* **a.* **.[l]eaf? dir.{**,sub}.leaf1
\u00e9* ? ?t? [\u00e9]* [!\u00e9]* [\u00e0-\u00ef]*.* \u4e16?.x ??.x *\u754c.x {\u00e9,e}.* \U0001f600.* ?.y [\U0001f600].y A.B a.B [A-Z].* [a-zA-Z]*.[A-Z] [A-z].*
a\.b a\*.b \*.b we\b1.cpu.user x\[y.z a{b\,c}d.e
*.*.*.*.* *-* *-*.* *+.* *.*1 dir.*1 dir.leaf[12] dir.leaf[1-9] dir.leaf[!2] dir.{leaf,nil}1 dir.{leaf[12],sub} dir.sub*.leaf1 dir.s?b.{leaf,sub.leaf}1 web1.c*u.*s*e*
"""


def random_pattern(rnd):
    def node(depth):
        out = ''
        for _ in range(rnd.randint(1, 4)):
            k = rnd.randint(0, 13)
            if k < 5:
                out += rnd.choice(['a', 'b', 'c', 'web', '1', 'd', 'leaf', 'x', 'sub', 'e', '-'])
            elif k < 7:
                out += '*'
            elif k == 7:
                out += '?'
            elif k < 10:
                out += '[' + rnd.choice(['', '!', '^']) + rnd.choice(['a-c', 'ab', '1-9', 'w', ']', 'a-', '-z', 'b-a', 'a-bw-x']) + ']'
            elif k < 12 and depth < 3:
                out += '{' + ','.join(node(depth + 1) if rnd.randint(0, 9) else '' for _ in range(rnd.randint(1, 3))) + '}'
            elif k == 12:
                out += rnd.choice('[]{},!-^')
        return out or '*'
    return '.'.join('**' if rnd.randint(0, 9) == 0 else node(0) for _ in range(rnd.randint(1, 4)))


def comparable(pattern):
    """Reports whether our results should equal Graphite's."""
    parts = [standard.expand_braces(p) for p in pattern.replace('\\', '').split('.')]
    if not all(v for p in parts for v in p):
        return False  # Graphite skips the level of an empty node
    deep = ['**' in p for p in parts]
    if sum(deep) > 1:
        return False  # after a ** that matches no level, the next one loses the first letter of each name
    if deep[-1] and len(parts[-1]) > 1:
        return False  # {**,a}: depends on the order of a set
    return not list(standard.find_escaped_pattern_fields(pattern))  # the result repeats the pattern


def main():
    rnd = random.Random(20)
    patterns = PATTERNS.encode('ascii').decode('raw_unicode_escape').split()
    while len(patterns) < 3000:
        patterns.append(random_pattern(rnd))
    with tempfile.TemporaryDirectory() as root:
        for name in NAMES:
            path = os.path.join(root, *name.split('.')) + '.wsp'
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, 'w').close()
            print('name', name)
        finder = standard.StandardFinder([root])
        empty = 0
        for p in dict.fromkeys(filter(comparable, patterns)):
            found = {(n.path, n.is_leaf) for n in finder.find_nodes(FindQuery(p, None, None))}
            empty += not found
            if not found and empty > 200:
                continue
            print('find', p)
            for path, leaf in sorted(found):
                print('leaf' if leaf else 'branch', path)


main()
