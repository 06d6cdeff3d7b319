#!/usr/bin/env python3
"""Records the results of graphite-web's tag database: record_tags.py > tags.txt

Needs the packages graphite-web and python3-django. The database is SQLite in memory. Each line is a JSON list of a request
and its result. An error is an object with the text of the error.
"""
import json
import random

from django.conf import settings

from graphite import settings as global_settings

settings.configure(**{
    k: v for k, v in vars(global_settings).items()
    if k.isupper() and not k.startswith('LOG_FILE') and k not in ('DATABASES', 'INSTALLED_APPS', 'MIDDLEWARE')
}, LOG_FILE_INFO='-', LOG_FILE_EXCEPTION='-', LOG_FILE_CACHE='-', LOG_FILE_RENDERING='-',
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}, INSTALLED_APPS=['graphite.tags'])

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from graphite.tags.localdatabase import LocalDatabaseTagDB  # noqa: E402
from graphite.tags.utils import TaggedSeries  # noqa: E402

PATHS = [
    'a', 'a.b', '~a', '~~a.b;x=1', '~', '~;x=1', '', ';x=1', 'a;', 'a;x', 'a;=1', 'a;x=', 'a;x=1', 'a;b=2;a=1', 'a;a=1;b=2', 'a;a=1;a=2',
    'a;a=2;b=1;a=1', 'a;name=b', 'a;name=b;x=1', 'a;x=1=2', 'a;x=~1', 'a;x=1~', 'a;x!=1', 'a;x^=1', 'a;x y=1 2', 'a;x=1;', 'a;;x=1', 'a;x=1;x',
    'a;aa=1;a=2;a-=3;a1=4', 'a.b;c.d=e.f', 'a;\u00e9=\u00e9;z=1', 'a{x="1"}', 'a{x="1",y="2"}', 'a{y="2",x="1"}', 'a{x="1",}', 'a{x="1":,y="2"}',
    'a{x="1":}', 'a{x="1"y="2"}', 'a{x="",y="1"}', 'a{x="a\\"b"}', 'a{x="a\\\\b"}', 'a{x="a\\\\\\"b"}', 'a{x="a\\b"}', 'a{x="~1"}', 'a{x="1;2"}',
    'a{x="1=2"}', 'a{x;y="1"}', 'a{="1"}', 'a{x!="1"}', '{x="1"}', 'a{}', 'a{"}', 'a{x="{"}', 'a{{x="1"}', 'a{x="1", y="2"}', 'a;x="}', 'a;x={"}', '~a{x="1"}',
    'a{name="b"}', 'a{x="1",x="2"}', 'a{x="1,y="2"}', 'a{x=1,y="2"}', 'a{x="1"}b', 'a;{x="1"}', 'disk.used;datacenter=dc1;rack=a1;server=web01', 'a b;c=d',
]

SERIES = [
    '%s;%s' % (name, ';'.join(tags))
    for name in ['disk.used', 'disk.free', 'cpu', 'cpu.load']
    for tags in [
        ['dc=dc1', 'host=web1'], ['dc=dc1', 'host=web2', 'env=prod'], ['dc=dc2', 'host=db1', 'env=prod'],
        ['dc=dc2', 'host=db10', 'env=test', 'x-y=1'], ['host=web1', 'env=dev'], ['rack=a.1', 'env=prod']]
]

EXPRS = [
    'name=cpu', 'name!=cpu', 'name=~cpu', 'name=~cpu$', 'name!=~cpu', 'name=~disk|cpu$', 'name=~^cpu|used', 'name=', 'name!=', 'dc=dc1', 'dc!=dc1', 'dc=~dc',
    'dc!=~dc', 'dc=~.*', 'dc!=~.*', 'dc!=~', 'dc=~', 'dc=~.+', 'dc=~dc[12]', 'dc=~c1', 'dc=', 'dc!=', 'host=~web', 'host=~web1', 'host=~(web|db)1$', 'host=~db1|web2',
    'host!=~web', 'host!=web1', 'host=~^web', 'host=~', 'env=prod', 'env!=prod', 'env!=', 'env=', 'env=~prod|dev', 'env=~PROD', 'env!=~prod|', 'x-y=1', 'x-y!=1', 'x-y=~1?',
    'none=1', 'none!=1', 'none=', 'none!=', 'none=~', 'none!=~x', 'rack=a.1', 'rack=~a.1', 'rack=~a\\.1',
]
BAD = ['', 'x', '=x', '!=x', 'x!y', 'x!', 'x;y=1', 'x=1;2', 'x==1', 'x=!1', 'x~=1', 'x=~~', 'a b=c']


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return {'error': str(e)}


def say(*what):
    print(json.dumps(what, ensure_ascii=True))


def main():
    call_command('migrate', verbosity=0)
    db = LocalDatabaseTagDB(settings)
    for p in PATHS:
        canonical = attempt(lambda: TaggedSeries.parse(p).path)
        say('parse', p, canonical)
        if isinstance(canonical, str):
            say('file', canonical, TaggedSeries.encode(canonical, sep='/', hash_only=True), TaggedSeries.encode(canonical, sep='/'))
    for s in SERIES:
        say('add', db.tag_series(s))
    rnd = random.Random(21)
    asked = [[e] for e in EXPRS + BAD] + [[a, b] for a in EXPRS for b in EXPRS if rnd.randint(0, 7) == 0]
    asked += [rnd.sample(EXPRS, 3) for _ in range(150)] + [['name=cpu', b] for b in BAD]
    for exprs in asked:
        answer = attempt(db._find_series, exprs)
        if len(exprs) == 1 or isinstance(answer, list):
            say('find', exprs, answer)
    for filter in [None, 'd', '^d', 'e|n', '.*t', 'zzz']:
        for limit in [None, 2]:
            say('tags', filter or '', limit or 0, [t['tag'] for t in db.list_tags(filter, limit)])
            for tag in ['host', 'env', 'name', 'none']:
                got = db.get_tag(tag, filter, limit)
                say('values', tag, filter or '', limit or 0, got and [[v['value'], v['count']] for v in got['values']])
    for exprs in [[], ['name=cpu'], ['dc=dc1'], ['dc=~dc', 'env!='], ['host=web1', 'dc='], ['dc=zz'], ['dc!=dc1']]:
        for prefix in ['', 'd', 'web', 'zz']:
            for limit in [100, 2]:
                say('completeTags', exprs, prefix, limit, attempt(db.auto_complete_tags, exprs, prefix, limit))
                for tag in ['host', 'env', 'name', 'none']:
                    say('completeValues', exprs, tag, prefix, limit, attempt(db.auto_complete_values, exprs, tag, prefix, limit))
    say('completeTags', ['x;y=1'], '', 1, attempt(db.auto_complete_tags, ['x;y=1']))
    say('completeValues', ['x;y=1'], 'host', '', 1, attempt(db.auto_complete_values, ['x;y=1'], 'host'))
    say('completeValues', ['name=cpu'], 'a=b', '', 1, attempt(db.auto_complete_values, ['name=cpu'], 'a=b'))
    for s in SERIES[::2]:
        db.del_series(s)
        say('delete', TaggedSeries.parse(s).path)
    for exprs in asked[::7]:
        say('find', exprs, attempt(db._find_series, exprs))


main()
