package carbon

import (
	"context"
	"math"
	"net"
	"slices"
	"sync"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/pace"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
)

// Status is how the daemon does at one moment, for people. Its JSON is the part "carbon" of GET
// /status. Counters count from the start of the process, rates are points a second over the last
// Window seconds, times are Unix seconds.
type Status struct {
	Started   int64             `json:"started"`
	Starting  string            `json:"starting"`  // what the start is about, as Daemon.Starting; ports are told when it is over
	Metrics   string            `json:"metrics"`   // what its own metrics begin with, as carbon.agents.host-a
	Interval  int64             `json:"interval"`  // seconds between two of their points; 0: they are off
	Addresses map[string]string `json:"addresses"` // of the open ports, as Daemon.Addrs
	Empty     bool              `json:"empty"`     // no series but its own is known

	Window     float64          `json:"window"` // 0: too young for rates
	Receivers  []ReceiverStatus `json:"receivers"`
	Received   int64            `json:"received"`
	Rate       float64          `json:"rate"`
	Written    int64            `json:"written"`
	WriteRate  float64          `json:"writeRate"`
	Updates    int64            `json:"updates"`
	Creates    int64            `json:"creates"`
	Errors     int64            `json:"errors"` // updates that failed and are tried again
	Unwritable UnwritableStatus `json:"unwritable"`
	Conns      int64            `json:"connections"`
	Cache      CacheStatus      `json:"cache"`

	Drops   []DropStatus      `json:"drops"` // every reason
	Series  int               `json:"series"`
	Unnamed int64             `json:"unnamedFiles"` // files of tagged series whose names are not known: called by a hash, and left by carbon
	Newest  []tally.NewSeries `json:"newest"`       // since the start, at most 20, newest first, without the daemon's own metrics
	Disk    *DiskStatus       `json:"disk"`         // nil: the system does not tell
}

// ReceiverStatus is what has come on one way; the daemon's own metrics are one as well, "own".
type ReceiverStatus struct {
	Name   string  `json:"name"`
	Points int64   `json:"points"`
	Rate   float64 `json:"rate"`
}

// CacheStatus is about the points that are not in a file yet.
type CacheStatus struct {
	Points int64   `json:"points"`
	Limit  int64   `json:"limit"` // 0: none
	Series int     `json:"series"`
	Oldest float64 `json:"oldest"` // seconds, by its timestamp
	Pauses int64   `json:"pauses"` // of receivers
}

// DropStatus is what was refused or lost for one reason.
type DropStatus struct {
	Reason string        `json:"reason"`
	Count  int64         `json:"count"`
	Last   tally.Offence `json:"last"`
}

// DiskStatus is about the disk with the whisper files.
type DiskStatus struct {
	Folder string `json:"folder"`
	Free   uint64 `json:"free"` // bytes, as all here
	Total  uint64 `json:"total"`
	// Trend is "unknown" while too little time has passed to tell, "steady" when it does not fill,
	// else "filling": then it is full in FullIn seconds.
	Trend  string `json:"trend"`
	FullIn int64  `json:"fullIn"`
}

// Status returns how the daemon does. The price is that of looking at every series once. It is safe
// for concurrent use.
func (r *Report) Status() Status {
	s, c := r.stats, r.counts()
	rates, writeRate, over := r.history.rates(c)
	waiting, oldest := r.cache.Backlog()
	st := Status{
		Started: r.began.Unix(), Starting: r.starting(), Metrics: conf.SelfPrefix(r.o), Interval: int64(r.o.MetricInterval / time.Second), Addresses: map[string]string{},
		Window: over.Seconds(), WriteRate: writeRate, Written: c.written, Received: s.Received.Load(),
		Updates: s.Updates.Load(), Creates: s.Creates.Load(), Errors: s.Errors.Load(), Conns: s.Conns.Load(),
		Cache:      CacheStatus{Points: r.cache.Size(), Series: waiting, Oldest: age(r.clock().Unix(), oldest), Pauses: r.cache.Pauses()},
		Unwritable: r.writer.state().Unwritable,
		Series:     r.names.Len(), Unnamed: r.scanner.unnamed.files.Load(), Newest: r.created.List(), Disk: r.diskStatus(), Empty: r.onlyOwn(),
	}
	if limit := r.o.MaxCacheSize; limit < math.MaxInt64/2 {
		st.Cache.Limit = int64(limit)
	}
	addrs := map[string]net.Addr{}
	if st.Starting == "" {
		addrs = r.receivers.Addrs()
	}
	for what, a := range addrs {
		st.Addresses[what] = a.String()
	}
	for by := range wire.NumReceivers {
		st.Rate += rates[by]
		if _, open := addrs[by.String()]; open || c.received[by] > 0 {
			st.Receivers = append(st.Receivers, ReceiverStatus{by.String(), c.received[by], rates[by]})
		}
	}
	s.Drops(func(reason wire.Reason, n int64) {
		st.Drops = append(st.Drops, DropStatus{reason.String(), n, s.Latest(reason)})
	})
	slices.SortStableFunc(st.Drops, func(a, b DropStatus) int { return int(min(1, max(-1, b.Count-a.Count))) })
	return st
}

// counts reads the counters that rates are made of.
func (r *Report) counts() counts {
	c := counts{at: time.Now(), written: r.stats.Committed.Load()}
	for by := range wire.NumReceivers {
		c.received[by] = r.stats.ReceivedBy(by)
	}
	return c
}

// run feeds the history and the samples of growth until ctx ends.
func (r *Report) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { r.growth.run(ctx, r.names, r.tags) })
	look := func() {
		r.receivers.CountLost()
		free, _, ok := diskSpace(r.fsys, r.o.LocalDataDir)
		r.history.remember(r.counts(), free, ok)
	}
	look()
	pace.Every(ctx, rateInterval, look)
}

func (r *Report) diskStatus() *DiskStatus {
	free, total, ok := diskSpace(r.fsys, r.o.LocalDataDir)
	if !ok {
		return nil
	}
	ds := &DiskStatus{Folder: r.o.LocalDataDir, Free: free, Total: total, Trend: "unknown"}
	in, growing, known := r.history.fullIn(time.Now(), free)
	switch {
	case growing:
		ds.Trend, ds.FullIn = "filling", int64(in/time.Second)
	case known:
		ds.Trend = "steady"
	}
	return ds
}

// onlyOwn tells whether there is no series but the daemon's own.
func (r *Report) onlyOwn() bool {
	for name := range r.names.Find("*") {
		if name != r.o.MetricPrefix {
			return false
		}
	}
	return r.tags.Len() == 0
}
