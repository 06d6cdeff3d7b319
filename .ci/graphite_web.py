#!/usr/bin/python3
"""Debian's graphite-web in this process, with the whisper files and the cache query port of a carbon. It runs graphite-web's own code, from the URL to the response.

usage: graphite_web.py DIR PORT QUERY...     (DIR has the folder whisper; each QUERY is a query of /render, for which it prints a line of JSON)
"""
import json
import os
import sys
import types

from checks import begin

begin(__doc__, 3)
DIR, PORT, QUERIES = sys.argv[1], sys.argv[2], sys.argv[3:]
local = types.ModuleType('graphite_here')
local.__dict__.update(
    GRAPHITE_ROOT='/usr/share/graphite-web', CONF_DIR='/etc/graphite', STORAGE_DIR=DIR, WHISPER_DIR=DIR + '/whisper', LOG_DIR=DIR, INDEX_FILE=DIR + '/index', SECRET_KEY='x', TIME_ZONE='UTC',
    CARBONLINK_HOSTS=['127.0.0.1:%s:a' % PORT], CARBONLINK_TIMEOUT=5.0, CARBONLINK_QUERY_BULK=True, ALLOWED_HOSTS=['*'], TAGDB=None,
    DATABASES={'default': {'NAME': DIR + '/graphite.db', 'ENGINE': 'django.db.backends.sqlite3'}})
sys.modules['graphite_here'] = local
os.environ.update(GRAPHITE_SETTINGS_MODULE='graphite_here', DJANGO_SETTINGS_MODULE='graphite.settings')
import django

django.setup()
from django.test import Client

for q in QUERIES:
    answer = Client().get('/render?format=json&noCache=1&' + q)
    if answer.status_code != 200:
        sys.exit('%d: %s' % (answer.status_code, answer.content[-2000:].decode('utf-8', 'replace')))
    print(json.dumps(json.loads(answer.content)))
