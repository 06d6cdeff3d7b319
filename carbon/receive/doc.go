// Package receive owns the ports and sockets on which points come: listeners, connections, UDP, the
// filter of addresses, and what a connection may hold and how long it may take. It hands batches
// (carbon/wire) to the intake's channels, and knows neither series nor files.
package receive
