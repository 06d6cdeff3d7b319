package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"graphited/api"
	"graphited/carbon"
	"graphited/carbon/conf"
	"graphited/config/ini"
	"graphited/config/problem"
	"graphited/config/rules"
)

// Source says where the configuration is.
type Source struct {
	// File is the carbon.conf to read; it must exist. With "", carbon.conf of the configuration
	// folder is read if there is one.
	File string
	// Instance selects the section [cache:<instance>], which overlays [cache]. "" is carbon's "a".
	Instance string
	// StorageDir, if not "", stands for STORAGE_DIR, and whisper in it for LOCAL_DATA_DIR, whatever
	// file and environment say.
	StorageDir string
	// Env looks up GRAPHITE_ROOT, GRAPHITE_CONF_DIR, GRAPHITE_STORAGE_DIR and HOME. nil is
	// os.Getenv.
	Env func(string) string
}

// Dirs are the folders, as absolute as the configuration has them.
type Dirs struct {
	Conf       string // storage-schemas.conf and the other rule files
	Storage    string
	Data       string // LOCAL_DATA_DIR: the whisper files
	Log        string
	Whitelists string
	PID        string
}

// Config is a configuration, complete: what no file says has its default.
type Config struct {
	File     string // the carbon.conf that was read; "" when there was none
	Instance string
	Dirs     Dirs
	Carbon   conf.Options // section [cache]
	HTTP     net.Listener // the port of [web], if Drop has opened it; nil: it is opened later
	Web      api.Options  // section [web]
	Access   Access       // of both sections
	Process  Process      // section [cache]
	Rules    *rules.Storage
	Names    *carbon.NameRules
	Quotas   carbon.Quotas
	Pictures *api.Templates    // graphTemplates.conf
	origins  map[origin]string // where what is no default was set: file:line, or a flag
}

// Process is what [cache] says of the process.
type Process struct {
	User string `conf:"USER" doc:"The user that the program becomes once its ports are open, if root has started it; empty: it stays root. All files belong to that user."`
}

// place adds to a problem with an option where the option was set.
func (c *Config) place(p problem.Problem) problem.Problem {
	if p.File == "" {
		p.File = c.origins[origin{p.Section, p.Key}]
	}
	return p
}

// origin is the section and key of an option.
type origin struct{ section, key string }

// Load reads a whole configuration. It always returns a Config; one whose report has an error must
// not be run, since what could not be read has its default.
func Load(o Source) (*Config, problem.Report) {
	c := newConfig(o)
	l := newLoader(o, c)
	l.load()
	return c, l.report
}

// newConfig gives the defaults.
func newConfig(o Source) *Config {
	c := &Config{File: o.File, Instance: o.Instance, Carbon: conf.DefaultOptions(), Web: api.DefaultOptions(), origins: map[origin]string{}}
	if c.Instance == "" {
		c.Instance = "a"
	}
	c.Carbon.Instance = c.Instance
	return c
}

// loader reads carbon.conf into a Config.
type loader struct {
	source  Source
	config  *Config
	targets []target
	dirs    map[string]string // by carbon's key
	report  problem.Report
}

// target is a section and the options that it sets.
type target struct {
	section string
	fields  map[string]optionField
}

func newLoader(o Source, c *Config) *loader {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	return &loader{source: o, config: c, dirs: make(map[string]string), targets: []target{
		{"cache", optionFields(&c.Carbon, &c.Access.Cache, &c.Process)},
		{"web", optionFields(&c.Web, &c.Access.Web)},
	}}
}

func (l *loader) load() {
	l.environment()
	if text, ok := l.read(); ok {
		l.parse(text)
	}
	l.finishDirs()
	storage, report := rules.LoadStorage(l.config.Dirs.Conf, false)
	l.config.Rules = storage
	l.report = append(l.report, report...)
	l.ownRules()
	names, report := rules.LoadNames(l.config.Dirs.Conf, &l.config.Carbon)
	l.config.Names = names
	l.report = append(l.report, report...)
	quotas, report := rules.LoadQuotas(l.config.Dirs.Conf)
	l.config.Quotas = quotas
	l.report = append(l.report, report...)
	templates, report := rules.LoadTemplates(l.config.Dirs.Conf)
	l.config.Pictures = templates
	l.report = append(l.report, report...)
	for _, p := range l.config.Access.load() {
		l.report = append(l.report, l.config.place(p))
	}
}

// ownRules says that graphited's own rules are in force where there is no storage-schemas.conf.
// Carbon's limit on updates belongs to a set-up of carbon's: without both of its files there is
// none.
func (l *loader) ownRules() {
	c, updates := l.config, origin{"cache", "MAX_UPDATES_PER_SECOND"}
	if c.File != "" && !c.Rules.Builtin {
		return
	}
	if c.origins[updates] == "" {
		c.Carbon.MaxUpdates = math.Inf(1)
		c.origins[updates] = "there is no " + rules.SchemasFile
		if c.File == "" {
			c.origins[updates] = "there is no configuration file"
		}
	}
	if c.File == "" {
		return
	}
	p := problem.Problem{Severity: problem.Warning, File: filepath.Join(c.Dirs.Conf, rules.SchemasFile),
		Msg: "there is no such file: graphited's own rules are in force, and no limit on updates unless MAX_UPDATES_PER_SECOND is set; carbon would not start"}
	if beside := filepath.Join(filepath.Dir(c.File), rules.SchemasFile); beside != p.File {
		if _, err := os.Stat(beside); err == nil {
			p.Msg += fmt.Sprintf(". There is %s, which is not read, since CONF_DIR is %s", beside, c.Dirs.Conf)
		}
	}
	l.report = append(l.report, p)
}

// defaultRoot is where Graphite lives when nobody says otherwise.
const defaultRoot = "/opt/graphite"

// environment sets the folders as carbon does before it reads its file.
func (l *loader) environment() {
	env := func(key, def string) string {
		if v := l.source.Env(key); v != "" {
			return v
		}
		return def
	}
	root := env("GRAPHITE_ROOT", defaultRoot)
	l.dirs["CONF_DIR"] = env("GRAPHITE_CONF_DIR", filepath.Join(root, "conf"))
	l.dirs["STORAGE_DIR"] = env("GRAPHITE_STORAGE_DIR", filepath.Join(root, "storage"))
	if l.source.File != "" {
		l.dirs["CONF_DIR"] = filepath.Dir(filepath.Clean(l.source.File))
	}
}

// read gives the text of carbon.conf, and false when there is none to read.
func (l *loader) read() ([]byte, bool) {
	path := l.source.File
	if path == "" {
		path = filepath.Join(l.dirs["CONF_DIR"], "carbon.conf")
	}
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		l.config.File = path
		return text, true
	case l.source.File == "" && errors.Is(err, fs.ErrNotExist):
		l.report = append(l.report, problem.Problem{Severity: problem.Info, File: path, Msg: "there is no such file: graphited's own defaults and rules are in force"})
	default:
		l.report = append(l.report, problem.Problem{Severity: problem.Error, File: path, Msg: fmt.Sprintf("cannot read the file: %v", err)})
	}
	return nil, false
}

// parse applies the text of carbon.conf.
func (l *loader) parse(text []byte) {
	f, report := ini.Parse(l.config.File, text)
	if isGoCarbon(f) {
		l.report = append(l.report, problem.Problem{Severity: problem.Error, File: l.config.File,
			Msg: "this is a configuration of go-carbon, in TOML, and nothing of it is read: a carbon.conf has [cache] with options such as LINE_RECEIVER_PORT = 2003, see docs/options.md; storage-schemas.conf and storage-aggregation.conf can stay as they are"})
		return
	}
	l.report = append(l.report, report...)
	l.sections(f)
	l.report.SortLines()
}

// sections applies the sections that are ours, each before its overlay, whatever their order in the
// file.
func (l *loader) sections(f *ini.File) {
	found := false
	ours := make(map[string]bool)
	for _, t := range l.targets {
		for _, name := range []string{t.section, t.section + ":" + l.config.Instance} {
			ours[name] = true
			if s, ok := f.Section(name); ok {
				found = true
				l.section(t, f, s)
			}
			if name == "cache" {
				l.deriveDirs() // so that STORAGE_DIR of the overlay moves nothing else, as in carbon
			}
		}
	}
	for _, s := range f.Sections {
		if !ours[s.Name] && s.Name != ini.DefaultSection {
			l.foreignSection(f.Path, s)
		}
	}
	if !found {
		l.report = append(l.report, problem.Problem{Severity: problem.Warning, File: f.Path, Msg: "the file has no section [cache] or [web]: everything has its default"})
	}
	if _, ok := f.Section("cache:" + l.config.Instance); !ok && l.source.Instance != "" && l.config.Instance != "a" {
		if _, ok := f.Section("web:" + l.config.Instance); !ok {
			l.report = append(l.report, problem.Problem{Severity: problem.Warning, File: f.Path, Section: "cache:" + l.config.Instance, Msg: "there is no such section: the instance has the options of [cache]"})
		}
	}
}

// isGoCarbon reports whether a file is a configuration of go-carbon.
func isGoCarbon(f *ini.File) bool {
	ours := []string{"common", "whisper", "cache", "udp", "tcp", "pickle", "carbonlink", "grpc", "tags", "carbonserver", "dump", "pprof", "prometheus"}
	for _, s := range f.Sections {
		if !slices.Contains(ours, s.Name) && !strings.HasPrefix(s.Name, "receiver.") {
			continue
		}
		if slices.ContainsFunc(s.Entries, func(e ini.Entry) bool {
			return strings.Contains(strings.Trim(e.Key, "-"), "-") || s.Name != "cache" && strings.HasPrefix(e.Value, `"`)
		}) {
			return true
		}
	}
	return false
}

// foreignSection tells about a section that is not read.
func (l *loader) foreignSection(path string, s ini.Section) {
	p := problem.Problem{Severity: problem.Info, File: path, Line: s.Line, Section: s.Name}
	program, instance, overlay := strings.Cut(s.Name, ":")
	ours := slices.ContainsFunc(l.targets, func(t target) bool { return t.section == program })
	switch {
	case ours && overlay:
		p.Msg = fmt.Sprintf("not read: it is for instance %q, and this is %q; --instance %s reads it", instance, l.config.Instance, instance)
	case program == "relay" || program == "aggregator" || program == "aggregator-cache":
		p.Msg = "not read: there is no " + program
	default:
		p.Severity, p.Msg = problem.Warning, "not read: unknown section"
		var names []string
		for _, t := range l.targets {
			names = append(names, t.section)
		}
		if n := problem.Nearest(program, names); n != "" {
			p.Msg += fmt.Sprintf(": did you mean [%s]?", n)
		}
	}
	l.report = append(l.report, p)
}

// section reads one section into its options and the folders.
func (l *loader) section(t target, f *ini.File, s ini.Section) {
	items, report := f.Items(s)
	l.report = append(l.report, report...)
	for _, e := range items {
		key := strings.ToUpper(e.Key)
		p := problem.Problem{File: f.Path, Line: e.Line, Section: s.Name, Key: key, Value: e.Value}
		field, isOption := t.fields[key]
		switch {
		case t.section == "cache" && isDirKey(key):
			p.Severity, p.Msg = l.setFolder(key, e.Value)
		case isOption:
			p.Severity, p.Msg = l.setOption(field, e.Value)
		case e.Inherited || isReferred(s, e.Key):
			continue // a variable for others
		default:
			l.unknownKey(t, key, &p)
		}
		if p.Severity < problem.Error {
			l.config.origins[origin{t.section, key}] = fmt.Sprintf("%s:%d", f.Path, e.Line)
		}
		if p.Msg != "" {
			l.report = append(l.report, p)
		}
	}
}

// setFolder sets one of dirKeys.
func (l *loader) setFolder(key, value string) (problem.Severity, string) {
	if value == "" {
		return problem.Error, "expected a folder"
	}
	l.dirs[key] = l.cleanPath(value)
	if ini.LooksCommented(value) {
		return problem.Warning, ini.Commented
	}
	return problem.Debug, ""
}

// setOption sets a field of an Options struct.
func (l *loader) setOption(field optionField, value string) (problem.Severity, string) {
	if severity, msg := field.set(value); msg != "" {
		return severity, msg
	}
	if field.is() == "path" && value != "" {
		field.value.SetString(l.cleanPath(value))
	}
	if field.value.Kind() == reflect.String && ini.LooksCommented(value) {
		return problem.Warning, ini.Commented
	}
	return problem.Debug, ""
}

// isReferred reports whether another option of the section has %(key)s in its value.
func isReferred(s ini.Section, key string) bool {
	return slices.ContainsFunc(s.Entries, func(e ini.Entry) bool {
		return e.Key != key && strings.Contains(strings.ToLower(e.Value), "%("+key+")s")
	})
}

// unknownKey tells about a key that is no option of the section.
func (l *loader) unknownKey(t target, key string, p *problem.Problem) {
	p.Severity = problem.Warning
	if k, ok := lookupForeign(key); ok {
		p.Msg = "not used: " + k.why
		p.Severity = k.severity(p.Value)
		if strings.Contains(key, "PASSWORD") || strings.Contains(key, "DSN") {
			p.Value = ""
		}
		return
	}
	p.Msg = "unknown option"
	for _, other := range l.targets {
		if _, ok := other.fields[key]; ok {
			p.Msg = fmt.Sprintf("not used here: it is an option of section [%s]", other.section)
			return
		}
	}
	names := slices.Sorted(maps.Keys(t.fields))
	if t.section == "cache" {
		names = append(names, dirKeys[:]...)
	}
	if n := problem.Nearest(key, names); n != "" {
		p.Msg += ": did you mean " + n + "?"
	}
}
