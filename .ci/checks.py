"""Functions that all programs in this folder use: checks that say what is wrong, and a printed line for each."""
import os
import socket
import sys
import time
import traceback


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def begin(doc, least=1):
    """Answers --help, and ends a program that is called without what its usage line asks for. It is called before anything that is not Python's own is imported."""
    args = sys.argv[1:]
    if '--help' in args or '-h' in args:
        print(doc.strip())
        sys.exit(0)
    wrong = [a for a in args if a.startswith('-') and a != '--full' or a == '--full' and '[--full]' not in doc]
    words = [a for a in args if not a.startswith('-')]
    if wrong or len(words) < least:
        print(doc.strip(), file=sys.stderr)
        print('\n%s' % ('unknown: %s' % ' '.join(wrong) if wrong else 'too few arguments'), file=sys.stderr)
        sys.exit(2)
    if 'GRAPHITED' in doc and not os.access(words[0], os.X_OK):
        print('%s: there is no such program' % words[0], file=sys.stderr)
        sys.exit(2)


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
        print('no such check: %s; there are %s' % (', '.join(sorted(unknown)), ', '.join(c.__name__ for c in checks)), file=sys.stderr)
        sys.exit(2)
    return [c for c in checks if not names or c.__name__ in names]
