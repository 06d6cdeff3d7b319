// Package client implements the commands that ask a server and write the answer: render, top,
// explain and backup. They find the server that has the folder of the configuration and ask it over
// HTTP. render and explain can also answer from files. To answer from files, render sends the same
// request to api.Options in this process, so that both ways understand the same parameters.
package client
