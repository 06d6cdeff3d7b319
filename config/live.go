package config

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"graphited/api"
	"graphited/carbon"
	"graphited/config/problem"
	"graphited/config/rules"
	"graphited/whisper"
)

// Live is the part of a configuration that may change while the program runs: how metrics are
// stored, the rules for received names, and the templates of pictures. Each is an immutable value
// behind an atomic pointer, so asking costs nothing. It is safe for concurrent use.
type Live struct {
	config *Config
	log    zerolog.Logger
	rules  atomic.Pointer[rules.Storage]
	names  atomic.Pointer[carbon.NameRules]
	quotas atomic.Pointer[carbon.Quotas]
	users  atomic.Pointer[api.Credentials] // nil: there are none
	drawn  atomic.Pointer[api.Templates]

	mu     sync.Mutex // held while files are read
	stamps map[string]stamp
}

// stamp tells one state of a file from another. A file that is not there has the zero stamp.
type stamp struct {
	modified time.Time
	size     int64
}

// NewLive starts with what the Config has. The log gets a line for each reload, and what is wrong
// with the files.
func NewLive(c *Config, log zerolog.Logger) *Live {
	l := &Live{config: c, log: log, stamps: map[string]stamp{}}
	l.rules.Store(c.Rules)
	l.names.Store(c.Names)
	l.quotas.Store(&c.Quotas)
	l.users.Store(c.Access.credentials)
	l.drawn.Store(c.Pictures)
	l.changed(l.accessFiles())
	l.changed(l.storageFiles())
	l.changed(l.quotaFiles())
	l.changed(l.templateFiles())
	l.changed(rules.NameFiles(c.Dirs.Conf, &c.Carbon))
	return l
}

// Spec gives what the file of a metric is created to, by the rules in force now.
func (l *Live) Spec(metric string) whisper.Spec { return l.rules.Load().Spec(metric) }

// Names gives the rules for received names that are in force now.
func (l *Live) Names() *carbon.NameRules { return l.names.Load() }

// Quotas gives the limits on series that are in force now.
func (l *Live) Quotas() carbon.Quotas { return *l.quotas.Load() }

// Credentials returns the credentials that are in force now; nil when HTTP needs none.
func (l *Live) Credentials() *api.Credentials { return l.users.Load() }

// Templates gives the templates of pictures that are in force now.
func (l *Live) Templates() *api.Templates { return l.drawn.Load() }

// reloadInterval is how often carbon looks at its rule files.
const reloadInterval = 10 * time.Second

// Watch reads files again that have changed, every 10 s until ctx ends. Their time of change and
// size tell.
func (l *Live) Watch(ctx context.Context) {
	tick := time.NewTicker(reloadInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.reload(false)
		}
	}
}

// Reload reads all rule files again, as SIGHUP asks for. Where they have errors the old rules stay.
func (l *Live) Reload() { l.reload(true) }

func (l *Live) reload(all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	dir, o := l.config.Dirs.Conf, &l.config.Carbon
	if l.changed(l.storageFiles()) || all {
		storage, report := rules.LoadStorage(dir, !l.rules.Load().Builtin)
		if l.accept(report, "rules for storage") {
			l.rules.Store(storage)
		}
	}
	if l.changed(rules.NameFiles(dir, o)) || all {
		names, report := rules.LoadNames(dir, o)
		if l.accept(report, "rules for names") {
			l.names.Store(names)
		}
	}
	if l.changed(l.quotaFiles()) || all {
		quotas, report := rules.LoadQuotas(dir)
		if l.accept(report, "quotas") {
			l.quotas.Store(&quotas)
		}
	}
	if l.changed(l.templateFiles()) || all {
		templates, report := rules.LoadTemplates(dir)
		if l.accept(report, "templates of pictures") {
			l.drawn.Store(templates)
		}
	}
	if files := l.accessFiles(); len(files) > 0 && (l.changed(files) || all) {
		l.reloadAccess()
	}
}

// accept logs a report and says whether what it is about can be used.
func (l *Live) accept(report problem.Report, what string) bool {
	report.Log(l.log)
	if report.Err() != nil {
		l.log.Error().Str("folder", l.config.Dirs.Conf).Msgf("%s stay as they were", what)
		return false
	}
	l.log.Info().Str("folder", l.config.Dirs.Conf).Msgf("%s read again", what)
	return true
}

func (l *Live) storageFiles() []string {
	dir := l.config.Dirs.Conf
	return []string{filepath.Join(dir, rules.SchemasFile), filepath.Join(dir, rules.AggregationFile)}
}

func (l *Live) quotaFiles() []string {
	return []string{filepath.Join(l.config.Dirs.Conf, rules.QuotasFile)}
}

func (l *Live) templateFiles() []string {
	return []string{filepath.Join(l.config.Dirs.Conf, rules.TemplatesFile)}
}

// changed notes the stamps of files and reports whether one is another than it was.
func (l *Live) changed(files []string) bool {
	changed := false
	for _, f := range files {
		var now stamp
		if info, err := os.Stat(f); err == nil {
			now = stamp{info.ModTime(), info.Size()}
		}
		if l.stamps[f] != now {
			l.stamps[f], changed = now, true
		}
	}
	return changed
}

// reloadAccess reads certificates and credentials again. Those that cannot be read stay as they
// were.
func (l *Live) reloadAccess() {
	a := &l.config.Access
	for port, c := range a.certificates {
		if err := c.load(); err != nil {
			l.log.Error().Err(err).Str("port", port).Msg("the certificate stays as it was")
		} else {
			l.log.Info().Str("port", port).Str("file", c.cert).Msg("certificate read again")
		}
	}
	if a.Web.Users == "" {
		return
	}
	users, err := a.readCredentials()
	if err != nil {
		l.log.Error().Err(err).Str("file", a.Web.Users).Msg("the credentials for HTTP stay as they were")
		return
	}
	l.users.Store(users)
	l.log.Info().Str("file", a.Web.Users).Msg("credentials for HTTP read again")
}

// accessFiles lists the files of certificates and credentials.
func (l *Live) accessFiles() (files []string) {
	for _, c := range l.config.Access.certificates {
		files = append(files, c.cert, c.key)
	}
	if f := l.config.Access.Web.Users; f != "" {
		files = append(files, f)
	}
	return files
}
