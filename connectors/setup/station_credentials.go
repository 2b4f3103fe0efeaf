package setup

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Fields of the credential steps.
const (
	FieldClientID     = "client_id"
	FieldClientSecret = "client_secret"
	FieldPort         = "redirect_port"
	FieldKeyKind      = "kind"
	FieldKey          = "key"
	FieldKeyMade      = "made"
	FieldRefreshToken = "refresh_token"
)

// Values of choices.
const (
	NewClient   = "new"       // client step: none of the remembered ones
	ByConsent   = "consent"   // grant step
	ByTakeOver  = "take_over" // grant step
	UnknownDate = "unknown"   // key step: nobody knows when it was made
)

// What a credential may be: longer ones have not been seen, and a line break or NUL
// would change the request that it goes into (GR-4).
const (
	maxClientID = 512
	maxSecret   = 64 << 10
)

// loadClients reads the registrations that are remembered for the provider.
func (s *Setup) loadClients(ctx context.Context) error {
	if s.p == nil {
		return nil
	}
	err := s.d.Store.Read(ctx, func(r store.Reader) (err error) {
		s.clients, err = r.Clients(s.p.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading clients: %w", err)
	}
	return nil
}

// remembered finds a registration by record id or by client id.
func (s *Setup) remembered(ref string) (store.Client, bool) {
	for _, c := range s.clients {
		if string(c.ID) == ref || c.ClientID == ref {
			return c, true
		}
	}
	return store.Client{}, false
}

func (s *Setup) showClient(context.Context) (Step, error) {
	st := Step{Kind: Choose, Station: StationCredentials}
	for _, c := range s.clients {
		o := Option{Value: string(c.ID), Label: c.ClientID, Built: true, Lines: []string{c.RedirectURI}}
		if c.MadeKnown {
			o.Lines = append(o.Lines, c.SecretMade.Format(time.DateOnly))
		}
		st.Options = append(st.Options, o)
	}
	st.Options = append(st.Options, Option{Value: NewClient, Label: "another app", Built: true})
	return st, nil
}

func (s *Setup) answerClient(ctx context.Context, a Answer) error {
	switch c, ok := s.remembered(a.Value); {
	case a.Value == "":
		return &InputError{Step: stepClient, Code: "choose"}
	case a.Value == NewClient:
		s.a.Client, s.a.ClientID = "", ""
	case ok:
		s.a.Client, s.a.ClientID = c.ID, c.ClientID
	default:
		return &InputError{Step: stepClient, Code: "unknown", Detail: a.Value}
	}
	return s.forward(ctx)
}

func (s *Setup) showApp(context.Context) (Step, error) {
	where := append([]string{s.p.Client.Where}, s.p.Client.Register...)
	return Step{
		Kind: Ask, Station: StationCredentials, Where: where,
		ConsoleURL: s.console(s.p.Console.Apps), RedirectURI: s.redirectURI(),
		Fields: []Field{
			{ID: FieldClientID, Label: "client id", Default: s.a.ClientID, Required: true},
			{ID: FieldClientSecret, Label: "client secret", Secret: true, Required: s.needsSecret(), Help: s.p.Client.SecretRules},
			{ID: FieldPort, Label: "port of the redirect URI", Default: strconv.Itoa(s.a.Port), Pattern: `^[0-9]{4,5}$`},
		},
	}, nil
}

func (s *Setup) needsSecret() bool {
	return s.p.Client.Style != connectors.NoSecret && !s.p.Client.SecretOptional
}

// redirectURI is what has to be registered, byte for byte (LB-2).
func (s *Setup) redirectURI() string {
	return oauth.RedirectURI(s.p.ID, s.p.Authorize.RedirectHost, s.a.Port)
}

// console fills a console address with what is known; empty if that does not suffice.
func (s *Setup) console(template string) string {
	if template == "" {
		return ""
	}
	u, err := connectors.Expand(template, s.a.Params)
	if err != nil {
		return ""
	}
	return u
}

func (s *Setup) answerApp(ctx context.Context, a Answer) error {
	id := strings.TrimSpace(a.Values[FieldClientID])
	switch {
	case id == "":
		return &InputError{Step: stepApp, Field: FieldClientID, Code: "required"}
	case len(id) > maxClientID:
		return &InputError{Step: stepApp, Field: FieldClientID, Code: "length"}
	case !printable([]byte(id)):
		return &InputError{Step: stepApp, Field: FieldClientID, Code: "control"}
	}
	if c, ok := s.client(); ok && c.ClientID != id {
		return &InputError{Step: stepApp, Field: FieldClientID, Code: "other_client"}
	}
	port, err := s.port(id, a.Values[FieldPort])
	if err != nil {
		return err
	}
	sec := trimmed(a.Secrets[FieldClientSecret])
	if sec.IsZero() {
		sec = s.clientSecret // gone back to, and not typed again
	}
	if err := checkSecret(stepApp, FieldClientSecret, sec, s.needsSecret()); err != nil {
		return err
	}
	s.a.ClientID, s.a.Port, s.clientSecret = id, port, sec
	return s.forward(ctx)
}

// port is the one that was given, else that of the remembered registration, else the
// proposed one.
func (s *Setup) port(clientID, v string) (int, error) {
	if v == "" {
		if c, ok := s.remembered(clientID); ok {
			return portOf(c.RedirectURI, s.a.Port), nil
		}
		return s.a.Port, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1024 || n > 65535 {
		return 0, &InputError{Step: stepApp, Field: FieldPort, Code: "port"}
	}
	return n, nil
}

// portOf is the port of a redirect URI.
func portOf(uri string, otherwise int) int {
	u, err := url.Parse(uri)
	if err != nil {
		return otherwise
	}
	n, err := strconv.Atoi(u.Port())
	if err != nil {
		return otherwise
	}
	return n
}

func (s *Setup) showSource(context.Context) (Step, error) {
	return Step{Kind: Choose, Station: StationCredentials, Options: []Option{
		{Value: ByConsent, Label: "consent in the browser", Built: true},
		{Value: ByTakeOver, Label: "take over a refresh token", Built: true},
	}}, nil
}

func (s *Setup) answerSource(ctx context.Context, a Answer) error {
	switch a.Value {
	case ByTakeOver:
		s.a.TakeOver = true
	case ByConsent:
		s.a.TakeOver = false
	case "": // as it was asked for
	default:
		return &InputError{Step: stepSource, Code: "unknown", Detail: a.Value}
	}
	return s.forward(ctx)
}

func (s *Setup) showKey(context.Context) (Step, error) {
	st := Step{Kind: Ask, Station: StationCredentials, ConsoleURL: s.console(s.p.Console.Keys)}
	kind := Field{ID: FieldKeyKind, Label: "kind of key", Default: s.a.KeyKind}
	for _, k := range s.p.Keys {
		if k.Ending != "" {
			kind.Choices = append(kind.Choices, connectors.Choice{Value: k.ID, Label: k.Label + ": " + k.Ending})
		} else {
			kind.Choices = append(kind.Choices, connectors.Choice{Value: k.ID, Label: k.Label})
		}
		st.Where = append(st.Where, k.Label+": "+k.Where)
	}
	if kind.Default == "" && len(s.p.Keys) > 0 {
		kind.Default = s.p.Keys[0].ID
	}
	if len(s.p.Keys) > 1 {
		st.Fields = append(st.Fields, kind)
	}
	st.Fields = append(st.Fields,
		Field{ID: FieldKey, Label: "key", Secret: true, Required: true},
		Field{ID: FieldKeyMade, Label: "when it was made", Default: UnknownDate,
			Help: "a day as 2006-01-02; unknown counts from today"})
	return st, nil
}

func (s *Setup) answerKey(ctx context.Context, a Answer) error {
	kind := a.Values[FieldKeyKind]
	if kind == "" {
		kind = s.a.KeyKind
	}
	if kind == "" && len(s.p.Keys) > 0 {
		kind = s.p.Keys[0].ID
	}
	if _, ok := s.p.Key(kind); !ok {
		return &InputError{Step: stepKey, Field: FieldKeyKind, Code: "unknown", Detail: kind}
	}
	made, err := s.day(a.Values[FieldKeyMade])
	if err != nil {
		return err
	}
	key := trimmed(a.Secrets[FieldKey])
	if err := checkSecret(stepKey, FieldKey, key, true); err != nil {
		return err
	}
	s.a.KeyKind, s.a.KeyMade, s.key = kind, made, key
	got, err := s.proveKey(ctx)
	if err != nil {
		return err
	}
	s.got = got
	return s.forward(ctx)
}

// day reads when a key was made; empty is unknown. A day that has not come is refused.
func (s *Setup) day(v string) (string, error) {
	v = strings.TrimSpace(v)
	if v == "" || v == UnknownDate {
		return "", nil
	}
	at, err := time.Parse(time.DateOnly, v)
	switch {
	case err != nil:
		return "", &InputError{Step: stepKey, Field: FieldKeyMade, Code: "date", Detail: v}
	case at.After(s.d.Clock.Now().Add(24 * time.Hour)): // the day may have begun further east
		return "", &InputError{Step: stepKey, Field: FieldKeyMade, Code: "future", Detail: v}
	}
	return v, nil
}

func (s *Setup) showRefresh(context.Context) (Step, error) {
	return Step{Kind: Ask, Station: StationCredentials, Fields: []Field{
		{ID: FieldRefreshToken, Label: "refresh token", Secret: true, Required: true,
			Help: "it is used once to prove that it works; where it was used before, it may stop working"},
	}}, nil
}

func (s *Setup) answerRefresh(ctx context.Context, a Answer) error {
	if v := trimmed(a.Secrets[FieldRefreshToken]); !v.IsZero() {
		s.refresh = v
	}
	if err := checkSecret(stepRefresh, FieldRefreshToken, s.refresh, true); err != nil {
		return err
	}
	got, err := s.proveRefresh(ctx)
	if err != nil {
		return err
	}
	s.got = got
	return s.forward(ctx)
}

// checkSecret refuses what cannot be a credential. It never says what it was.
func checkSecret(step, field string, v secret.Value, required bool) error {
	switch {
	case v.IsZero() && required:
		return &InputError{Step: step, Field: field, Code: "required"}
	case v.Len() > maxSecret:
		return &InputError{Step: step, Field: field, Code: "length"}
	case !printable(v.Bytes()):
		return &InputError{Step: step, Field: field, Code: "control"}
	}
	return nil
}

// printable reports that b holds visible ASCII and blanks only, as RFC 6749 appendix
// A has it for client ids, secrets and tokens.
func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// trimmed takes away blanks and line breaks around a pasted secret; inside they stay
// and are refused.
func trimmed(v secret.Value) secret.Value {
	s := strings.TrimSpace(v.Reveal())
	if len(s) == v.Len() {
		return v
	}
	return secret.FromString(s)
}
