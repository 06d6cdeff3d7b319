// Package client is the commands that ask for something and write down the answer: render and top. They ask a running server over HTTP, or, for files that no server
// has, an api.Options in this process; either way it is the same request, so that both understand the same parameters.
package client
