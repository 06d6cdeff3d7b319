// Package pyvalue holds what Graphite leaves to Python: how text becomes a number and a number
// becomes text, division that rounds down, regular expressions, and the tags in a metric's path.
// All packages that must answer as Python does share it, so that no two of them differ.
//
// It imports nothing of ours and knows nothing of metrics, requests or options.
package pyvalue
