"""Records how graphite-web parses times: python3 record.py [count] > graphite-web.txt

Needs graphite-web and pytz. Each line has, separated by tabs, a time as a JSON string, an
index of CONTEXTS (lines "# zone now" at the head of the file, now in microseconds since
1970) and the microseconds since 1970 that parseATTime returns, or "error". Lines with
"offset" instead of the index are results of parseTimeOffset, in seconds.
"""
import json
import random
import re
import sys
from datetime import datetime, timedelta, timezone

import pytz
from django.conf import settings

settings.configure(TIME_ZONE='UTC')

from graphite.render.attime import parseATTime, parseTimeOffset  # noqa: E402

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
CONTEXTS = [
    ('UTC', 1767323045_678901),               # a Friday, 2026-01-02 03:04:05
    ('Europe/Berlin', 1711850400_000001),     # 2024-03-31 03:00, when summer time begins
    ('America/New_York', 1699167600_000000),  # 2023-11-05 02:00, when it ends
    ('Asia/Kolkata', 1709231399_500000),      # 2024-02-29 23:59:59
    ('Australia/Lord_Howe', 1712415600_000000),  # 2024-04-07, summer time of half an hour ends
    ('Pacific/Apia', 1325239200_000000),      # 2011-12-31, after a day that was skipped
    ('America/Sao_Paulo', 1541300400_000000),  # 2018-11-04 01:00, midnight was skipped
]

CURATED = '''
|now|today|yesterday|tomorrow|midnight|noon|teatime|NOW|Today| now |n_o,w|now+1h|now-1h|now+|now-|+1h|-1h|-1d2h|-5m|-5min|-5minutes|-1mon|-1month
-1y|-1w|-1s|-1x|-1|now-5|--1h|-1h-1h|+1h-1h|-1h+1h|1h|1d|-1.5h|-1h30min|-1sunday|-1 h|- 1h|-1h |-0s|-00001h|-99999d|-999999d|-9999999999y|-99999999999999999999s
midnight+1h|midnight1h|midnight 1h|noon+yesterday|noonyesterday|noon_yesterday|noon yesterday|midnight_tomorrow|teatime tomorrow|yesterday noon|today+1d|yesterday-1h
6pm|6am|12am|12pm|0am|0pm|1pm|11pm|13pm|23am|24am|24pm|99pm|6pmyesterday|6 am tomorrow|am|pm|123am|6am6pm|6pm6am|-6am|xam|6amnoon|6pmtoday|06am|6pm+1h
8:50|08:50|0:00|23:59|24:00|8:60|8:5|8:|:50|8:5pm|8:50am|8:50pm|12:30am|12:30pm|0:30pm|23:30pm|08:50yesterday|8:50 tomorrow|100:00|8:50:30|8:50am5pm|8:50amnoon|8:50pm6am|x:50|8:xx
04:37_20150822|20150822|20150822 04:37|0437_20150822|04:37 08/22/15|8/22/2015|08/22/15|1/1/69|1/1/70|1/1/1899|1/1/0|1/1/99|1/1/100|1/1/10000|13/1/20|2/30/20|2/29/24|2/29/23|0/1/20|1/0/20|1/1|1/1/1/1|//|a/b/c|12/31/9999
1/1/1900|anf1|ebm2|19000101|19010101|20151301|20150931|20150932|20150230|20159999|00010101|00000000|noon00010101|midnight20150822|noon99991231|99991231|noon_20159901|2015082|201508221
0|5|1|1234567890|1500000000|1500000000000|253402300799|253402300800|99999999999999999999|0000000005|1500000000+1h|1500000000-1h|15_000|1,5|1500000000.5
jan1|january10|jan|january|jan0|jan31|jan32|feb29|feb28|feb30|mar2016|september25|sep5|dec25|dec 25 |noon jan 5|janx5|jan5x|jan005|may1|mayday1|june|jun31|oct_31|nov,5|apr1-1d|aug1+1h|4pm jul4|jul4 4pm
monday|mon|tue|tuesday|wed|thu|fri|sat|sun|sunday|monkey|noon monday|monday noon|6pm fri|mon-1w|monday+1h|mo|m|su|tues|thurs|8:00 sat
2015-01-02|2026-01-02T03:04:05|2026-01-02|2026-01-02 03:04|foo|foo+1h|now now|nownow|today today|1/1/2015+1d|%%|-|+|++|+-|-+|:|/|_|,|midnight-|midnight+|epoch|null|none
'''
# Times near the changes of the clock, recorded in every context.
CLOCK_CHANGES = '''
1:30|2:30|2:00|1:59|3:00|0:30|01:45|2:15|2:30+1h|1:30-1h|1:30 11/5/2023|1:30 10/29/2023|2:30 10/29/2023|2:30 3/31/2024|2:30_20240310|1:30_20231105|1:45_20240407|2:15_20241006|noon 12/30/2011|midnight 12/30/2011|23:59 12/29/2011
20181104|midnight_20181104|0:30 11/04/2018|23:30 02/17/2018|2:30_20380314|12:00_20380701|12/31/2037|7/4/2036|1/1/1970|1/1/1971|6/1/1945|3/1/1919
'''
CURATED_OFFSETS = '''
|0s|1s|+1s|-1s|1min|5min|5minutes|1m|5m|1h|1hour|1d|1day|1w|1mon|1month|1y|1year|1d2h|-1d2h|+1d2h|1d-2h|1d+2h|1|-|+|-1|s|-s|1x|1 d| 1d|1d |1D|1H|1.5h|1e3s|x|--1d|1d2
1sec|1second|1dé|1é|10min30s|1h1h1h|007s|999999999d|1000000000d|99999999999999999999d|9999999999999s|86399999999999s|86399999999999999s|1sx|1minx|1moon|1mo|292y|1mon1min1m|-999999999d|0y0mon|1_000s|1,000s
'''

REFS = ['', 'now', 'today', 'yesterday', 'tomorrow', 'monday', 'sun', 'jan5', 'october31', 'feb29', '20150822', '08/22/15', '1/2/2033', '1500000000', 'noon', 'foo']
CLOCKS = ['', '', 'noon', 'midnight', 'teatime', '6pm', '12am', '8:50', '12:30pm', '2:30', '1:15', '0:00', '23:59', '5:5', '24:00']
OFFSETS = ['', '', '+1h', '-1d', '-1w2d', '+30min', '-5m', '-1mon', '+1y', '-90s', '-', '+5', '-1d-1h']
MARKS = list('0123456789:/+-_, ampmonsxhd') + ['am', 'pm', 'mon', 'noon', '']


def lines(s):
    return s.strip('\n').replace('\n', '|').split('|')


def mutate(r, s):
    for _ in range(r.choice([0, 0, 1, 1, 2])):
        i = r.randint(0, len(s))
        j = min(len(s), i + r.choice([0, 0, 1, 1, 2]))
        s = s[:i] + r.choice(MARKS) + s[j:]
    return s


def microseconds(t):
    return (t - EPOCH) // timedelta(microseconds=1)


def answer(f, *args):
    try:
        return str(f(*args))
    except Exception:
        return 'error'


def comparable(zone, s, result):
    """pytz knows the changes of the clock from 1901 to 2037 and fails near the years 1 and 9999."""
    if zone == 'UTC':
        return True
    return '9999' not in s and '0001' not in s and (result == 'error' or 1902 <= 1970 + int(result) / 31556952e6 < 2037.9)


def record(s, context):
    result = answer(at, s, context)
    if comparable(CONTEXTS[context][0], s, result):
        print(json.dumps(s), context, result, sep='\t')


def at(s, context):
    zone, now = CONTEXTS[context]
    tz = pytz.timezone(zone)
    return microseconds(parseATTime(s, tz, (EPOCH + timedelta(microseconds=now)).astimezone(tz)))


def main(count):
    r = random.Random(1)
    for zone, now in CONTEXTS:
        print('#', zone, now, sep='\t')
    for i, s in enumerate(lines(CURATED)):
        for c in sorted({0, i % len(CONTEXTS)}):
            record(s, c)
    for s in lines(CLOCK_CHANGES):
        for c in range(len(CONTEXTS)):
            record(s, c)
    for s in lines(CURATED_OFFSETS):
        print(json.dumps(s, ensure_ascii=False), 'offset', answer(lambda: int(parseTimeOffset(s).total_seconds())), sep='\t')
    seen, n = set(), 0
    while n < count:
        s = mutate(r, r.choice(CLOCKS) + r.choice(['', '', '_', ' ']) + r.choice(REFS) + r.choice(OFFSETS))
        shape = re.sub(r'\d', '0', s)
        if shape not in seen:
            seen.add(shape)
            c = r.randrange(len(CONTEXTS))
            record(s, c)
            n += 1


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 700)
