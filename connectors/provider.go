// Package connectors says what a provider is, as data, and what can be done to
// one connection.
//
// A Provider is read from TOML by connectors/catalog and changed by nobody. What
// differs between providers is data wherever it can be: values, and named
// strategies from closed sets. Code for one provider (connectors/crm) exists only
// for what no other shares.
package connectors

import (
	"crmdeck/store"
)

// Confidence says how sure a fact is.
type Confidence string

// The confidences. Empty counts as Official when the sources are.
const (
	Official   Confidence = "official"
	Mixed      Confidence = "mixed"
	ThirdParty Confidence = "third_party"
	Unverified Confidence = "unverified"
)

// Provenance is carried by every fact: where it was read and how sure it is.
type Provenance struct {
	Src  []string   `toml:"src,omitempty"`
	Conf Confidence `toml:"conf,omitempty"`
}

// Provider is a CRM as data. The TOML keys are the tags.
type Provider struct {
	ID      string `toml:"id"`
	Name    string `toml:"name"`
	Kind    string `toml:"kind"` // crm, erp, productivity, generic
	Summary string `toml:"summary"`
	Checked string `toml:"checked"` // the day its facts were read, 2006-01-02

	API       API                 `toml:"api"`
	Methods   []MethodSpec        `toml:"methods"`
	Endpoints Endpoints           `toml:"endpoints"`
	Tenancy   Tenancy             `toml:"tenancy"`
	Client    ClientAuth          `toml:"client"`
	Authorize Authorize           `toml:"authorize"`
	Tokens    Tokens              `toml:"tokens"`
	Scopes    []Scope             `toml:"scopes"`
	ScopeSets map[string]ScopeSet `toml:"scope_sets"`
	Keys      []KeyKind           `toml:"keys"`
	Identity  Identity            `toml:"identity"`
	Objects   []Object            `toml:"objects"` // contacts, companies, deals, in this order
	Quota     Quota               `toml:"quota"`
	Errors    []ErrorRule         `toml:"errors"`
	Revoke    Revoke              `toml:"revoke"`
	Console   Console             `toml:"console"`
	Lifecycle []LifecycleEvent    `toml:"lifecycle"`
	Notes     []Note              `toml:"notes"`      // quirks a person should know
	Unknown   []string            `toml:"unverified"` // what could not be confirmed
	Sources   map[string]Source   `toml:"sources"`

	// Origin is "built-in", or the path of the file that added or changed it.
	Origin string `toml:"-"`
}

// API is how data is called.
type API struct {
	Name    string `toml:"name"`
	Version string `toml:"version"`
	// BaseURL may hold {instance_url} and {params}, filled per connection.
	BaseURL string `toml:"base_url"`
	// Header and Format place an OAuth access token: "Authorization", "Bearer {token}".
	Header string `toml:"header"`
	Format string `toml:"format"`
	// Headers go with every data call; values may hold {params}. None carries a secret.
	Headers map[string]string `toml:"headers,omitempty"`
	Provenance
}

// MethodSpec is one way to authenticate that the provider has.
type MethodSpec struct {
	ID        store.Method `toml:"id"`
	Name      string       `toml:"name"`                // for people, e.g. "OAuth, authorization code + PKCE"
	Supported string       `toml:"supported"`           // yes, limited, legacy, no
	Note      string       `toml:"note,omitempty"`      //
	Built     bool         `toml:"built,omitempty"`     // crmdeck can do it in this version
	Pros      []string     `toml:"pros,omitempty"`      // what speaks for it, for the advisor's reasons
	Costs     []string     `toml:"costs,omitempty"`     // what it costs to choose it
	ChooseIf  string       `toml:"choose_if,omitempty"` //
	// Client lists how the client may prove itself by this method, best first; empty: the
	// provider's own style.
	Client []string `toml:"client,omitempty"`
	// ScopeSet is the ready list that this method asks for; empty: the person chooses.
	ScopeSet string `toml:"scope_set,omitempty"`
	// Identity is the call that tells whose credential it is where it differs by method.
	Identity *Identity `toml:"identity,omitempty"`
	// Ending says why no new connection should use it, and Move what to use instead.
	Ending string       `toml:"ending,omitempty"`
	Move   store.Method `toml:"move,omitempty"`
	Provenance
}

// Endpoints are the OAuth endpoints; empty means the provider has none. They may hold {params}.
type Endpoints struct {
	Issuer     string `toml:"issuer,omitempty"`    // for discovery (RFC 8414, OpenID); empty: the URLs below are all
	Discovery  bool   `toml:"discovery,omitempty"` // read the rest from the issuer's metadata
	Authorize  string `toml:"authorize,omitempty"`
	Token      string `toml:"token,omitempty"`
	Revoke     string `toml:"revoke,omitempty"`
	Introspect string `toml:"introspect,omitempty"`
	Userinfo   string `toml:"userinfo,omitempty"`
	Device     string `toml:"device,omitempty"` // RFC 8628
	PAR        string `toml:"par,omitempty"`    // RFC 9126
	JWKS       string `toml:"jwks,omitempty"`   // keys of signed tokens (RFC 7517)
	Provenance
}

// Tenancy says how the customer's host is found.
type Tenancy struct {
	Params []Param `toml:"params"`
	// InstanceFrom is the field of the token answer that holds the API root ("instance_url"), or empty.
	InstanceFrom string `toml:"instance_from,omitempty"`
	// HostSuffixes is the closed list that a host learnt from an answer must match, label by label;
	// access tokens only. e.g. "my.salesforce.com". A literal "127.0.0.1:PORT" matches itself.
	HostSuffixes []string `toml:"host_suffixes,omitempty"`
	// TokenHostFrom is the callback parameter that names the token host ("accounts-server"), which
	// must be one of TokenHosts; codes, refresh tokens and client secrets go to these only.
	TokenHostFrom string   `toml:"token_host_from,omitempty"`
	TokenHosts    []string `toml:"token_hosts,omitempty"`
	Provenance
}

// Param is one question about the tenant.
type Param struct {
	ID      string   `toml:"id"`
	Label   string   `toml:"label"`
	Help    string   `toml:"help,omitempty"`
	Default string   `toml:"default,omitempty"`
	Choices []Choice `toml:"choices,omitempty"`
	Pattern string   `toml:"pattern,omitempty"` // anchored regular expression that a typed value must match
	// Methods are those that ask it; empty: all.
	Methods []store.Method `toml:"methods,omitempty"`
	// From makes this one out of another answer, and nobody is asked: "account:host" is the
	// answer to account as a host label (lower case, _ becomes -), "account:upper" in upper case.
	From    string `toml:"from,omitempty"`
	Sandbox bool   `toml:"-"`
}

// Choice is one ready answer.
type Choice struct {
	Value       string `toml:"value"`
	Label       string `toml:"label"`
	Environment string `toml:"environment,omitempty"` // prod, sbx: proposed for the connection
}

// Client authentication styles (RFC 6749 section 2.3.1, OpenID Connect Core section 9).
const (
	SecretPost    = "client_secret_post"
	SecretBasic   = "client_secret_basic"
	PrivateKeyJWT = "private_key_jwt"             // OpenID Connect Core section 9, RFC 7523 section 2.2
	TLSClient     = "tls_client_auth"             // RFC 8705 section 2.1
	TLSSelfSigned = "self_signed_tls_client_auth" // RFC 8705 section 2.2
	NoSecret      = "none"
)

// ClientAuth is how the client proves itself at the token endpoint.
type ClientAuth struct {
	Style       string   `toml:"style"` // one of the constants above; never guessed
	SecretDays  int      `toml:"secret_days,omitempty"`
	RawBasic    bool     `toml:"raw_basic,omitempty"` // the server does not decode form-encoded Basic values
	Where       string   `toml:"where"`               // where id and secret are found in the console
	Register    []string `toml:"register,omitempty"`  // steps to register the app
	SecretRules string   `toml:"secret_rules,omitempty"`
	// SecretOptional: an app may be registered without a secret; PKCE stands in for it (RFC 7636).
	SecretOptional bool `toml:"secret_optional,omitempty"`
	// Assertion is how signed assertions must be made, for private_key_jwt and jwt_bearer.
	Assertion *Assertion `toml:"assertion,omitempty"`
	Provenance
}

// What the audience of an assertion is.
const (
	AudienceToken  = "token"  // the token endpoint's URL
	AudienceIssuer = "issuer" // the issuer, as RFC 7523's successor wants it
)

// Assertion is what a provider wants of a JWT that the client signs (RFC 7523).
type Assertion struct {
	Algs     []string `toml:"algs"`                // JWS algorithms, best first: PS256, ES256, RS256 …
	Audience string   `toml:"audience"`            // token, issuer, or a literal https URL
	MaxS     int64    `toml:"max_s"`               // the longest life that is taken
	KeyID    string   `toml:"kid,omitempty"`       // what kid must be: "certificate" (an id that the provider shows), "thumbprint", or empty
	X5T      string   `toml:"x5t,omitempty"`       // header of the certificate's hash: "x5t#S256" or empty
	Scope    string   `toml:"scope,omitempty"`     // the scope goes into the assertion: its separator
	Subject  string   `toml:"subject,omitempty"`   // jwt_bearer: the question whose answer is sub
	KeyBits  int      `toml:"key_bits,omitempty"`  // the least for RSA
	CertDays int      `toml:"cert_days,omitempty"` // the longest life of a certificate; 0: keys without one
	Where    string   `toml:"where"`               // how the public half is uploaded
	Provenance
}

// Authorize is what the authorization request holds.
type Authorize struct {
	Params           map[string]string `toml:"params,omitempty"` // fixed extra parameters
	ScopeSeparator   string            `toml:"scope_separator"`
	OptionalScopeKey string            `toml:"optional_scope_param,omitempty"` // e.g. optional_scope
	PKCE             string            `toml:"pkce"`                           // S256; "none" where the profile says so
	LoopbackAnyPort  bool              `toml:"loopback_any_port,omitempty"`
	RedirectHTTPS    bool              `toml:"redirect_https,omitempty"`
	RedirectHost     string            `toml:"redirect_host,omitempty"` // default localhost
	IssRequired      bool              `toml:"iss_required,omitempty"`  // RFC 9207
	NoScope          bool              `toml:"no_scope,omitempty"`      // scopes are set at the provider and never sent
	FormPost         bool              `toml:"form_post,omitempty"`     // the answer comes as a form POST, whatever was asked for
	PARRequired      bool              `toml:"par_required,omitempty"`  // RFC 9126 section 4
	DPoP             string            `toml:"dpop,omitempty"`          // "offered" or "required" (RFC 9449)
	Provenance
}

// How the end of an access token is known.
const (
	ExpiryField      = "expires_in" // RFC 6749 section 5.1
	ExpiryIntrospect = "introspect" // RFC 7662 exp, else assumed
	ExpiryJWT        = "jwt_exp"
	ExpiryAssumed    = "assumed"
	ExpiryNone       = "none" // never ends by time
)

// What a refresh does to the refresh token.
const (
	RotatesNever    = "never"
	RotatesOptional = "optional"
	RotatesAlways   = "always"
)

// Where the granted scopes are told.
const (
	ScopesField      = "scope"      // RFC 6749 section 5.1; absent means equal to asked
	ScopesArray      = "scopes"     // JSON array
	ScopesIntrospect = "introspect" // ask; optional ones drop silently
	ScopesUnknown    = "unknown"
)

// Tokens are the rules of tokens. Lifetimes in seconds; 0: unknown or none.
type Tokens struct {
	Expiry           string `toml:"expiry"`
	AccessLifetime   int64  `toml:"access_lifetime_s"` // assumed where the answer doesn't say
	AccessRevocable  bool   `toml:"access_revocable"`
	Sliding          bool   `toml:"sliding,omitempty"` // use extends it
	Rotates          string `toml:"rotates"`
	GraceS           int64  `toml:"grace_s,omitempty"` // stated grace in which the old refresh token still works
	RefreshLifetime  int64  `toml:"refresh_lifetime_s,omitempty"`
	RefreshIdle      int64  `toml:"refresh_idle_s,omitempty"`
	RefreshNote      string `toml:"refresh_note,omitempty"`
	Scopes           string `toml:"scopes_from"`
	MarginS          int64  `toml:"refresh_margin_s,omitempty"` // overrides the default margin
	FormAnswer       bool   `toml:"form_answer,omitempty"`      // success may come as form or text/plain
	ApprovalsPerUser int    `toml:"approvals_per_user,omitempty"`
	SharedGrant      bool   `toml:"shared_grant,omitempty"` // a second consent hands out the same refresh token
	// RefreshProves lists the scopes that a refresh proves and no test sync can, e.g. offline_access.
	RefreshProves []string `toml:"refresh_proves,omitempty"`
	// NoRefresh: no refresh token is ever handed out.
	NoRefresh bool `toml:"no_refresh,omitempty"`
	// Public are the rules that differ for clients without a secret.
	Public *PublicTokens `toml:"public,omitempty"`
	// SignedJWT: access tokens are JWTs that the endpoints' keys verify.
	SignedJWT bool `toml:"signed_jwt,omitempty"`
	Provenance
}

// PublicTokens are rules of tokens that a public client gets.
type PublicTokens struct {
	Rotates         string `toml:"rotates"`
	RefreshLifetime int64  `toml:"refresh_lifetime_s,omitempty"`
	Provenance
}

// Risk of a scope.
type Risk string

// The risks.
const (
	Low      Risk = "low"
	Medium   Risk = "medium"
	High     Risk = "high"
	Critical Risk = "critical"
)

// Scope is one permission.
type Scope struct {
	Name    string   `toml:"name"`
	Risk    Risk     `toml:"risk"`
	Meaning string   `toml:"meaning"`
	Use     []string `toml:"use,omitempty"` // identity, read, write, avoid
	Provenance
}

// ScopeSet is a ready list. Optional scopes are asked for, but may be dropped.
type ScopeSet struct {
	Label    string   `toml:"label"`
	Scopes   []string `toml:"scopes"`
	Optional []string `toml:"optional,omitempty"`
	Note     string   `toml:"note,omitempty"`
}

// KeyKind is a kind of API key.
type KeyKind struct {
	ID     string `toml:"id"`
	Label  string `toml:"label"`
	Header string `toml:"header"` // Authorization, X-Api-Key …
	Format string `toml:"format"` // "Bearer {key}", "{key}", or "Basic" with the key as user name
	// Headers go with it; values may hold {params}.
	Headers map[string]string `toml:"headers,omitempty"`
	// BaseURL is the API root for this kind, where it differs.
	BaseURL string `toml:"base_url,omitempty"`
	// Query is the parameter that carries the key where the provider takes no header; it is
	// used when it is forced by hand, and is a finding.
	Query      string   `toml:"query,omitempty"`
	Prefixes   []string `toml:"prefixes"` // a key that begins otherwise gets a warning, no refusal
	Where      string   `toml:"where"`    // how it is made in the console
	PolicyDays int      `toml:"policy_days"`
	OverlapS   int64    `toml:"overlap_s,omitempty"`
	Last4      bool     `toml:"last4"` // the console lists keys by their last four characters
	RevokeNote string   `toml:"revoke_note"`
	Ending     string   `toml:"ending,omitempty"` // why no new ones can be made
	Provenance
}

// ErrorRule recognises one failure.
type ErrorRule struct {
	Case    string            `toml:"case"` // expired_token, revoked_token, bad_scope, invalid_grant, rate_limit, busy, …
	HTTP    int               `toml:"http"`
	Match   map[string]string `toml:"match,omitempty"` // JSON path to value; "*" matches any, "a|b" either
	Class   store.Class       `toml:"class,omitempty"` // empty: nothing failed for good, only the access token is over
	Action  string            `toml:"action,omitempty"`
	Where   string            `toml:"where,omitempty"`   // a place of errorrule.go; empty: every one
	Missing string            `toml:"missing,omitempty"` // JSON path that lists missing scopes
	Provenance
}

// How revoking is done.
const (
	RevokeRFC7009 = "rfc7009" // POST token (RFC 7009)
	RevokeConsole = "console" // by hand at the provider's console
	RevokeNone    = "none"
)

// Revoke says what can be revoked and how.
type Revoke struct {
	OAuth       string            `toml:"oauth"` // strategy for tokens
	Key         string            `toml:"key"`   // strategy for API keys
	ClientAuth  bool              `toml:"client_auth"`
	RefreshOnly bool              `toml:"refresh_only,omitempty"` // access tokens live until they expire
	AlreadyDead map[string]string `toml:"already_dead,omitempty"` // an error that counts as success: JSON path to value
	Effect      string            `toml:"effect"`
	Provenance
}

// Console are pages at the provider, opened for a person. They may hold {params} and {account}.
type Console struct {
	Apps   string `toml:"apps,omitempty"`
	Keys   string `toml:"keys,omitempty"`
	Grants string `toml:"grants,omitempty"`
	Status string `toml:"status,omitempty"`
	Docs   string `toml:"docs,omitempty"`
}

// LifecycleEvent is a dated change at the provider.
type LifecycleEvent struct {
	Date    string   `toml:"date"` // 2006-01-02 or less exact text
	Fact    string   `toml:"fact"`
	Methods []string `toml:"methods,omitempty"` // methods or key kinds that it ends or touches
	Ends    bool     `toml:"ends,omitempty"`    // the methods stop working then
	Provenance
}

// Note is something a person should know.
type Note struct {
	Text string `toml:"text"`
	At   string `toml:"at,omitempty"` // where it is shown: crm, method, credentials, scopes, consent, revoke
	Provenance
}

// Source is where facts were read.
type Source struct {
	URL  string `toml:"url"`
	Kind string `toml:"kind"` // official, official_repo, official_mirror, third_party
}
