package whisper

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
)

// pythonWhisper is a Python process that executes operations on whisper files. It reads them line
// by line.
type pythonWhisper struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

// The program answers a request, which is a list of operations, with the list of their results.
const pythonProgram = `
import sys, json, hashlib, whisper

def run(q):
    op = q['op']
    if op == 'create':
        whisper.create(q['path'], [tuple(a) for a in q['archives']], q['xff'], q['method'])
    elif op == 'update':
        whisper.update_many(q['path'], q['points'], now=q['now'])
    elif op == 'update1':
        whisper.update(q['path'], q['points'][0][1], q['points'][0][0], now=q['now'])
    elif op == 'digest':
        return hashlib.sha256(open(q['path'], 'rb').read()).hexdigest()
    elif op == 'fetch':
        return whisper.fetch(q['path'], q['from'], q['until'], now=q['now'])
    elif op == 'merge':
        whisper.merge(q['src'], q['path'], q['from'], q['until'], now=q['now'])
    elif op == 'diff':
        return whisper.diff(q['src'], q['path'], ignore_empty=q['ignore'], until_time=q['until'], now=q['now'])
    elif op == 'resize': # as whisper-resize does
        old = whisper.info(q['src'])
        archives = sorted(old['archives'], key=lambda a: a['secondsPerPoint'], reverse=True)
        data = [whisper.fetch(q['src'], q['now'] - a['retention'] + a['secondsPerPoint'], q['now'], now=q['now']) for a in archives]
        whisper.create(q['path'], [tuple(a) for a in q['archives']], q['xff'], q['method'])
        for info, values in data:
            whisper.update_many(q['path'], [p for p in zip(range(*info), values) if p[1] is not None], now=q['now'])
    elif op == 'set':
        return [list(set(s)) for s in q['sets']]

for line in sys.stdin:
    try:
        r = [run(q) for q in json.loads(line)]
    except Exception as e:
        r = {'error': repr(e)}
    print(json.dumps(r), flush=True)
`

func startPython(t testing.TB) *pythonWhisper {
	cmd := exec.Command("python3", "-c", pythonProgram)
	if err := exec.Command("python3", "-c", "import whisper").Run(); err != nil {
		if err := exec.Command("/usr/bin/python3", "-c", "import whisper").Run(); err != nil {
			t.Skip("python3 with the module whisper is not installed")
		}
		cmd = exec.Command("/usr/bin/python3", "-c", pythonProgram)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	s := bufio.NewScanner(out)
	s.Buffer(nil, 64<<20)
	return &pythonWhisper{in, s}
}

type object map[string]any

// ask runs operations and decodes the list of their results into v, unless v is nil.
func (p *pythonWhisper) ask(t testing.TB, ops []object, v any) {
	t.Helper()
	b, err := json.Marshal(ops)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		t.Fatal(err)
	}
	if !p.out.Scan() {
		t.Fatalf("python ended: %v", p.out.Err())
	}
	var failed struct{ Error string }
	if json.Unmarshal(p.out.Bytes(), &failed) == nil && failed.Error != "" {
		t.Fatalf("%s: %s", b, failed.Error)
	}
	if v != nil {
		if err := json.Unmarshal(p.out.Bytes(), v); err != nil {
			t.Fatal(err)
		}
	}
}
