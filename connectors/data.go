package connectors

import "crmdeck/store"

// Identity is the cheap call that tells whose credential it is and that it works.
type Identity struct {
	Request string `toml:"request"`            // "GET /account-info/v3/details"
	Body    string `toml:"body,omitempty"`     // JSON of a POST
	Alive   string `toml:"alive_when"`         // a JSON path that must be there; empty: HTTP 200
	AliveIs string `toml:"alive_is,omitempty"` // what it must hold, e.g. "true"; empty: anything
	DeadIf  string `toml:"dead_if,omitempty"`  // a JSON path that must not be there, e.g. "errors"
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
	// FromCallback does it with parameters of the authorization answer: account_id = "company".
	FromCallback map[string]string `toml:"from_callback,omitempty"`
	// Proves lists the scopes that an answer proves.
	Proves []string `toml:"proves,omitempty"`
	Provenance
}

// Paging styles.
const (
	PageCursor   = "cursor"
	PageNextLink = "next_link"
	PageOffset   = "offset"
	PageNumber   = "page"       // 1, 2, 3 …
	PageToken    = "page_token" // a number first, a token from the answer afterwards
)

// Object is one kind of record and how it is read.
type Object struct {
	Name    string `toml:"name"`
	Request string `toml:"request"` // "GET /crm/v3/objects/contacts?properties=email,firstname,lastname"
	// Body is the JSON of a reading POST. {size}, {skip}, {page} and {cursor} are filled as JSON;
	// NextBody is that of all pages but the first.
	Body     string `toml:"body,omitempty"`
	NextBody string `toml:"next_body,omitempty"`
	// Methods are those that can read it; empty: all.
	Methods []store.Method `toml:"methods,omitempty"`
	// First is a request whose answer fills a placeholder of Request.
	First *Lead `toml:"first,omitempty"`
	// Headers go with it, besides those of the API.
	Headers map[string]string `toml:"headers,omitempty"`
	Proves  []string          `toml:"proves"` // scopes that a 2xx proves
	Page    Page              `toml:"page"`
	Records string            `toml:"records"`         // JSON path of the array
	Total   string            `toml:"total,omitempty"` // JSON path of a total on the page itself
	Count   *Count            `toml:"count,omitempty"` // a request of its own
	Sample  []string          `toml:"sample"`          // JSON paths in one record, shown masked
	Caveat  string            `toml:"caveat,omitempty"`
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
	// PageParam is the query parameter of the page's number, LastPath the JSON path of the last
	// page's number.
	PageParam string `toml:"page_param,omitempty"`
	LastPath  string `toml:"last_path,omitempty"`
	// EmptyStatus is a status without a body that means no records, e.g. 204.
	EmptyStatus int `toml:"empty_status,omitempty"`
}

// Lead asks for what the request of an object needs first: an id of a saved view, say.
type Lead struct {
	Request string `toml:"request"`
	Path    string `toml:"path"`  // JSON path of the value
	Fills   string `toml:"fills"` // the placeholder
}

// Count asks how many records there are.
type Count struct {
	Request string `toml:"request"`
	Body    string `toml:"body,omitempty"` // JSON body for a POST
	Path    string `toml:"path"`
	Header  string `toml:"header,omitempty"` // the answer's header that holds it, instead of Path
	Most    int    `toml:"most,omitempty"`   // the figure stops here: this many means this many or more
}

// Quota is how the provider tells and enforces its limits.
type Quota struct {
	// Header styles: "hubspot", "sforce_limit_info", "ratelimit" (draft-ietf-httpapi-ratelimit-headers),
	// "x_ratelimit" (x-ratelimit-limit, -remaining, -reset), "zoho_credits", "ms_xrm", "none".
	Style      string      `toml:"style"`
	RetryAfter bool        `toml:"retry_after"`          // sent on 429
	RetryPath  string      `toml:"retry_path,omitempty"` // JSON path of the seconds to wait, where the body tells them
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
