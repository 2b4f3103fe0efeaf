package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// section is a table of a provider file.
type section struct {
	name   string
	fields [][2]string // key and value, already in TOML
}

// WriteProviders writes one file for each provider into dir, which is made if
// it is absent: provider definitions that change only where the provider is.
func (s *Sim) WriteProviders(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the directory of providers: %w", err)
	}
	for _, st := range s.sites {
		path := filepath.Join(dir, st.id+".toml")
		if err := os.WriteFile(path, []byte(st.override()), 0o600); err != nil {
			return fmt.Errorf("writing a provider file: %w", err)
		}
	}
	return nil
}

// override is the text of the file.
func (s *site) override() string {
	var b strings.Builder
	b.WriteString("# Points this provider at a simulation on this computer. Written by crmdeck sim.\n")
	b.WriteString("id = " + quote(s.id) + "\n")
	for _, sec := range s.sections() {
		b.WriteString("\n[" + sec.name + "]\n")
		for _, f := range sec.fields {
			b.WriteString(f[0] + " = " + f[1] + "\n")
		}
	}
	return b.String()
}

func (s *site) sections() []section {
	e := s.standing
	console := quote(s.base + consolePath + "?account={account}")
	ends := section{name: "endpoints", fields: [][2]string{
		{"authorize", quote(e.AuthorizeURL)}, {"token", quote(e.TokenURL)}, {"revoke", quote(e.RevokeURL)},
	}}
	if e.IntrospectURL != "" {
		ends.fields = append(ends.fields, [2]string{"introspect", quote(e.IntrospectURL)})
	}
	out := []section{ends, {name: "console", fields: [][2]string{
		{"apps", console}, {"keys", console}, {"grants", console},
	}}}
	if s.rules.instanceHost {
		host := strings.TrimPrefix(s.base, "http://")
		return append(out, section{name: "tenancy", fields: [][2]string{{"host_suffixes", "[" + quote(host) + "]"}}})
	}
	return append(out, section{name: "api", fields: [][2]string{{"base_url", quote(s.base + s.rules.apiRoot)}}})
}

// quote writes a string of TOML; for addresses JSON's form is the same.
func quote(text string) string { return string(marshal(text)) }
