package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"graphited/testdata/allocs"
)

// credentialsOf returns those of ann, whose password "secret" has the given cost.
func credentialsOf(t *testing.T, cost int) *Credentials {
	t.Helper()
	low, err := bcrypt.GenerateFromPassword([]byte("other"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	h, err := bcrypt.GenerateFromPassword([]byte("secret"), cost)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCredentials("bob:" + string(low) + "\nann:" + string(h) + "\nzoe:" + string(low))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestUnknownNames: whether a name is known cannot be seen from outside. For one that is not, the
// same work is done as for a wrong password, in the same turn, and no password is right.
func TestUnknownNames(t *testing.T) {
	const cost = bcrypt.MinCost + 1
	c := credentialsOf(t, cost)
	if got, err := bcrypt.Cost(c.decoy); got != cost || err != nil {
		t.Errorf("the password of an unknown name has the cost %d, %v; want the highest of those that are known, %d", got, err, cost)
	}
	check := func(ctx context.Context, name, password string) error {
		_, err := c.check(ctx, []byte(basic(name, password)))
		return err
	}
	var err error
	if c.decoy, err = bcrypt.GenerateFromPassword([]byte("decoy"), cost); err != nil {
		t.Fatal(err)
	}
	if err := check(t.Context(), "eve", "decoy"); !errors.Is(err, errUnknown) {
		t.Errorf("an unknown name with the password of the decoy: %v", err)
	}
	work := func(name string) float64 {
		return allocs.Least(3, func() {
			if err := check(t.Context(), name, "wrong"); !errors.Is(err, errUnknown) {
				t.Errorf("%s with a wrong password: %v", name, err)
			}
		})
	}
	if known, unknown := work("ann"), work("eve"); unknown < known {
		t.Errorf("a wrong password takes %v allocations, an unknown name %v", known, unknown)
	}
	if err := c.slow.Enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer c.slow.Leave()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"ann", "eve"} {
		if err := check(over, name, "wrong"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s does not wait for its turn: %v", name, err)
		}
	}
}

// TestVerifiedIsBounded: one password can be written in many ways, and not all are remembered.
func TestVerifiedIsBounded(t *testing.T) {
	c := credentialsOf(t, bcrypt.MinCost)
	for i := range maxVerified {
		c.verified[sha256.Sum256([]byte(fmt.Sprint(i)))] = "ann"
	}
	if name, err := c.check(t.Context(), []byte(basic("ann", "secret"))); name != "ann" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	if n := len(c.verified); n > maxVerified {
		t.Errorf("%d are remembered, want at most %d", n, maxVerified)
	}
}

// TestEveryTokenIsCompared: the search does not end at the first token that fits, so that its time
// does not tell which one that is.
func TestEveryTokenIsCompared(t *testing.T) {
	token, hash := NewToken()
	c, err := ParseCredentials(strings.Join([]string{"first:" + hash, "last:" + hash}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if name, err := c.check(t.Context(), []byte("Bearer "+token)); name != "last" || err != nil {
		t.Errorf("%q, %v; want the last one that has this token", name, err)
	}
}
