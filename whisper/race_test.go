//go:build race

package whisper

// raceEnabled is true with the race detector, under which sync.Pool drops items at random, so that
// allocations cannot be counted.
const raceEnabled = true
