// Package conf has the options of section [cache] of carbon.conf, their defaults, and the checks
// that need more than the bounds in their tags. Every other package of carbon reads them; package
// config sets them.
package conf
