package cluster

import (
	"context"
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

func askerOf(ctx context.Context) Asker {
	a, _ := ctx.Value(askerKey{}).(Asker)
	return a
}
