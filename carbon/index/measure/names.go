//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

const million = 1_000_000

// regularNames returns names made of five thousand words: servers.web0000 to web4999, eight CPUs,
// 25 leaves.
func regularNames() []string {
	leaves := strings.Fields("user system idle iowait nice irq softirq steal guest guestnice u1 u2 u3 u4 u5 u6 u7 u8 u9 v1 v2 v3 v4 v5 v6")
	names := make([]string, 0, million)
	for i := range million {
		names = append(names, fmt.Sprintf("servers.web%04d.cpu.%d.%s", i/200, i/25%8, leaves[i%25]))
	}
	return names
}

// distinctNames returns names with a different random word each, below 500 branches.
func distinctNames() []string {
	r := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 0, million)
	for i := range million {
		names = append(names, fmt.Sprintf("app.svc%03d.%012x.count", i%500, r.Uint64()>>16))
	}
	return names
}

// taggedNames returns series of 100 names on 5,000 hosts with two devices each.
func taggedNames() []string {
	names := make([]string, 0, million)
	for i := range million {
		host := i / 200
		names = append(names, fmt.Sprintf("disk.metric%02d;dc=dc%d;device=sd%c;host=web%04d;rack=r%03d", i%200/2, host%4, 'a'+i%2, host, host/20))
	}
	return names
}
