package config

import (
	"graphited/api"
	"graphited/carbon"
)

// Checks gives the conditions of the daemon's parts to the side that shows them.
func Checks(list []carbon.Condition) []api.Check {
	checks := make([]api.Check, len(list))
	for i, c := range list {
		checks[i] = api.Check(c)
	}
	return checks
}
