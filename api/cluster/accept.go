package cluster

import (
	"context"
	"strings"
)

// viaHeader lists the members that a question has come through, nodeHeader tells
// which one refuses it.
const (
	viaHeader  = "X-Graphited-Via"
	nodeHeader = "X-Graphited-Node"
)

// maxVia is through how many members a question may come.
const maxVia = 8

// Asker is who a question to the cluster is asked for.
type Asker struct {
	Headers [][2]string // that are passed on
	via     string
}

type askerKey struct{}

// Accept returns a context for what a request asks of the cluster; header returns
// a header of it, "" for none. It is not ok when the request has been here before,
// or has come through too many members: then a loop leads here, and the answer is
// to be 508 with the header that Node gives.
func (c *Cluster) Accept(ctx context.Context, header func(name string) string) (of context.Context, ok bool) {
	a := Asker{via: header(viaHeader)}
	if a.via != "" {
		members := strings.Split(a.via, ",")
		for _, m := range members {
			if strings.TrimSpace(m) == c.id {
				return ctx, false
			}
		}
		if len(members) >= maxVia {
			return ctx, false
		}
	}
	for _, name := range c.o.ForwardHeaders {
		if v := header(name); v != "" {
			a.Headers = append(a.Headers, [2]string{name, v})
		}
	}
	if a.via == "" && a.Headers == nil {
		return ctx, true
	}
	return context.WithValue(ctx, askerKey{}, a), true
}

// Node returns the name and the value of the header that tells which member this is.
func (c *Cluster) Node() (name, value string) { return nodeHeader, c.id }

func askerOf(ctx context.Context) Asker {
	a, _ := ctx.Value(askerKey{}).(Asker)
	return a
}
