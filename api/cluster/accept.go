package cluster

import (
	"context"
	"strings"
)

// viaHeader lists the members that a request has come through. nodeHeader names the member that
// refuses it.
const (
	viaHeader  = "X-Graphited-Via"
	nodeHeader = "X-Graphited-Node"
)

// maxVia is the largest number of members that a request may come through.
const maxVia = 8

// Asker describes the client on whose behalf the cluster is asked.
type Asker struct {
	Headers [][2]string // headers to forward
	via     string
}

type askerKey struct{}

// Accept returns a context for what a request asks of the cluster. header returns a header of the
// request, or "" if it has none. ok is false if the request has been here before or has come
// through too many members, which is a loop. The response must then be 508 with the header that
// Node returns.
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

// Node returns the name and value of the header that identifies this member.
func (c *Cluster) Node() (name, value string) { return nodeHeader, c.id }

func askerOf(ctx context.Context) Asker {
	a, _ := ctx.Value(askerKey{}).(Asker)
	return a
}
