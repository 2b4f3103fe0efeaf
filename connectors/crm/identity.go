package crm

import (
	"context"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/store/text"
)

// accountRunes bounds a name that a provider gives to an account or person.
const accountRunes = 200

// Identify makes the provider's cheap identity call and says whose credential it is.
// tokenFields are the further fields of the token answer, more those of an
// introspection: they fill what the call does not tell, introspection first. The error
// is a *Refused, or a *guard.Error when there was no answer.
func Identify(ctx context.Context, http *guard.Client, p *connectors.Provider, baseURL string, cred guard.Credential, tokenFields map[string]string, more ...map[string]string) (store.Account, error) {
	r, err := Probe(ctx, http, p, baseURL, cred)
	if err != nil {
		return store.Account{}, err
	}
	v := object(r.Body)
	id := p.Identity
	a := store.Account{ID: at(v, id.AccountID), Name: at(v, id.AccountName), User: at(v, id.User)}
	if kind := at(v, id.AccountKind); kind != "" {
		if a.Kind = id.KindMap[kind]; a.Kind == "" {
			a.Kind = kind
		}
	}
	for _, fields := range more {
		fill(&a, id.FromIntrospect, fields)
	}
	fill(&a, id.FromToken, tokenFields)
	return a, nil
}

// Probe makes the identity call and returns its answer if the credential works, else a
// *Refused or *guard.Error. It is the proof of life and of death.
func Probe(ctx context.Context, http *guard.Client, p *connectors.Provider, baseURL string, cred guard.Credential) (guard.Response, error) {
	method, url, err := Call(baseURL, p.Identity.Request)
	if err != nil {
		return guard.Response{}, err
	}
	r, err := http.Do(ctx, guard.Request{Method: method, URL: url, Credential: &cred})
	if err != nil {
		return r, err
	}
	if err := Read(p, r, isKey(p, cred)); err != nil {
		return r, err
	}
	if _, ok := connectors.Lookup(object(r.Body), p.Identity.Alive); p.Identity.Alive != "" && !ok {
		return r, &Refused{HTTP: r.Status, Case: CaseNotJSON, Class: store.Transient}
	}
	return r, nil
}

// isKey tells a key from a token by the format it goes out in.
func isKey(p *connectors.Provider, cred guard.Credential) bool {
	return cred.Format != p.API.Format || cred.Header != p.API.Header
}

func at(v any, path string) string {
	if path == "" {
		return ""
	}
	s, _ := connectors.LookupString(v, path)
	return text.From(s).Clean(accountRunes)
}

// fill takes from fields what the account does not have yet; names maps our word to theirs.
func fill(a *store.Account, names, fields map[string]string) {
	for ours, theirs := range names {
		v := text.From(fields[theirs]).Clean(accountRunes)
		if v == "" {
			continue
		}
		var to *string
		switch ours {
		case "account_id":
			to = &a.ID
		case "account_name":
			to = &a.Name
		case "user":
			to = &a.User
		case "account_kind":
			to = &a.Kind
		}
		if to != nil && *to == "" {
			*to = v
		}
	}
}
