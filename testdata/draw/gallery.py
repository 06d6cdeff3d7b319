#!/usr/bin/python3
"""Draw the pictures of gallery.txt with graphited and with graphite-web, side by side on one page.

usage: gallery.py --graphited PROGRAM [--data FOLDER --now SECONDS] --out FOLDER [--only REGEX] [--sheets]

The FOLDER of --data has whisper files, and --now is the Unix time of their last points. Without
them the program makes some. It needs graphite-web, whisper and cairo as modules, and pdftoppm. It
writes index.html and the pictures, with --sheets also sheet-NN.png with five pairs each, graphited
on the left. It prints the pictures that only one of the two draws, and the mean differences of
pixels, greatest first. It also draws each picture as SVG, which must be XML, and as PDF, which must
look like the PNG. The exit status is 1 if one of these fails, or if graphited refuses a picture
that graphite-web draws.
"""
import argparse
import html
import io
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import warnings
import xml.dom.minidom

warnings.simplefilter('ignore')
here = os.path.dirname(os.path.abspath(__file__))
TEMPLATES = '/usr/share/doc/graphite-web/examples/graphTemplates.conf.example'  # Debian's


def arguments():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--graphited', required=True)
    a.add_argument('--data')
    a.add_argument('--now', type=int, default=int(time.time()) // 3600 * 3600)
    a.add_argument('--out', required=True)
    a.add_argument('--only', default='')
    a.add_argument('--sheets', action='store_true')
    return a.parse_args()


def cases(only, now):
    with open(os.path.join(here, 'gallery.txt'), encoding='utf-8') as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                name, query = line.strip().split(' ', 1)
                if re.search(only, name):
                    yield name, urllib.parse.parse_qsl(query.replace('HOURS-AGO', time.strftime('%H:%M_%Y%m%d', time.gmtime(now - 10800))))


def made_up(now):
    """Makes a folder with the series that gallery.txt names."""
    import whisper
    folder = tempfile.mkdtemp()

    def make(name, value, step=60, last=0):
        path = os.path.join(folder, *name.split('.')) + '.wsp'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        whisper.create(path, [(step, 2880), (step * 30, 4320)])
        points = [(t, value(i)) for i, t in enumerate(range(now - 2879 * step, now - last, step)) if value(i) is not None]
        whisper.update_many(path, points, now)

    def wave(n, base=20, amp=8, noise=4):
        return lambda i: base + amp * math.sin(2 * math.pi * (i + 60 * n) / 360) + noise * ((i * 7919 + n * 131) % 97) / 97

    for n in range(1, 21):
        for k, part in enumerate(('user', 'idle', 'system')):
            make('servers.web%02d.cpu.%s' % (n, part), wave(n, 20 + 15 * k))
    for n in range(1, 4):
        make('servers.web%02d.memory.used' % n, wave(n, 2.5e9, 1e9, 1e9))
        make('servers.db%02d.disk.sda1.bytes_used' % n, wave(n, 4e10 * n, 1e8))
    for n, name in enumerate(('api.login', 'api.search', 'api.checkout', 'web.hits', 'web.errors')):
        make('stats.counters.%s.count' % name, wave(n, 150, 50, 100), 10)
    for step in (10, 60, 300, 3600):
        make('ret.s%d' % step, wave(step, 10, 4), step)
    special = {
        'gappy': lambda i: None if i * 7919 % 11 < 4 else 10 + i * 31 % 5, 'sparse': lambda i: i % 10 if i * 7919 % 17 == 3 else None,
        'negative': wave(3, -50, 20), 'ramp': lambda i: i % 100, 'ints': lambda i: i * 7919 % 200 - 100, 'square': lambda i: 10 + 10 * (i // 30 % 2),
        'alternating': lambda i: i % 2, 'constant': lambda i: 7, 'zero': lambda i: 0, 'huge': wave(2, 1e18, 4e17), 'tiny': wave(2, 1e-12, 4e-13, 1e-13),
        'single': lambda i: 42.5 if i == 2860 else None, 'allnull': lambda i: None,
    }
    for name, value in special.items():
        make('special.' + name, value)
    make('weird.nan', lambda i: float('nan') if i % 5 == 0 else i % 5)
    make('weird.inf', lambda i: float('inf') if i % 5 == 0 else i % 5)
    return folder


class GraphiteWeb:
    """graphite-web in this process. It reads only whisper files."""

    def __init__(self, data):
        root = tempfile.mkdtemp()
        if os.path.exists(TEMPLATES):
            shutil.copy(TEMPLATES, os.path.join(root, 'graphTemplates.conf'))
        with open(os.path.join(root, 'gallery_settings.py'), 'w') as f:
            f.write('SECRET_KEY = "x"\nCONF_DIR = STORAGE_DIR = LOG_DIR = %r\nWHISPER_DIR = %r\nSTANDARD_DIRS = [WHISPER_DIR]\nMIDDLEWARE = ()\n'
                    'CARBONLINK_HOSTS = []\nCLUSTER_SERVERS = []\nTIME_ZONE = "UTC"\nALLOWED_HOSTS = ["*"]\nUSE_WORKER_POOL = False\n' % (root, data))
        sys.path.insert(0, root)
        os.environ.update(GRAPHITE_SETTINGS_MODULE='gallery_settings', DJANGO_SETTINGS_MODULE='graphite.settings')
        import django
        django.setup()
        from django.test import Client
        self.client = Client(raise_request_exception=False)

    def draw(self, params):
        form = {}
        for k, v in params:
            form.setdefault(k, []).append(v)
        try:
            r = self.client.get('/render', form)
            body = r.content
        except Exception as e:  # from the view or from cairo
            return None, '%s: %s' % (type(e).__name__, e)
        if r.status_code == 200 and body[:4] == b'\x89PNG':
            return body, ''
        return None, 'status %d: %s' % (r.status_code, body[:200].decode('utf-8', 'replace'))


def ours(a, params, format='png'):
    args = [a.graphited, 'render', '--dir', a.data, '--format', format]
    for k, v in params:
        if k != 'target':
            args += ['--' + k, urllib.parse.unquote_plus(v) if 'title' in k else v]
    r = subprocess.run(args + ['--'] + [v for k, v in params if k == 'target'], capture_output=True)
    drawn = r.returncode == 0 or r.returncode == 1 and b'no series was found' in r.stderr  # a picture without series counts, too
    return (r.stdout, '') if drawn else (None, r.stderr.decode('utf-8', 'replace'))


def others(a, params, png):
    """Returns what is wrong with the SVG and the PDF of a picture."""
    svg, error = ours(a, params, 'svg')
    if error:
        return error
    try:
        xml.dom.minidom.parseString(svg)
    except Exception as e:
        return 'the SVG is not valid XML: %s' % e
    pdf, error = ours(a, params, 'pdf')
    if error:
        return error
    width, height = surface(png).get_width(), surface(png).get_height()
    p = subprocess.run(['pdftoppm', '-png', '-scale-to-x', str(width), '-scale-to-y', str(height), '-'], input=pdf, capture_output=True)
    if p.returncode or p.stderr:
        return 'pdftoppm: %s' % p.stderr.decode('utf-8', 'replace')
    far = difference(p.stdout, png)
    return 'the PDF differs from the PNG by %.1f' % far if far > 12 and dict(params).get('bgcolor') != 'ffffff00' else ''


def surface(png):
    import cairocffi
    return cairocffi.ImageSurface.create_from_png(io.BytesIO(png))


def difference(a, b):
    """Returns the mean difference between the channels of two pictures, from 0 to 255."""
    a, b = surface(a), surface(b)
    if (a.get_width(), a.get_height()) != (b.get_width(), b.get_height()):
        return 255.0

    def pixels(s):
        import cairocffi
        t = cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, s.get_width(), s.get_height())
        c = cairocffi.Context(t)
        c.set_source_surface(s)
        c.paint()
        return bytes(t.get_data())

    a, b = pixels(a), pixels(b)
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


def page(out, rows):
    with open(os.path.join(out, 'index.html'), 'w', encoding='utf-8') as f:
        f.write('<!DOCTYPE html><meta charset="utf-8"><title>graphited and graphite-web</title>'
                '<style>body{font:14px sans-serif;background:#e8e8e8}figure{display:inline-block;margin:4px;vertical-align:top}img{display:block}'
                'pre{white-space:pre-wrap;width:400px}code{color:#555}</style><h1>graphited on the left, graphite-web on the right</h1>')
        for name, params, (mine, error), (theirs, refusal), far in rows:
            f.write('<h2 id="%s">%s</h2><code>%s</code> <small>%s</small><br>' % (name, name, html.escape(urllib.parse.urlencode(params)), far))
            for who, png, why in (('ours', mine, error), ('theirs', theirs, refusal)):
                f.write('<figure>%s</figure>' % ('<img src="%s-%s.png" alt="%s">' % (name, who, who) if png else '<pre>%s</pre>' % html.escape(why)))


def sheets(out, rows):
    import cairocffi
    for n in range(0, len(rows), 5):
        part = rows[n:n + 5]
        heights = [max([surface(p).get_height() for p in (r[2][0], r[3][0]) if p] + [30]) + 18 for r in part]
        widths = [max([surface(r[i][0]).get_width() for r in part if r[i][0]] + [300]) + 6 for i in (2, 3)]
        s = cairocffi.ImageSurface(cairocffi.FORMAT_RGB24, sum(widths), sum(heights))
        c = cairocffi.Context(s)
        c.set_source_rgb(.9, .9, .9)
        c.paint()
        y = 0
        for r, h in zip(part, heights):
            for x, (png, why) in ((0, r[2]), (widths[0], r[3])):
                c.set_source_rgb(.7, 0, 0)
                c.move_to(x + 2, y + 13)
                c.show_text(r[0] + ': ' + why[:80].replace('\n', ' ') if why else r[0])
                if png:
                    c.set_source_surface(surface(png), x, y + 17)
                    c.paint()
            y += h
        s.write_to_png(os.path.join(out, 'sheet-%02d.png' % (n // 5)))


def main():
    a = arguments()
    a.data, a.out = os.path.abspath(a.data or made_up(a.now)), os.path.abspath(a.out)
    os.makedirs(a.out, exist_ok=True)
    web = GraphiteWeb(a.data)
    rows, failed = [], 0
    for name, params in cases(a.only, a.now):
        given = dict(params)
        defaults = {'from': '-6h', 'width': '400', 'height': '250', 'now': str(a.now), 'until': 'now', 'tz': 'UTC'}
        params += [(k, v) for k, v in defaults.items() if k not in given]
        mine, theirs = ours(a, params), web.draw(params)
        for who, (png, _) in (('ours', mine), ('theirs', theirs)):
            if png:
                with open(os.path.join(a.out, '%s-%s.png' % (name, who)), 'wb') as f:
                    f.write(png)
        far = difference(mine[0], theirs[0]) if mine[0] and theirs[0] else ''
        rows.append((name, params, mine, theirs, far))
        for who, (png, why) in (('graphited', mine), ('graphite-web', theirs)):
            if not png:
                print('%-24s %s: %s' % (name, who, why.strip().replace('\n', ' ')[:160]))
        failed += not mine[0] and bool(theirs[0])
        wrong = others(a, params, mine[0]) if mine[0] else ''
        if wrong:
            failed += 1
            print('%-24s %s' % (name, wrong))
    page(a.out, rows)
    if a.sheets:
        sheets(a.out, rows)
    for row in sorted((r for r in rows if r[4] != ''), key=lambda r: -r[4])[:25]:
        print('%-24s differs by %.2f' % (row[0], row[4]))
    print('%d pictures, %d drawn by both' % (len(rows), sum(r[4] != '' for r in rows)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
