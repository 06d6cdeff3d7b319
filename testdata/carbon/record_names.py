"""Records what Debian's carbon does with received names: filters, rewrite rules and the normalisation of tags, as carbon-aggregator-cache applies them.

usage: /usr/bin/python3 record_names.py > names.jsonl

Each line is {"blacklist", "whitelist", "rewrite": text of a file, "names": {received: outcome}}; an outcome is "blacklistMatches", "whitelistRejects", or "=" followed by the name under which
the point goes to the cache. Rules whose replacement refers to a missing group are not recorded: with them carbon loses all points.
"""
import json
import os
import sys
import tempfile

import carbon
from carbon.conf import settings
settings.MIN_TIMESTAMP_RESOLUTION = 0
settings.program = 'carbon-cache'
from carbon import events, instrumentation, protocols, regexlist, rewrite, state, cache, pipeline
state.events, state.instrumentation = events, instrumentation

NAMES = '''servers.web01.cpu.load
servers.web02.disk.sda1.read
servers.WEB03.cpu
stats.timers.api.v1.count
stats.counters.api.v2.rate
stats.gauges.x
carbon.agents.a.cpuUsage
a
aa.bb.cc
tmp.debug.x
collectd.host_example_com.cpu-0.idle
metric.with.1234567.id
a-b_c:d.e+f
~home.a~b
~~x
größe.é1.ü
disk;host=a
disk;host=a;dc=eu
disk;dc=eu;host=a
disk;z=1;a=2;z=3
disk;name=other;b=1
~disk;b=1
cpu.load;host=web01;env=prod;dc=eu-1
cpu{host="web01",env="prod"}
cpu{b="1",a="2"}
up{job="x y"}
disk;a=~b
disk;a=
disk;=a
disk;a
disk;a=b=c
x;host=a.b.c;dc=1'''.split('\n')

SETS = [
    ('', '', ''),
    ('^tmp\\.\n\n# a comment\n  ^carbon\\.  \n', '', ''),
    ('', '^servers\\.\n;host=a(;|$)\n', ''),
    ('web02\n(\n[\n', '^servers\\.\n*\n', ''),
    ('  # not a comment for carbon\n\\.debug\\.\n', '\n\n', ''),
    ('(?i)^servers\\.web0[13]', '^(?!stats)', ''),
    (';dc=eu;host=a$', 'a', ''),
    ('', '', '[pre]\n^servers\\.(\\w+)\\. = hosts.\\1.\n[post]\n\\.cpu\\b = .processor\n'),
    ('', '', '[post]\n_ = -\n[pre]\n\\. = _\n'),
    ('', '', '# before\n^a = never\n[other]\n^a = never\n[PRE]\n\\d+ = N\nno rule here\n( = broken\n[post]\n^ = all.\n$ = .end\n'),
    ('', '', '[pre]\n^stats = one\n[post]\n^one = two\n[pre]\n^stats = three\n'),
    ('^hosts', '', '[pre]\n^servers = hosts\n'),
    ('', '^servers', '[pre]\n^servers = hosts\n'),
    ('', '', '[pre]\n;host.(\\w+) = ;node=\\1\n;dc=[^;]* =\n'),
    ('', '', '[pre]\n^(?P<head>\\w+)\\.(?P<tail>.*)$ = \\g<tail>.\\g<head>\n'),
    ('', '', '[pre]\n(\\w);(\\w) = \\2=\\1;\na==b = c\n'),
    ('', '', '[pre]\n(?<!\\.)\\b(\\w)(\\w*) = \\2\\1\n(\\w)\\1 = \\1\n'),
    ('\\d$', '', '[pre]\nx* = -\n'),
    ('', '', '[pre]\n$ = ;extra=1\n[post]\n^(.*);extra=1$ = \\1;added=2\n'),
    ('', '', '[pre]\n\\{.* = \n"\\} =\n'),
    ('', '', '\ufeff'),
    ('^a\r\n^stats\r\n', '', '[pre]\r\n^disk = d\r\n'),
]


def reader(cls, text, directory):
    path = os.path.join(directory, 'f')
    with open(path, 'w', newline='') as f:
        f.write(text)
    r = cls()
    r.read_task.start = lambda *a, **k: None
    r.read_from(path)
    return r


class Store:
    stored = None

    def store(self, metric, _):
        Store.stored = metric


def outcome(receiver, name):
    instrumentation.stats.clear()
    Store.stored = None
    receiver.metricReceived(name, (1, 1.0))
    for counter in ('blacklistMatches', 'whitelistRejects'):
        if instrumentation.stats.get(counter):
            return counter
    return '=' + Store.stored


cache.MetricCache = Store
receiver = protocols.MetricReceiver()
receiver.resetTimeout = lambda: None
state.pipeline_processors = [rewrite.RewriteProcessor('pre'), rewrite.RewriteProcessor('post'), cache.CacheFeedingProcessor()]
events.metricReceived.addHandler(pipeline.run_pipeline)
carbon.log.logToStdout = lambda: None
for black, white, rules in SETS:
    with tempfile.TemporaryDirectory() as d:
        protocols.BlackList, protocols.WhiteList = reader(regexlist.RegexList, black, d), reader(regexlist.RegexList, white, d)
        rewrite.RewriteRuleManager = reader(rewrite._RewriteRuleManager, rules, d)
    json.dump({'blacklist': black, 'whitelist': white, 'rewrite': rules, 'names': {n: outcome(receiver, n) for n in NAMES}}, sys.stdout, ensure_ascii=False)
    print()
