// Package crm makes the calls that every CRM has: who am I, how many records are
// there, and what does this refusal mean.
//
// It promises that a call goes to the address that the provider's data names under
// the grant's own root and nowhere else, that the credential goes only to the hosts of
// its sealed record, and that every answer which is not the wanted one becomes a
// *Refused with a class, never a body. What differs between CRMs is data of
// connectors.Provider; code for one of them stands here only where data cannot say it.
package crm

import (
	"fmt"
	"strings"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Base is the root of all data calls of a grant: the provider's template with the
// answers about the tenant and the learnt instance ("" where the provider has none).
func Base(p *connectors.Provider, params store.Params, instance string) (string, error) {
	fill := make(map[string]string, len(params)+1)
	for k, v := range params {
		fill[k] = v
	}
	if instance != "" {
		fill["instance_url"] = instance
	}
	base, err := connectors.Expand(p.API.BaseURL, fill)
	if err != nil {
		return "", fmt.Errorf("making the address of %s: %w", p.ID, err)
	}
	return strings.TrimSuffix(base, "/"), nil
}

// Call splits "GET /path" and puts the path under base.
func Call(base, request string) (method, url string, err error) {
	method, path, ok := strings.Cut(request, " ")
	if !ok || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return "", "", fmt.Errorf("reading request %q: want METHOD /path", request)
	}
	return method, strings.TrimSuffix(base, "/") + path, nil
}

// Credential places an access token ("" as keyKind) or an API key of that kind as the
// provider wants it. hosts are those of the sealed record.
func Credential(p *connectors.Provider, keyKind string, v secret.Value, hosts []string) guard.Credential {
	header, format := p.API.Header, p.API.Format
	if keyKind != "" {
		if k, ok := p.Key(keyKind); ok {
			header, format = k.Header, k.Format
		}
	}
	return guard.Credential{Header: header, Format: format, Secret: v, Hosts: hosts}
}

// place is where error rules look: keys have rules of their own.
func place(key bool) string {
	if key {
		return connectors.AtKey
	}
	return connectors.AtAPI
}
