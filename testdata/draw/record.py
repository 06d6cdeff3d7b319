#!/usr/bin/python3
"""Record how graphite-web lays out the graphs of cases.json.

usage: /usr/bin/python3 record.py > layout.jsonl
       /usr/bin/python3 record.py axes > axes.jsonl
       /usr/bin/python3 record.py times > times.jsonl
       /usr/bin/python3 record.py FOLDER   (writes the pictures of cases.json to FOLDER, as PNG)

The program needs graphite-web and cairo as modules. It records the layout of graphite-web's SVG, in
which texts are not rounded to pixels. Each line of layout.jsonl is an object. It has the name of the
case and either error or these members: area (xmin, ymin, xmax, ymax), texts ([text, x of the left
end, y of the baseline, size]), lines ([x0, y0, x1, y1, width] of the grid), boxes ([x, y, w, h] of
the legend), axes ([bottom, top, step, label values] of each) and curves ([name, valuesPerPoint,
xStep]). A pie has pie ([x, y, radius]). The cases of axes.jsonl are random. times.jsonl has times
formatted by strftime.
"""
import io
import json
import math
import os
import random
import sys
import warnings

warnings.simplefilter('ignore')
os.environ['DJANGO_SETTINGS_MODULE'] = 'graphite.settings'
import django  # noqa: E402

django.setup()
from graphite.render import glyph  # noqa: E402
from graphite.render.datalib import TimeSeries  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))


def values(v):
    if isinstance(v, list):
        return list(v)
    every, length = v.get('gaps', (1, 0))
    out = []
    for i in range(v['n']):
        if i % every >= every - length:
            out.append(None)
        else:
            out.append(v['base'] + v['amp'] * math.sin(2 * math.pi * (i + v['phase']) / v['period'])
                       + v['noise'] * (i * 7919 % 1000) / 1000.0)
    return out


def series(s):
    v = values(s['values'])
    t = TimeSeries(s['name'], s['start'], s['start'] + s['step'] * len(v), s['step'], v,
                   consolidate=s.get('consolidate', 'average'), xFilesFactor=s.get('xFilesFactor', 0))
    for key in ('stacked', 'invisible', 'secondYAxis', 'drawAsInfinite', 'dashed', 'lineWidth', 'alpha'):
        if key in s:
            t.options[key] = s[key]
    if 'color' in s:
        t.color = s['color']
    return t


def options(params, customizable):
    """Returns the parameters as graphite-web's views.parseOptions converts them."""
    out = {'width': 330, 'height': 250}
    for name in customizable:
        if name not in params:
            continue
        v = params[name]
        if (v.isdigit() or (v.startswith('-') and v[1:].isdigit())) and 'color' not in name.lower():
            v = int(v)
        elif '.' in v and v.lstrip('-').replace('.', '', 1).isdigit():
            v = float(v)
        elif v.lower() in ('true', 'false'):
            v = v.lower() == 'true'
        elif v.lower() == 'default' or v == '':
            continue
        out[name] = v
    return out


class Recorder:
    """Hooks the places where glyph.py draws."""

    def __init__(self):
        self.part, self.texts, self.lines, self.boxes = '', [], [], []

    def install(self):
        rec = self

        def text(graph, text, x, y, font={}, color={}, align='left', valign='top', border=False, rotate=0):
            e = graph.getExtents(text)
            h = {'left': 0, 'center': e['width'] / 2, 'right': e['width']}[align]
            v = {'top': e['maxAscent'], 'middle': e['maxHeight'] / 2 - e['maxDescent'],
                 'bottom': -e['maxDescent'], 'baseline': 0}[valign]
            a = math.radians(rotate)
            rec.texts.append([text, x - math.sin(a) * v - math.cos(a) * h, y + math.cos(a) * v - math.sin(a) * h,
                              graph.ctx.get_font_matrix().xx])

        def rectangle(graph, x, y, w, h, fill=True, dash=False):
            if fill and rec.part == 'legend':
                rec.boxes.append([x, y, w, h])

        def header(graph, name):
            rec.part = name

        glyph.Graph.drawText, glyph.Graph.drawRectangle, glyph.Graph.encodeHeader = text, rectangle, header


class Context:
    """A cairo context that records the straight lines of the grid."""

    def __init__(self, ctx, rec):
        self.ctx, self.rec, self.pen = ctx, rec, None

    def __getattr__(self, name):
        return getattr(self.ctx, name)

    def move_to(self, x, y):
        self.pen = (x, y)
        self.ctx.move_to(x, y)

    def line_to(self, x, y):
        if self.rec.part == 'grid':
            self.rec.lines.append([self.pen[0], self.pen[1], x, y, self.ctx.get_line_width()])
        self.ctx.line_to(x, y)


def draw(case, format):
    cls = glyph.PieGraph if case.get('pie') else glyph.LineGraph
    data = [tuple(s) for s in case['slices']] if case.get('pie') else [series(s) for s in case['series']]
    return cls(data=data, outputFormat=format, **options(case['params'], cls.customizable))


def layout(case):
    rec = Recorder()
    rec.install()
    setup = glyph.Graph.setupCairo

    def hooked(graph, outputFormat='png'):
        setup(graph, outputFormat)
        graph.ctx = Context(graph.ctx, rec)

    glyph.Graph.setupCairo = hooked
    try:
        g = draw(case, 'svg')
    except Exception as e:
        return {'error': '%s: %s' % (type(e).__name__, e)}
    finally:
        glyph.Graph.setupCairo = setup
    out = {'area': [g.area[k] for k in ('xmin', 'ymin', 'xmax', 'ymax')],
           'texts': rec.texts, 'lines': rec.lines, 'boxes': rec.boxes, 'axes': [], 'curves': []}
    if hasattr(g, 'startTime'):
        for side in ('L', 'R') if g.secondYAxis else ('',):
            out['axes'].append([getattr(g, 'y' + k + side) for k in ('Bottom', 'Top', 'Step', 'LabelValues')])
        out['curves'] = [[s.name, s.valuesPerPoint, s.xStep] for s in g.data]
    if hasattr(g, 'radius'):
        out['pie'] = [g.x0, g.y0, g.radius]
    return out


def rounded(v):
    if isinstance(v, float):
        return float('%.7g' % v)
    if isinstance(v, (list, tuple)):
        return [rounded(x) for x in v]
    if isinstance(v, dict):
        return {k: rounded(x) for k, x in v.items()}
    return v


def axes():
    rnd = random.Random(7)

    def number():
        return rnd.choice([0, 1, -1, 100, round(rnd.uniform(-100, 100), 3), rnd.uniform(-1, 1) * 10 ** rnd.randint(-9, 15)])

    for _ in range(600):
        a, b = sorted([number(), number()])
        case = {'low': a, 'high': b, 'system': rnd.choice(['si', 'si', 'binary', 'sec', 'msec', 'none'])}
        if rnd.random() < 0.2:
            case['min'] = number()
        if rnd.random() < 0.2:
            case['max'] = rnd.choice([number(), 'max'])
        if rnd.random() < 0.1:
            case['limit'] = number()
        if rnd.random() < 0.15:
            case['step'] = abs(number())
        if rnd.random() < 0.2:
            case['divisors'] = [rnd.randint(1, 12) for _ in range(rnd.randint(1, 4))]
        if rnd.random() < 0.15:
            case['base'] = rnd.choice([2, 10, math.e, 1.5, 16])
        try:
            if 'base' in case:
                t = glyph._LogAxisTics(a, b, unitSystem=case['system'], base=case['base'])
            else:
                t = glyph._LinearAxisTics(a, b, unitSystem=case['system'])
            t.applySettings(axisMin=case.get('min'), axisMax=case.get('max'), axisLimit=case.get('limit'))
            if 'step' in case:
                t.setStep(case['step'])
            else:
                t.chooseStep(divisors=case.get('divisors', [4, 5, 6]), binary=case['system'] == 'binary')
            t.chooseLimits()
            values = t.getLabelValues()
            case['want'] = [t.bottom, t.top, values, [t.makeLabel(v) for v in values]]
        except Exception as e:
            case['error'] = '%s: %s' % (type(e).__name__, e)
        yield case


def times():
    import pytz
    from datetime import datetime
    formats = ['%' + c for c in 'aAbBcCdDeFGhHIjklmMnpPrRsStTuUVwWxXyYzZ%'] + \
        ['%-d.%-m.', '%_H', '%0e', '%-I%p', 'no directive', '%m/%d %H:%M', '100%%', '%d. %b %Y']
    for unix in (0, 951782399, 1230768000, 1325376000, 1500000000, 1609459199, 1672531200 + 3 * 86400):
        for tz in ('UTC', 'America/New_York', 'Asia/Kolkata'):
            t = datetime.fromtimestamp(unix, pytz.timezone(tz))
            for f in formats:
                if f == '%s' and tz != 'UTC':
                    continue  # Python computes this number in the time zone of the machine
                yield {'unix': unix, 'tz': tz, 'format': f, 'want': t.strftime(f)}


if sys.argv[1:] in (['axes'], ['times']):
    os.environ['TZ'] = 'UTC'
    for case in axes() if sys.argv[1] == 'axes' else times():
        print(json.dumps(case))
    sys.exit()
with open(os.path.join(here, 'cases.json'), encoding='utf-8') as f:
    cases = json.load(f)
for case in cases:
    if len(sys.argv) > 1:
        try:
            b = io.BytesIO()
            draw(case, 'png').output(b)
            with open(os.path.join(sys.argv[1], case['name'] + '.png'), 'wb') as f:
                f.write(b.getvalue())
        except Exception as e:
            print('%s: %s' % (case['name'], e), file=sys.stderr)
    else:
        line = {'name': case['name']}
        line.update(rounded(layout(case)))
        print(json.dumps(line, ensure_ascii=False))
