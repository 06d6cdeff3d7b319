// Package pickle reads Python's pickles as data, and writes the few instructions that responses
// need.
//
// A Machine reads pickles one after the other without an allocation for each value. It returns a
// tree of Values, which are valid until the next Load. Decode converts a small pickle to Go values.
package pickle
