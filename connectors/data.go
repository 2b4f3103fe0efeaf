package connectors

// Identity is the cheap call that tells whose credential it is and that it works.
type Identity struct {
	Request string `toml:"request"`    // "GET /account-info/v3/details"
	Alive   string `toml:"alive_when"` // a JSON path that must be there; empty: HTTP 200
	// JSON paths in the answer. Empty: not told.
	AccountID   string            `toml:"account_id"`
	AccountName string            `toml:"account_name,omitempty"`
	User        string            `toml:"user,omitempty"`
	AccountKind string            `toml:"account_kind,omitempty"`
	KindMap     map[string]string `toml:"kind_map,omitempty"` // provider's word to production, sandbox, …
	// FromToken names fields of the token answer that fill what the call does not: account_id = "hub_id".
	FromToken map[string]string `toml:"from_token,omitempty"`
	// FromIntrospect does the same with the introspection answer (RFC 7662), where one is read anyway.
	FromIntrospect map[string]string `toml:"from_introspect,omitempty"`
	// Proves lists the scopes that an answer proves.
	Proves []string `toml:"proves,omitempty"`
	Provenance
}

// Paging styles.
const (
	PageCursor   = "cursor"
	PageNextLink = "next_link"
	PageOffset   = "offset"
)

// Object is one kind of record and how it is read.
type Object struct {
	Name    string   `toml:"name"`
	Request string   `toml:"request"` // "GET /crm/v3/objects/contacts?properties=email,firstname,lastname"
	Proves  []string `toml:"proves"`  // scopes that a 2xx proves
	Page    Page     `toml:"page"`
	Records string   `toml:"records"`         // JSON path of the array
	Total   string   `toml:"total,omitempty"` // JSON path of a total on the page itself
	Count   *Count   `toml:"count,omitempty"` // a request of its own
	Sample  []string `toml:"sample"`          // JSON paths in one record, shown masked
	Caveat  string   `toml:"caveat,omitempty"`
	Provenance
}

// Page is how pages follow each other.
type Page struct {
	Style      string `toml:"style"`
	SizeParam  string `toml:"size_param,omitempty"`
	SizeHeader string `toml:"size_header,omitempty"` // "Sforce-Query-Options: batchSize={size}"
	Size       int    `toml:"size"`
	NextPath   string `toml:"next_path,omitempty"`  // JSON path of cursor or link
	NextParam  string `toml:"next_param,omitempty"` // query parameter of the cursor
	SkipParam  string `toml:"skip_param,omitempty"` // query parameter of the offset
	MorePath   string `toml:"more_path,omitempty"`  // JSON path of "has more" (or of done with MoreIsDone)
	MoreIsDone bool   `toml:"more_is_done,omitempty"`
	Ceiling    int    `toml:"ceiling,omitempty"` // offset from which the provider refuses
}

// Count asks how many records there are.
type Count struct {
	Request string `toml:"request"`
	Body    string `toml:"body,omitempty"` // JSON body for a POST
	Path    string `toml:"path"`
}

// Quota is how the provider tells and enforces its limits.
type Quota struct {
	// Header styles: "hubspot", "sforce_limit_info", "ratelimit" (draft-ietf-httpapi-ratelimit-headers), "none".
	Style      string      `toml:"style"`
	RetryAfter bool        `toml:"retry_after"` // sent on 429
	PerSecond  int         `toml:"per_second,omitempty"`
	Burst      int         `toml:"burst,omitempty"`
	Rules      []QuotaRule `toml:"rules"`
	Provenance
}

// QuotaRule is one limit, in words.
type QuotaRule struct {
	AppliesTo string `toml:"applies_to"`
	Limit     string `toml:"limit"`
	Provenance
}
