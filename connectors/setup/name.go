package setup

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"crmdeck/store"
)

// maxName is how long a name may be.
const maxName = 64

// ValidName reports whether a connection may be called that: letters, digits, dots,
// dashes and underscores, a letter or digit first. Such a name needs no quoting in a
// shell and cannot be taken for a flag or a path.
func ValidName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return true
}

// checkName refuses a name that cannot be or is taken.
func (s *Setup) checkName(ctx context.Context, name string) error {
	if !ValidName(name) {
		return &InputError{Step: stepIdentity, Field: FieldName, Code: "name", Detail: name}
	}
	err := s.d.Store.Read(ctx, func(r store.Reader) error {
		_, err := r.ConnectionByName(name)
		return err
	})
	switch {
	case err == nil:
		return &InputError{Step: stepIdentity, Field: FieldName, Code: "taken", Detail: name}
	case errors.Is(err, store.ErrNotFound):
		return nil
	}
	return fmt.Errorf("looking for the name: %w", err)
}

// maxProposed keeps a proposed name short enough for a column.
const maxProposed = 32

// proposeName makes provider-account-environment, with a number if that is taken.
func (s *Setup) proposeName(r store.Reader) (string, error) {
	account := s.got.account.Name
	if account == "" {
		account = s.got.account.ID
	}
	base := s.p.ID
	for _, part := range []string{slug(account), slug(s.a.Environment)} {
		if part != "" && len(base)+1+len(part) <= maxProposed {
			base += "-" + part
		}
	}
	name := base
	for n := 2; ; n++ {
		_, err := r.ConnectionByName(name)
		if errors.Is(err, store.ErrNotFound) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = base + "-" + strconv.Itoa(n)
	}
}

// slug makes the small letters and digits of a text a part of a name.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}
