#!/usr/bin/python3
"""Starts graphited as root with a USER, as Debian's carbon.conf has it: it opens the ports and reads the files that are root's, and is then that user's, for good.

usage: user.py GRAPHITED [NAME...]     (names of checks, default all)

Needs root and the user nobody. Prints a line for each check; the exit status is 1 when one failed.
"""
import contextlib
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import time

import harness
from checks import Skipped, check
from harness import Server, until

USER = 'nobody'


@contextlib.contextmanager
def server(extra='', web='', user=USER):
    """A server that is not started yet, without a data folder, in a folder that everybody may enter."""
    if os.geteuid() != 0:
        raise Skipped('needs root')
    g = Server('1s:1h', 'USER = %s\nMAX_UPDATES_PER_SECOND = inf\nWRITE_DELAY = 0\n%s\n' % (user, extra), web=web)
    os.chmod(g.dir, 0o755)
    try:
        yield g
    finally:
        g.__exit__()


def low_port(kind=socket.SOCK_STREAM):
    """A port that only root may open."""
    for port in range(1023, 511, -1):
        with socket.socket(type=kind) as s:
            try:
                s.bind(('127.0.0.1', port))
                return port
            except OSError:
                pass
    raise Skipped('no port below 1024 is free')


def state(pid):
    with open('/proc/%d/status' % pid) as f:
        return dict(line.rstrip('\n').split(':\t', 1) for line in f if ':\t' in line)


def owners(folder):
    return {os.lstat(os.path.join(d, name)).st_uid for d, dirs, files in os.walk(folder) for name in dirs + files + ['']}


def becomes_the_user():
    """Ids, groups and capabilities of all threads; files and the folders that were made; points on ports that are root's."""
    me = pwd.getpwnam(USER)
    with server() as g:
        for name, new in (('line', low_port()), ('http', low_port())):
            while new in g.ports.values():
                new -= 1
            edit(g, '_PORT = %d' % g.ports[name], '_PORT = %d' % new)
            g.ports[name] = new
        edit(g, g.data, g.data + '/deep/whisper')
        wal, udp = os.path.join(g.dir, 'logs/wal'), low_port(socket.SOCK_DGRAM)
        edit(g, '[web]', 'WAL_DIR = %s\nENABLE_UDP_LISTENER = True\nUDP_RECEIVER_INTERFACE = 127.0.0.1\nUDP_RECEIVER_PORT = %d\n[web]' % (wal, udp))
        g.start()
        for task in os.listdir('/proc/%d/task' % g.proc.pid):
            s = state(int(task))
            check(s['Uid'].split() == [str(me.pw_uid)] * 4, 'a thread has the uid %s', s['Uid'])
            check(s['Gid'].split() == [str(me.pw_gid)] * 4, 'a thread has the gid %s', s['Gid'])
            check(set(map(int, s['Groups'].split())) == set(os.getgrouplist(USER, me.pw_gid)), 'a thread has the groups %s', s['Groups'])
            check(int(s['CapEff'], 16) == int(s['CapPrm'], 16) == 0, 'a thread has capabilities: %s', s['CapPrm'])
        now = int(time.time())
        g.send('k.tcp 1 %d\n' % now)
        with socket.socket(type=socket.SOCK_DGRAM) as s:
            s.sendto(b'k.udp 1 %d' % now, ('127.0.0.1', udp))
        status, body = g.ask('/events/', '{"what": "x", "tags": "y"}')
        check(status == 200, 'an event: %d, %s', status, body)
        until('the files are there', lambda: g.number('graphited_creates_total') == 2)
        g.stop()
        check(owners(g.data) | owners(os.path.dirname(wal)) == {me.pw_uid}, 'files of %r', owners(g.data) | owners(os.path.dirname(wal)))
        check(stat.S_ISREG(os.stat(g.data + '/deep/whisper/k/udp.wsp').st_mode), 'no file')
        g.start()
        got = g.points('k.*', now - 1, now + 1)
        check(set(got) == {'k.tcp', 'k.udp'}, 'after the next start there are %r', got)


def edit(g, old, new):
    path = os.path.join(g.dir, 'carbon.conf')
    with open(path) as f:
        text = f.read()
    check(old in text, 'no %s in carbon.conf', old)
    with open(path, 'w') as f:
        f.write(text.replace(old, new, 1))


def files_of_root():
    """What only root may read is read before; a later reading that fails is logged, and the old one stays."""
    with server(web='HTTP_AUTH_FILE = users') as g:
        line = subprocess.run([harness.BIN, 'credential', 'ann'], input=b'secret\n', stdout=subprocess.PIPE, check=True).stdout
        users, schemas = os.path.join(g.dir, 'users'), os.path.join(g.dir, 'storage-schemas.conf')
        with open(users, 'wb') as f:
            f.write(line)
        for path in (users, schemas, os.path.join(g.dir, 'carbon.conf')):
            os.chmod(path, 0o600)
        g.spawn()

        def answers(secret):
            command = [harness.BIN, 'top', '--config', os.path.join(g.dir, 'carbon.conf')]
            return subprocess.run(command, env={'GRAPHITED_TOKEN': 'ann:' + secret}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

        until('it knows ann', lambda: answers('secret'))
        check(not answers('wrong'), 'it takes any password')
        g.proc.send_signal(signal.SIGHUP)
        until('the log says so', lambda: sum('permission denied' in l for l in g.lines()) >= 2)
        check(answers('secret') and not answers('wrong'), 'it has forgotten ann')
        g.send('k.s 1 %d\n' % time.time())
        path = os.path.join(g.data, 'k/s.wsp')
        until('the file', lambda: os.path.exists(path))
        info = subprocess.run([harness.BIN, 'whisper', 'info', path, 'maxRetention'], stdout=subprocess.PIPE, check=True).stdout
        check(info.strip() == b'3600', 'the schemas were forgotten: %s', info)


def unknown_user():
    """Exit code 2 that names it, at the start and in check."""
    with server(user='no-such-user') as g:
        conf = os.path.join(g.dir, 'carbon.conf')
        for command in ([harness.BIN, '--config', conf], [harness.BIN, 'check', conf]):
            p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            check(p.returncode == 2 and b'USER = no-such-user' in p.stdout, '%s: exit code %d, %s', command[1], p.returncode, p.stdout)
        check(not os.path.exists(g.data), 'it has made the folder')


def folder_of_root():
    """A folder that the user cannot write is told with its path and the user."""
    with server() as g:
        os.makedirs(g.data, 0o755)
        g.spawn()
        check(g.proc.wait(30) == 1, 'exit code %d', g.proc.returncode)
        check('USER = ' + USER in g.lines()[-1] and g.data in g.lines()[-1], 'it says %s', g.lines()[-1])


def not_root():
    """Started by somebody else, it stays that user, and check says what USER would do."""
    with server(user='root') as g:
        os.chmod(os.path.join(g.dir, 'carbon.conf'), 0o644)
        os.chown(g.dir, pwd.getpwnam(USER).pw_uid, -1)
        g.prefix = ['setpriv', '--reuid', USER, '--regid', str(pwd.getpwnam(USER).pw_gid), '--clear-groups']
        if subprocess.run(g.prefix + [harness.BIN, 'version'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            raise Skipped('cannot run it as ' + USER)
        said = subprocess.run(g.prefix + [harness.BIN, 'check', os.path.join(g.dir, 'carbon.conf')], stdout=subprocess.PIPE, check=True).stdout.decode()
        check('runs as             %s; USER = root has an effect only when root starts it' % USER in said, 'check says %s', said)
        g.start()
        check(not any('USER' in l for l in g.lines()), 'the log: %s', g.lines())


def commands_too():
    """restore, as root, leaves files of the user's."""
    with server() as g:
        g.start()
        g.send('k.s 1 %d\n' % time.time())
        until('the file', lambda: g.number('graphited_creates_total') == 1)
        conf, kept = os.path.join(g.dir, 'carbon.conf'), os.path.join(g.dir, 'kept.tar')
        subprocess.run([harness.BIN, 'backup', '--config', conf, kept], check=True, stderr=subprocess.DEVNULL)
        os.chmod(kept, 0o600)
        g.stop()
        os.rename(g.data, g.data + '.old')
        subprocess.run([harness.BIN, 'restore', '--config', conf, kept], check=True, stdout=subprocess.DEVNULL)
        check(owners(g.data) == {pwd.getpwnam(USER).pw_uid}, 'files of %r', owners(g.data))
        g.start()


if __name__ == '__main__':
    sys.exit(harness.main(__doc__, [becomes_the_user, files_of_root, unknown_user, folder_of_root, not_root, commands_too]))
