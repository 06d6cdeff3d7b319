"""Functions that all programs in this folder use: checks that say what is wrong, and a printed line for each."""
import socket
import time
import traceback


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def check(cond, text, *args):
    if not cond:
        raise Failed(text % args if args else text)


def say(text, *args):
    print('        ' + text % args, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def passes(c, *args):
    """Runs a check and prints its result. Returns False if it failed."""
    start = time.time()
    try:
        c(*args)
        print('ok      %-24s %5.1f s' % (c.__name__, time.time() - start), flush=True)
    except Skipped as e:
        print('skipped %-24s %s' % (c.__name__, e), flush=True)
    except Exception as e:
        print('FAILED  %-24s %s' % (c.__name__, e if isinstance(e, Failed) else traceback.format_exc()), flush=True)
        return False
    return True


def chosen(checks, names):
    """Returns the named checks, or all of them if there are no names."""
    unknown = set(names) - {c.__name__ for c in checks}
    if unknown:
        raise SystemExit('no such check: %s' % ', '.join(sorted(unknown)))
    return [c for c in checks if not names or c.__name__ in names]
