package tool

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"graphited/whisper"
)

var rrdTool = tool{
	name: "rrd2whisper", script: "rrd2whisper", args: "[options] rrd_path", short: "Convert an RRD to whisper files, one for each of its data sources.",
	long: "Needs the program rrdtool, or the output of `rrdtool dump` in a file named *.xml.", min: 1, max: 1,
	setup: func() ([]option, func(*env, []string) error) {
		r := &rrd{factor: -1, method: "average"}
		return []option{
			{name: "xFilesFactor", value: &r.factor, help: "The xFilesFactor to use in the output file. Defaults to the input RRD's xFilesFactor"},
			{name: "aggregationMethod", value: &r.method, choices: []string{"average", "last", "max", "min"}, help: "The consolidation function to take from the input and to set on the output"},
			{name: "destinationPath", value: &r.destination, help: "Path to place created whisper file. Defaults to the RRD file's source path."},
			dryRunOption(&r.dryRun), jsonOption(&r.json),
		}, r.run
	},
}

type rrd struct {
	factor              float64
	method, destination string
	dryRun, json        bool
}

// rrdDump is the part of the XML of `rrdtool dump` that is needed.
type rrdDump struct {
	Step       int64 `xml:"step"`
	LastUpdate int64 `xml:"lastupdate"`
	Sources    []struct {
		Name string `xml:"name"`
	} `xml:"ds"`
	Archives []struct {
		Function string   `xml:"cf"`
		Per      int64    `xml:"pdp_per_row"`
		Factor   string   `xml:"params>xff"`
		Rows     []rrdRow `xml:"database>row"`
	} `xml:"rra"`
}

type rrdRow struct {
	Values []string `xml:"v"`
}

func (r *rrd) run(e *env, args []string) error {
	e.json = r.json
	dump, err := readRRD(args[0])
	if err != nil {
		return err
	}
	spec := whisper.Spec{XFilesFactor: float32(r.factor)}
	if spec.Method, err = whisper.ParseMethod(r.method); err != nil {
		return err
	}
	var used []int
	for i, a := range dump.Archives {
		if a.Function != strings.ToUpper(r.method) {
			continue
		}
		if spec.XFilesFactor < 0 {
			factor, err := strconv.ParseFloat(strings.TrimSpace(a.Factor), 32)
			if err != nil {
				return fmt.Errorf("bad xff %q: %w", a.Factor, err)
			}
			spec.XFilesFactor = float32(factor)
		}
		used = append(used, i)
	}
	if used == nil {
		return inWords("Unable to find any RRAs with consolidation function: %s", strings.ToUpper(r.method))
	}
	slices.SortFunc(used, func(a, b int) int { return int(dump.Archives[a].Per - dump.Archives[b].Per) })
	for _, i := range used {
		spec.Archives = append(spec.Archives, whisper.Archive{Step: dump.Archives[i].Per * dump.Step, Points: int64(len(dump.Archives[i].Rows))})
	}
	created := []string{}
	for column, source := range dump.Sources {
		path := r.target(args[0], strings.TrimSpace(source.Name), len(dump.Sources) > 1)
		if err := r.convert(e, dump, used, column, path, spec); err != nil {
			return err
		}
		created = append(created, path)
	}
	return e.result(object{"created": created, "size": spec.FileSize()})
}

func (r *rrd) target(path, source string, several bool) string {
	suffix := ".wsp"
	if several {
		suffix = "_" + source + ".wsp"
	}
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".xml"), ".rrd") + suffix
	if r.destination != "" {
		return filepath.Join(r.destination, filepath.Base(path))
	}
	return path
}

// convert creates the file of one data source, and fills its archives from the coarsest to the
// finest.
func (r *rrd) convert(e *env, dump *rrdDump, used []int, column int, path string, spec whisper.Spec) (err error) {
	if !r.dryRun {
		if err := whisper.Create(e.fs, path, spec, e.unix(), nil, whisper.Options{}); err != nil {
			return err
		}
	}
	archives := make([]string, len(spec.Archives))
	for i, a := range spec.Archives {
		archives[i] = a.String()
	}
	e.say("Created: %s (%d bytes) with archives: %s", path, spec.FileSize(), strings.Join(archives, ","))
	e.say("Migrating data")
	if r.dryRun {
		return nil
	}
	f, err := whisper.Open(e.fs, path, whisper.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for n, i := range slices.Backward(used) {
		pts := dump.points(i, column)
		e.say(" migrating %d datapoints from archive %d", len(pts), n)
		if err := f.Update(e.unix(), pts); err != nil {
			return err
		}
	}
	return nil
}

// points returns the known values of a column of an archive. A row has the time at which its
// interval ends; a whisper point has the time at which its interval begins.
func (d *rrdDump) points(archive, column int) []whisper.Point {
	a := d.Archives[archive]
	step := a.Per * d.Step
	end := d.LastUpdate - d.LastUpdate%step
	var pts []whisper.Point
	for i, row := range a.Rows {
		if column >= len(row.Values) {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(row.Values[column]), 64)
		if err == nil && v == v {
			pts = append(pts, whisper.Point{Time: end - int64(len(a.Rows)-i)*step, Value: v})
		}
	}
	return pts
}

// readRRD reads a dump from a file or from rrdtool.
func readRRD(path string) (*rrdDump, error) {
	var data []byte
	var err error
	if strings.HasSuffix(path, ".xml") {
		data, err = os.ReadFile(path)
	} else if _, err = os.Stat(path); err == nil {
		cmd := exec.Command("rrdtool", "dump", path)
		cmd.Stderr = io.Discard
		data, err = cmd.Output()
		if errors.Is(err, exec.ErrNotFound) {
			err = inWords("Missing dependency: the program rrdtool")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read RRD %q: %w", path, err)
	}
	return parseRRD(path, data)
}

func parseRRD(path string, data []byte) (*rrdDump, error) {
	d := &rrdDump{}
	if err := xml.Unmarshal(data, d); err != nil {
		return nil, fmt.Errorf("cannot read RRD %q: %w", path, err)
	}
	for _, a := range d.Archives {
		if a.Per < 1 || a.Per > 1<<31 || d.Step < 1 || d.Step > 1<<31 || a.Per*d.Step > 1<<32 {
			return nil, fmt.Errorf("cannot read RRD %q: steps are out of range", path)
		}
	}
	return d, nil
}
