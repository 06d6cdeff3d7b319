// Package pace says how often something may happen: so many times a period, or once an interval.
package pace
