package fn

import (
	"strconv"
	"strings"

	"graphited/render"
)

// beyondVersions compare releases of a program.
func beyondVersions() []render.Func {
	return []render.Func{{
		Name: "timeShiftByMetric", Group: "Transform",
		Params: with(need("markSource", render.SeriesList), need("versionRankIndex", render.Integer)),
		Doc: "Lays the releases of a program over one another. markSource are series whose last node is a version such as 65_4 and whose last point is when it " +
			"was released; of each major version the highest minor one counts. Each series is shifted by as much as its version, the node versionRankIndex of its name " +
			"(65 or 65_4), came out before the highest one. Series of no such version are left out.",
		Run: timeShiftByMetric,
	}}
}

// release is a version and when it came out.
type release struct {
	name         string // major_minor
	major, minor int64
	at           int64
}

func timeShiftByMetric(c *render.Call) ([]*render.Series, error) {
	releases, newest := releasesOf(c.Series("markSource"))
	if len(releases) < 2 {
		return nil, render.BadRequestf("parameter \"markSource\" has points of %d major versions, expected two or more series with names such as 65_4", len(releases))
	}
	rank := c.Int("versionRankIndex")
	if rank < 0 {
		return nil, render.BadRequestf("parameter \"versionRankIndex\" is %d, expected a node of the name, 0 or more", rank)
	}
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		name, _ := s.Tag("name")
		nodes := strings.Split(name, ".")
		if rank >= int64(len(nodes)) {
			return nil
		}
		major, _, _ := strings.Cut(nodes[rank], "_")
		r, ok := releases[major]
		if !ok || nodes[rank] != major && nodes[rank] != r.name {
			return nil
		}
		t := s.Copied("timeShiftByMetric("+s.Name+")", s.Values)
		t.From, t.Until = s.From+newest.at-r.at, s.Until+newest.at-r.at
		return t
	})
}

// releasesOf returns the highest release of each major version, by its digits, and that of the
// highest one.
func releasesOf(marks []*render.Series) (releases map[string]release, newest release) {
	releases = map[string]release{}
	for _, s := range marks {
		name, _ := s.Tag("name")
		r := release{name: name[strings.LastIndexByte(name, '.')+1:]}
		digits, minor, _ := strings.Cut(r.name, "_")
		var err, minorErr error
		r.major, err = strconv.ParseInt(digits, 10, 64)
		r.minor, minorErr = strconv.ParseInt(minor, 10, 64)
		last := len(s.Values) - 1
		for last >= 0 && s.Values[last] != s.Values[last] {
			last--
		}
		if err != nil || minorErr != nil || last < 0 {
			continue
		}
		r.at = s.From + int64(last)*s.Step
		if known, ok := releases[digits]; ok && known.minor >= r.minor {
			continue
		}
		releases[digits] = r
		if r.major >= newest.major {
			newest = r
		}
	}
	return releases, newest
}
