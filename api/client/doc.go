// Package client is the commands that ask for something and write down the answer: render, top,
// explain and backup. They find the server that has the folder of the configuration and ask it over
// HTTP; render and explain answer from files as well. render's answer from files is that of an
// api.Options in this process: it is the same request, so that both understand the same parameters.
package client
