package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmdeck/connectors"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/words"
)

// addFlags are what add and reconnect are told on the command line.
type addFlags struct {
	noted
	provider, method, clientID           string
	clientSecretFile, keyFile, tokenFile string
	keyKind, scopeSet, answers           string
	params, scopes                       []string
	port                                 int
	noBrowser, yes, noTest, other        bool
	unattended, consents                 bool
}

func (a *app) addCommand() *cobra.Command {
	var f addFlags
	cmd := &cobra.Command{
		Use: "add NAME", Short: words.CmdAdd, Long: words.LongAdd, Args: args(0, 1, "one name"),
		Example: "  crmdeck add hubspot-prod --provider hubspot --client-id ID --client-secret-file secret\n" +
			"  crmdeck add close-nightly --provider close --method api_key --key-file key --key-created 2026-09-01",
		RunE: func(cmd *cobra.Command, names []string) error {
			name := ""
			if len(names) == 1 {
				name = names[0]
			}
			if err := a.fromFile(cmd, &f, &name); err != nil {
				return err
			}
			if name == "" && !a.deps.IsTerminal() {
				return usage(cmd, "add takes one name")
			}
			return a.add(cmd.Context(), name, &f)
		},
	}
	f.noted.register(cmd.Flags())
	f.register(cmd.Flags())
	return cmd
}

func (f *addFlags) register(s *pflag.FlagSet) {
	f.credentials(s)
	s.StringVar(&f.provider, "provider", "", words.FlagProvider)
	s.StringVar(&f.method, "method", "", words.FlagMethod)
	s.StringArrayVar(&f.params, "param", nil, words.FlagParam)
	s.StringVar(&f.answers, "answers", "", words.FlagAnswers)
	s.BoolVar(&f.unattended, "unattended", true, words.FlagUnattended)
	s.BoolVar(&f.consents, "consents", true, words.FlagConsents)
}

// credentials are the flags that reconnect has, too.
func (f *addFlags) credentials(s *pflag.FlagSet) {
	s.StringVar(&f.clientID, "client-id", "", words.FlagClientID)
	s.StringVar(&f.clientSecretFile, "client-secret-file", "", words.FlagClientSecret)
	s.StringVar(&f.keyFile, "key-file", "", words.FlagKeyFile)
	s.StringVar(&f.keyKind, "key-kind", "", words.FlagKeyKind)
	s.StringVar(&f.tokenFile, "refresh-token-file", "", words.FlagRefreshToken)
	s.StringSliceVar(&f.scopes, "scopes", nil, words.FlagScopes)
	s.StringVar(&f.scopeSet, "scope-set", "", words.FlagScopeSet)
	s.IntVar(&f.port, "redirect-port", 0, words.FlagRedirectPort)
	s.BoolVar(&f.noBrowser, "no-browser", false, words.FlagNoBrowser)
	s.BoolVar(&f.noTest, "no-test", false, words.FlagNoTest)
	s.BoolVar(&f.yes, "yes", false, words.FlagYes)
}

// fromFile fills what no flag said from the answers file.
func (a *app) fromFile(cmd *cobra.Command, f *addFlags, name *string) error {
	if f.answers == "" {
		return nil
	}
	in, err := a.readAnswers(cmd.Context(), f.answers)
	if err != nil {
		return err
	}
	f.fill(in, cmd.Flags(), name)
	return nil
}

func (f *addFlags) fill(in answersFile, s *pflag.FlagSet, name *string) {
	for _, t := range []struct {
		flag     string
		to       *string
		fromFile string
	}{
		{"", name, in.Name}, {"provider", &f.provider, in.Provider}, {"method", &f.method, in.Method},
		{"client-id", &f.clientID, in.ClientID}, {"client-secret-file", &f.clientSecretFile, in.ClientSecretFile},
		{"key-file", &f.keyFile, in.KeyFile}, {"key-kind", &f.keyKind, in.KeyKind}, {"key-created", &f.keyCreated, in.KeyCreated},
		{"refresh-token-file", &f.tokenFile, in.RefreshTokenFile}, {"scope-set", &f.scopeSet, in.ScopeSet},
		{"owner", &f.owner, in.Owner}, {"environment", &f.environment, in.Environment}, {"purpose", &f.purpose, in.Purpose},
	} {
		if *t.to == "" {
			*t.to = t.fromFile
		}
	}
	f.yes = f.yes || in.Yes
	if f.scopes == nil {
		f.scopes = in.Scopes
	}
	if f.tags == nil {
		f.tags = in.Tags
	}
	if f.port == 0 {
		f.port = in.RedirectPort
	}
	for _, t := range []struct {
		flag string
		to   *bool
		from *bool
	}{{"sensitive", &f.sensitive, in.Sensitive}, {"unattended", &f.unattended, in.Unattended}, {"consents", &f.consents, in.Consents}} {
		if t.from != nil && !s.Changed(t.flag) {
			*t.to = *t.from
		}
	}
	for k, v := range in.Params {
		f.params = append([]string{k + "=" + v}, f.params...)
	}
}

// fit refuses flags that would be ignored, since what they ask for is decided elsewhere.
// p is the provider, nil if it is not known yet.
func (f *addFlags) fit(p *connectors.Provider, method string) error {
	asked := len(f.scopes) > 0 || f.scopeSet != ""
	switch {
	case f.keyFile != "" && f.tokenFile != "":
		return usage(nil, words.UseOneCredential)
	case len(f.scopes) > 0 && f.scopeSet != "":
		return usage(nil, words.UseOneScopes)
	case asked && method == string(store.APIKey):
		return usage(nil, words.UseKeyScopes)
	case asked && f.tokenFile != "" && p != nil && p.Tokens.Scopes != connectors.ScopesUnknown:
		return usage(nil, words.UseTokenScopes)
	case method == string(store.AuthorizationCode) && (f.keyKind != "" || f.keyCreated != ""):
		return usage(nil, words.UseKeyFlags)
	}
	return nil
}

// chosen is the method that the flags stand for.
func (f *addFlags) chosen() string {
	switch {
	case f.method != "":
		return f.method
	case f.keyFile != "":
		return string(store.APIKey)
	case f.clientID != "" || f.tokenFile != "" || f.clientSecretFile != "":
		return string(store.AuthorizationCode)
	}
	return ""
}

func (a *app) add(ctx context.Context, name string, f *addFlags) error {
	given, err := f.given()
	if err != nil {
		return err
	}
	se, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer se.close()
	a.told.Connection, a.providerID = name, f.provider
	if err := f.fit(se.provider(f.provider), f.chosen()); err != nil {
		return err
	}
	owner := f.owner
	if owner == "" {
		owner = se.conf.Owner
	}
	m, err := se.maker(0).Start(ctx, setup.Request{
		Name: name, Owner: owner, Environment: f.environment, Purpose: f.purpose, Tags: f.tags, TakeOver: f.tokenFile != "",
	})
	if err != nil {
		return err
	}
	return se.drive(ctx, m, given, f, words.SayStored)
}

// given makes the answers of a set-up.
func (f *addFlags) given() (*setup.Given, error) {
	g := &setup.Given{
		Provider: f.provider, Method: f.chosen(), KeyKind: f.keyKind, KeyMade: f.keyCreated, ClientID: f.clientID,
		TakeOver: f.tokenFile != "", Scopes: f.scopes, ScopeSet: f.scopeSet, Accept: f.yes, OtherAccount: f.other,
		Purpose: map[string]string{
			setup.FieldConsents: strconv.FormatBool(f.consents), setup.FieldUnattended: strconv.FormatBool(f.unattended),
			setup.FieldPersonal: strconv.FormatBool(f.sensitive),
		},
		Params: map[string]string{},
	}
	if f.port != 0 {
		g.Port = strconv.Itoa(f.port)
	}
	for _, p := range f.params {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			return nil, usage(nil, words.UseParam)
		}
		g.Params[k] = v
	}
	return g, nil
}

// sameApp refuses what reconnecting cannot change: the app, and its redirect URI
// without its secret, which belongs to the same registration.
func (s *session) sameApp(ctx context.Context, c store.Connection, f addFlags) error {
	if f.clientID == "" && (f.port == 0 || f.clientSecretFile != "") {
		return nil
	}
	var app store.Client
	err := s.st.Read(ctx, func(r store.Reader) error {
		g, err := r.Grant(c.Grant)
		if err == nil && g.Client != "" {
			app, err = r.Client(g.Client)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case f.clientID != "" && app.ClientID != f.clientID:
		return &setup.InputError{Step: "app", Field: setup.FieldClientID, Code: "other_client"}
	case f.port != 0 && f.clientSecretFile == "" && !app.Secret.IsZero():
		return usage(nil, "--redirect-port needs --client-secret-file, too")
	}
	return nil
}

func (a *app) reconnectCommand() *cobra.Command {
	var f addFlags
	cmd := &cobra.Command{
		Use: "reconnect NAME", Short: words.CmdReconnect, Long: words.LongReconnect, Args: args(1, 1, "one name"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			given, err := f.given()
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			se, err := a.act(ctx)
			if err != nil {
				return err
			}
			defer se.close()
			c, err := se.find(ctx, names[0])
			if err != nil {
				return err
			}
			if err := se.sameApp(ctx, c, f); err != nil {
				return err
			}
			if err := f.fit(se.provider(c.Provider), string(c.Method)); err != nil {
				return err
			}
			m, err := se.maker(0).Reconnect(ctx, c.ID, setup.Request{TakeOver: f.tokenFile != "", NewSecret: f.clientSecretFile != "" || f.port != 0})
			if err != nil {
				return err
			}
			return se.drive(ctx, m, given, &f, words.SayReconnected)
		},
	}
	f.credentials(cmd.Flags())
	cmd.Flags().StringVar(&f.keyCreated, "key-created", "", words.FlagKeyCreated)
	cmd.Flags().BoolVar(&f.other, "other-account", false, words.FlagOtherAccount)
	return cmd
}

// drive runs a set-up to its end and tells how it went.
func (s *session) drive(ctx context.Context, m *setup.Setup, given *setup.Given, f *addFlags, line string) error {
	defer func() { _ = m.Close() }()
	a := s.app
	d := &driver{app: a, flags: f, given: given}
	given.Secret = func(field string) (secret.Value, error) { return d.secret(ctx, field) }
	given.OpenURL, given.Progress = d.open, d.progress
	step, err := setup.Drive(ctx, &untested{Machine: m, skip: f.noTest}, d)
	if err != nil {
		return d.failure(step, err)
	}
	a.told.Connection = step.Name
	x, err := s.one(ctx, step.Name)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.json(x.json())
	}
	a.say(words.Fill(line, "name", step.Name))
	if step.Result != nil {
		return a.printRun(step.Name, *step.Result)
	}
	return nil
}

// untested ends a set-up before its first test sync.
type untested struct {
	setup.Machine
	skip bool
}

// Step implements setup.Machine.
func (u *untested) Step() setup.Step {
	s := u.Machine.Step()
	if u.skip && s.Kind == setup.Test {
		s.Kind = setup.Done
	}
	return s
}

// failure puts what is known of a set-up to its error.
func (d *driver) failure(step setup.Step, err error) error {
	var input *setup.InputError
	if errors.As(err, &input) && input.Code == "confirm" {
		return &words.Told{Name: "other_account", Err: err, Values: map[string]string{"said": "It is " + input.Detail + "."}}
	}
	if errors.Is(err, lifecycle.ErrInstance) || errors.Is(err, setup.ErrDeclined) || step.ID == "" {
		return err
	}
	return fmt.Errorf("setting up, at %s: %w", step.ID, err)
}

// secret reads the file that a secret field is given by.
func (d *driver) secret(ctx context.Context, field string) (secret.Value, error) {
	path := map[string]string{
		setup.FieldClientSecret: d.flags.clientSecretFile, setup.FieldKey: d.flags.keyFile, setup.FieldRefreshToken: d.flags.tokenFile,
	}[field]
	if path == "" {
		return secret.Value{}, nil
	}
	if v, ok := d.read[field]; ok {
		return v, nil
	}
	v, err := d.app.readSecret(ctx, path)
	if err != nil {
		return v, err
	}
	if d.read == nil {
		d.read = map[string]secret.Value{}
	}
	d.read[field] = v
	return v, nil
}
