package rules

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"graphited/carbon"
	"graphited/config/problem"
)

const QuotasFile = "quotas.conf"

// LoadQuotas reads quotas.conf of a folder: in each section maxSeries, and a pattern of branches or
// a tag. Without the file there are none. With an error in it they must not be used: the caller
// keeps those that it has.
func LoadQuotas(confDir string) (carbon.Quotas, problem.Report) {
	path := filepath.Join(confDir, QuotasFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, problem.Report{{Severity: problem.Error, File: path, Msg: "cannot read the file: " + err.Error()}}
	}
	var quotas carbon.Quotas
	report := readRules(path, text, []string{"pattern", "tag", "maxSeries"}, func(s *ruleSection) bool {
		most, given := s.get("maxSeries")
		n, err := strconv.Atoi(most)
		if !given || err != nil || n <= 0 {
			s.fail("maxSeries", "expected a whole number above 0; blacklist.conf refuses names altogether")
			return false
		}
		pattern, _ := s.get("pattern")
		tag, _ := s.get("tag")
		for key, value := range map[string]string{"pattern": pattern, "tag": tag} {
			if why := oddPattern(value); why != "" {
				s.warn(key, why)
			}
		}
		q, err := carbon.NewQuota(s.name, pattern, tag, n)
		if err != nil {
			s.fail("pattern", err.Error())
			return false
		}
		quotas = append(quotas, q)
		return true
	})
	return quotas, report
}
