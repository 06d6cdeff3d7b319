// Package pickle reads Python's pickles as data, and writes the few instructions that answers need.
//
// A Machine reads one pickle after the other without an allocation for each value. What it returns is a tree of Values, which are good
// until the next Load. Decode makes Go values of a small pickle.
package pickle
