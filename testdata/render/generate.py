#!/usr/bin/python3
"""Make a script of random targets for record.py.

usage: generate.py [--seed N] [--count N] [--old] > SCRIPT

All functions of functions.json with random arguments, nested up to four deep, over some fifty series with gaps and several steps. With --old it omits the functions
in which Debian's graphite-web 1.1.8 differs from its master, whose results are the reference. Arguments are valid for their parameters: what graphite-web
does with invalid ones is in own.test and docs/differences.md.
"""
import argparse
import json
import os
import random

here = os.path.dirname(os.path.abspath(__file__))

# Not compared, with the reason.
LEFT_OUT = {
    'randomWalk': 'random', 'randomWalkFunction': 'random', 'events': 'needs the database',
    'seriesByTag': 'made below, with existing tags',
    'holtWintersForecast': 'a bootstrap of days before the data', 'holtWintersConfidenceBands': 'the same', 'holtWintersConfidenceArea': 'the same',
    'holtWintersAberration': 'the same',
    'exponentialMovingAverage': 'its first value is an integer 0 if there is no value', 'cactiStyle': 'prints more digits than the C library computes exactly',
    'sin': 'depends on the wall clock in some versions', 'sinFunction': 'the same',
    'reduce': 'made below', 'reduceSeries': 'made below', 'map': 'made below', 'mapSeries': 'made below',
    'applyByNode': 'made below', 'aggregateSeriesLists': 'made below', 'sumSeriesLists': 'made below', 'diffSeriesLists': 'made below',
    'multiplySeriesLists': 'made below', 'useSeriesAbove': 'reads series that are not arguments', 'verticalLine': 'below',
}
# In 1.1.8 these differ from master.
OLD = {
    'moving': 'omits the last window, in all functions with this prefix',
    'nonNegativeDerivative': 'treats a null as a fall', 'perSecond': 'the same', 'compressPeriodicGaps': 'not there', 'upper': 'not there', 'toUpperCase': 'not there',
    'lower': 'not there', 'toLowerCase': 'not there', 'smartSummarize': 'an interval of 0', 'summarize': 'the same', 'hitcount': 'the same',
    'averageOutsidePercentile': 'nulls fail', 'nPercentile': 'the same', 'removeBetweenPercentile': 'the same',
}
# Their results differ in the last digit, which may become part of a name.
DIGITS = ('exp', 'log', 'pow', 'powSeries', 'logit', 'sigmoid', 'logarithm')
PATHS = ['web.*.cpu', 'web.*.*', 'web.01.cpu', 'web.0[12].mem', '{web,db}.01.cpu', 'slow.*', 'db.*.cpu', 'odd.seven', 'gappy.*', 'ints.*', 'many.*', 'no.such.*',
         "seriesByTag('name=disk')", "seriesByTag('dc=a','host=~w.')", 'disk;dc=a;host=w1']
SERIES = '''range 1200 1800 3600
series web.01.cpu 60 0 0+1x40
series web.02.cpu 60 0 5x20 7.25x3 _ 4 _x2 -2.5 3 9 1e3 _x3
series web.03.cpu 60 0 _x22 8 _x3 1.5 2.5 _ 4 4 4
series web.01.mem 60 0 100-1.5x40
series web.02.mem 60 0 40x24 0 _x3 80x6
series db.01.cpu 60 0 wave:40
series db.02.cpu 120 0 wave:20
series slow.a 120 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 _ 16 17 18 19 20
series slow.b 300 0 10 20 30 40 50 60 70
series odd.seven 7 0 0+0.5x300
series gappy.all 60 0 _x60
series gappy.one 60 0 _x24 7 _x20
series gappy.two 60 0 1 _ 2 _ 3 _ 4 _ 5 _ 6 _ 7 _ 8 _ 9 _ 10 _ 11 _ 12 _ 13 _ 14 _ 15 _ 16
series ints.zero 60 0 0x60
series ints.neg 60 0 -30+1x60
series ints.count 60 0 0+7x25 3+7x20
series disk;dc=a;host=w1 60 0 1+1x40
series disk;dc=a;host=w2 60 0 2x40
series disk;dc=b;host=w1 60 0 3x22 _x5 3x20
series net;dc=b 60 0 9x40'''


class Trees:
    def __init__(self, rnd, old):
        with open(os.path.join(here, 'functions.json'), encoding='utf-8') as f:
            self.functions = json.load(f)
        self.rnd, self.name = rnd, ''
        out = dict(LEFT_OUT, **(OLD if old else {}))
        self.names = [n for n in sorted(self.functions) if n not in out and not (old and n.startswith('moving') or n in DIGITS)]

    def path(self):
        return self.rnd.choice(PATHS)

    def value(self, p):
        r = self.rnd.choice
        kind = p['type']
        if p.get('options'):
            v = r(p['options'])
            return "'%s'" % v if isinstance(v, str) else str(v).lower()
        if p['name'] == 'n' and 'ercentile' in self.name:
            return r(['1', '10', '50', '90', '99.9', '100'])
        if p['name'] in ('base', 'points', 'step', 'dashLength'):
            return r(['2', '3', '10', '60'])
        if kind == 'boolean':
            return r(['true', 'false'])
        if kind in ('float', 'any'):
            return r(['0', '1', '2', '0.5', '-2.5', '10', '50', '99.9', '1e3'])
        if kind == 'integer':
            return r(['0', '1', '2', '3', '5'])
        if kind in ('node', 'nodeOrTag'):
            return r(['0', '1', '2', '-1'] + (["'dc'", "'name'"] if kind == 'nodeOrTag' else []))
        if kind in ('interval', 'intOrInterval'):
            return r(["'1min'", "'2min'", "'5min'", "'90s'", "'10min'"] + (['1', '2', '3', '5'] if kind == 'intOrInterval' else []))
        if kind == 'intOrInf':
            return r(['1', '2', '5', 'inf'])
        if kind == 'date':
            return r(["'00:22_19700101'", "'00:25_19700101'", "'00:28_19700101'"])
        if kind == 'tag':
            return r(["'name'", "'dc'", "'host'"])
        if p['name'] in ('search', 'pattern'):
            return r(["'web'", "'(0)(.)'", "'cpu$'", "'^[a-z]+'", "'nothing'"])
        if p['name'] in ('replace', 'replacement'):
            return r(["'x'", "'\\2-\\1'", "''"])
        return r(["'x'", "'a name'", "'%d'", "'si'"])

    def call(self, depth):
        r = self.rnd
        if depth == 0:
            return self.path()
        if r.random() < .06:
            return self.special(depth)
        name = r.choice(self.names)
        args = []
        for p in self.functions[name]['params']:
            self.name = name
            if p['name'] == 'referenceSeries':
                break  # graphite-web uses the wrong values if it is longer
            if name == 'timeSlice':
                p = dict(p, required=True)  # otherwise the end depends on the wall clock
            if not p.get('required') and r.random() < .5:
                break
            for _ in range(r.randint(1, 2) if p.get('multiple') else 1):
                args.append(self.call(r.randint(0, depth - 1)) if p['type'] in ('seriesList', 'seriesLists') else self.value(p))
        return '%s(%s)' % (name, ','.join(args))

    def special(self, depth):
        r = self.rnd
        groups = 'mapSeries(%s,%d)' % (r.choice(['web.*.*', 'web.*.cpu', '{web,db}.*.cpu']), r.choice([0, 1, 2]))
        lists = 'web.*.cpu,%s' % r.choice(['web.*.cpu', 'db.*.cpu', 'gappy.*'])
        return r.choice([
            'reduceSeries(%s,"%s",2,"cpu","mem")' % (groups, r.choice(['asPercent', 'divideSeries', 'diffSeries', 'sumSeries'])),
            'applyByNode(web.*.cpu,1,"%s")' % r.choice(['sumSeries(web.%.*)', 'divideSeries(web.%.cpu,web.%.mem)', 'web.%.mem']),
            '%s(%s)' % (r.choice(['sumSeriesLists', 'diffSeriesLists', 'multiplySeriesLists']), lists),
            "aggregateSeriesLists(%s,'%s')" % (lists, r.choice(['sum', 'avg', 'max', 'diff'])),
            "verticalLine('00:25_19700101','x','red')",
        ])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--count', type=int, default=400)
    a.add_argument('--old', action='store_true')
    a = a.parse_args()
    rnd = random.Random(a.seed)
    trees = Trees(rnd, a.old)
    print('# Random targets, seed %d.' % a.seed)
    print(SERIES)
    for i in range(40):
        print('series many.%02d 60 0 %s' % (i, ' '.join(rnd.choice(['_', '%d' % rnd.randint(-5, 50), '%.3f' % rnd.uniform(-100, 100)]) for _ in range(40))))
    for i in range(a.count):
        if i % 40 == 0:
            print('xff %s' % rnd.choice(['0', '0', '0.5']))
        print('eval ' + trees.call(rnd.randint(1, 4)))


if __name__ == '__main__':
    main()
