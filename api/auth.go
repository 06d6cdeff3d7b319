package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"graphited/api/call"
)

// Credentials are the clients that may ask: people and programs with a name and a password, which
// is kept as a bcrypt hash, and programs with a token. They are safe for concurrent use, and
// remember whom they have verified, so that bcrypt, which is slow on purpose, is done once for each
// password.
type Credentials struct {
	users  map[string][]byte // bcrypt hashes by name
	decoy  []byte            // the password of an unknown name is compared with it, so that it takes as long
	tokens []token
	slow   *call.Gate // limits how much of the CPU wrong passwords can take

	mu       sync.Mutex
	verified map[[sha256.Size]byte]string // name by the hash of an Authorization header; one for each user at most
}

type token struct {
	name string
	hash [sha256.Size]byte
}

const (
	tokenMark   = "sha256:"
	maxVerified = 4096
)

// ParseCredentials parses a file of credentials, one per line: "name:" and a bcrypt hash, such as
// htpasswd -B writes, for a password; "name:sha256:" and 64 hex digits for a token. It skips empty
// lines and lines that begin with #. The error has the number of the line and never quotes it.
func ParseCredentials(text string) (*Credentials, error) {
	c := &Credentials{users: map[string][]byte{}, verified: map[[sha256.Size]byte]string{}, slow: call.NewGate(1, 16)}
	cost := bcrypt.MinCost
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, hash, ok := strings.Cut(line, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("line %d: expected name:hash", n)
		}
		if digits, isToken := strings.CutPrefix(hash, tokenMark); isToken {
			t := token{name: name}
			if b, err := hex.DecodeString(digits); err != nil || copy(t.hash[:], b) != len(t.hash) || len(b) != len(t.hash) {
				return nil, fmt.Errorf("line %d: expected sha256: and 64 hex digits", n)
			}
			c.tokens = append(c.tokens, t)
			continue
		}
		of, err := bcrypt.Cost([]byte(hash))
		if err != nil {
			return nil, fmt.Errorf("line %d: expected a bcrypt hash, as htpasswd -B writes it, or sha256: and the hash of a token", n)
		}
		if _, twice := c.users[name]; twice {
			return nil, fmt.Errorf("line %d: the name has a password already", n)
		}
		c.users[name], cost = []byte(hash), max(cost, of)
	}
	if len(c.users) == 0 && len(c.tokens) == 0 {
		return nil, errors.New("there is nobody in the file")
	}
	decoy, err := bcrypt.GenerateFromPassword([]byte(rand.Text()), cost)
	c.decoy = decoy
	return c, err
}

// HashPassword returns the hash of a password for a file of credentials. The error says what is
// wrong with the password: bcrypt takes at most 72 bytes.
func HashPassword(password string) (string, error) {
	if password == "" {
		return "", errors.New("the password is empty")
	}
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	return string(h), err
}

// NewToken returns a token, and its hash for a file of credentials.
func NewToken() (secret, hash string) {
	secret = rand.Text()
	sum := sha256.Sum256([]byte(secret))
	return secret, tokenMark + hex.EncodeToString(sum[:])
}

// errUnknown says that no client has these credentials.
var errUnknown = errors.New("wrong credentials")

// check returns the name of the client that has the credentials of an Authorization header.
func (c *Credentials) check(ctx context.Context, header []byte) (name string, err error) {
	scheme, rest, _ := bytes.Cut(header, []byte{' '})
	rest = bytes.TrimSpace(rest)
	switch {
	case bytes.EqualFold(scheme, []byte("Bearer")):
		return c.checkToken(rest)
	case bytes.EqualFold(scheme, []byte("Basic")):
		return c.checkPassword(ctx, rest)
	}
	return "", errUnknown
}

// checkToken compares with every token, so that the time reveals nothing.
func (c *Credentials) checkToken(secret []byte) (name string, err error) {
	err = errUnknown
	sum := sha256.Sum256(secret)
	for i := range c.tokens {
		if subtle.ConstantTimeCompare(sum[:], c.tokens[i].hash[:]) == 1 {
			name, err = c.tokens[i].name, nil
		}
	}
	return name, err
}

func (c *Credentials) checkPassword(ctx context.Context, encoded []byte) (string, error) {
	key := sha256.Sum256(encoded)
	c.mu.Lock()
	name, ok := c.verified[key]
	c.mu.Unlock()
	if ok {
		return name, nil
	}
	plain, err := base64.StdEncoding.DecodeString(string(encoded))
	if err != nil {
		return "", errUnknown
	}
	name, password, _ := strings.Cut(string(plain), ":")
	hash, found := c.users[name]
	if !found {
		hash = c.decoy
	}
	if err := c.slow.Enter(ctx); err != nil {
		return "", err
	}
	defer c.slow.Leave()
	if err := bcrypt.CompareHashAndPassword(hash, []byte(password)); err != nil || !found {
		return name, errUnknown
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.verified) >= maxVerified {
		clear(c.verified) // one password may be written in many ways
	}
	c.verified[key] = name
	return name, nil
}
