// Package oauth is an OAuth 2.0 client for connections that must not be lost.
//
// It uses golang.org/x/oauth2 for URLs and PKCE and its own guarded token client,
// because the library's guesses the client authentication by trying twice, loses an
// answer over one odd field, and accepts what RFC 6749 forbids. It promises exactly
// one request for every exchange, refresh and revocation, whatever the outcome; S256
// always (RFC 7636); state of 256 bits compared in constant time; redirect listener on loopback only (RFC
// 8252); answers parsed leniently where losing them would lose a grant, strictly
// everywhere else; and errors that carry a class, never a body.
package oauth

import (
	"time"

	"crmdeck/connectors/oauth/assertion"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Profile is all that one exchange needs to know; it is made from a provider, a
// client and a connection's parameters, and pinned when a flow begins.
type Profile struct {
	Provider      string // id, for the redirect path and messages
	Issuer        string
	IssRequired   bool // RFC 9207: the answer must carry iss
	AuthorizeURL  string
	TokenURL      string
	RevokeURL     string
	IntrospectURL string

	ClientID    string
	Secret      secret.Value // zero: public client
	SecretHosts []string     // where the client secret and refresh token may go
	Style       string       // connectors.SecretPost, SecretBasic, PrivateKeyJWT or NoSecret; never guessed
	RawBasic    bool
	// Signer and Audience prove a client of style private_key_jwt; Audience is the issuer
	// unless the server takes nothing but its token endpoint.
	Signer      *assertion.Signer
	Audience    string
	RedirectURI string

	Scopes           []string
	Optional         []string
	OptionalScopeKey string
	ScopeSeparator   string
	AuthorizeParams  map[string]string
	PKCE             bool
	LoopbackAnyPort  bool

	Expiry         string // connectors.Expiry*
	AccessLifetime time.Duration
	ScopesFrom     string // connectors.Scopes*
	FormAnswer     bool
	RevokeAuth     bool              // revocation authenticates the client
	AlreadyDead    map[string]string // an error of the revocation endpoint that counts as success
	// Rules classify the provider's own errors; nil uses RFC 6749 alone.
	Rules Classifier
}

// Classifier recognises a provider's own error bodies (connectors.Provider has it).
type Classifier interface {
	ClassifyToken(status int, body []byte) (class store.Class, reason string, ok bool)
}

// Answer is a token answer that was accepted.
type Answer struct {
	Access      secret.Value
	Refresh     secret.Value // zero: none was sent; keep the old one (RFC 6749 section 6)
	TokenType   string
	Issued      time.Time // the moment before the request was sent
	Expires     time.Time // zero: never by time
	Assumed     bool      // Expires is the profile's lifetime, not the answer's
	Scopes      []string
	ScopesKnown bool
	Fields      map[string]string // further string and number fields, cleaned: instance_url, hub_id, id …
	Claims      []store.Claim     // if the access token is a JWT; unverified
	Skew        time.Duration     // provider's clock minus ours; 0 under 60 s
}

// Error is a failed exchange, refresh, revocation or introspection.
type Error struct {
	Class       store.Class
	Code        string // the OAuth error code or our stable word: not_oauth, truncated, timeout …
	Description string // cleaned, cut; safe to show
	HTTP        int
	RetryAfter  time.Duration // as the provider asked, at most 15 min; 0: it didn't
	// Unknown: the request may have reached the server and its answer is lost.
	Unknown bool
	Host    string

	cause error
}

func (e *Error) Error() string {
	s := e.Code
	if e.Description != "" {
		s += " (" + e.Description + ")"
	}
	if e.Host != "" {
		s += " from " + e.Host
	}
	return s
}

// Unwrap gives the failure below HTTP, if that is what it was; a cancelled request is
// found with errors.Is(err, context.Canceled).
func (e *Error) Unwrap() error { return e.cause }
