#!/usr/bin/python3
"""Record the responses of graphite-web for dashboards, graphs and events that users save.

usage: /usr/bin/python3 record_saved.py > saved.jsonl

Needs graphite-web as a module. Sends the requests of saved.txt, in order, to an
empty database. A line is an object: request, accept, status, type, location, body.
"""
import json
import os
import sys
import tempfile
import warnings

warnings.simplefilter('ignore')
here = os.path.dirname(os.path.abspath(__file__))
root = tempfile.mkdtemp()
for d in ('conf', 'storage', 'log', 'whisper'):
    os.mkdir(os.path.join(root, d))
with open(os.path.join(root, 'recorder_settings.py'), 'w') as f:
    f.write('''
SECRET_KEY = 'x'
CONF_DIR, STORAGE_DIR, LOG_DIR, WHISPER_DIR = %r, %r, %r, %r
STANDARD_DIRS = [WHISPER_DIR]
CARBONLINK_HOSTS = []
MIDDLEWARE = ('django.contrib.sessions.middleware.SessionMiddleware',
              'django.contrib.auth.middleware.AuthenticationMiddleware')
''' % tuple(os.path.join(root, d) for d in ('conf', 'storage', 'log', 'whisper')))
sys.path.insert(0, root)
os.environ['GRAPHITE_SETTINGS_MODULE'] = 'recorder_settings'
os.environ['DJANGO_SETTINGS_MODULE'] = 'graphite.settings'

import django  # noqa: E402

django.setup()
from django.core.management import call_command  # noqa: E402
call_command('migrate', verbosity=0, run_syncdb=True)
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

client = Client(raise_request_exception=False)
client.force_login(User.objects.create_user('u', 'u@example.com', 'p'))

for line in open(os.path.join(here, 'saved.txt'), encoding='utf8'):
    line = line.rstrip('\n')
    if not line or line.startswith('#'):
        continue
    request, _, accept = line.partition(' ## ')
    method, url, body = (request.split(' ', 2) + [''])[:3]
    kw = {'HTTP_ACCEPT': accept} if accept else {}
    if method == 'POST':
        kind = 'application/json' if body.startswith('{') else 'application/x-www-form-urlencoded'
        r = client.post(url, body, content_type=kind, **kw)
    else:
        r = client.generic(method, url, **kw)
    if r.status_code >= 500:
        sys.exit('%s: %d %s' % (line, r.status_code, r.content[-1500:]))
    print(json.dumps({
        'request': request, 'accept': accept, 'status': r.status_code, 'type': r.headers.get('Content-Type', ''),
        'location': r.headers.get('Location', ''), 'body': r.content.decode('utf8')}))
