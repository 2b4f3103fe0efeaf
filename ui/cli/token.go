package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/words"
)

// tokenJSON is what `token --json` prints: the one JSON that holds a secret. The token
// is kept out of it and written beside it, so that the type stays unprintable.
type tokenJSON struct {
	Type        string  `json:"token_type"`
	ExpiresAt   *string `json:"expires_at"`
	Assumed     bool    `json:"expiry_assumed,omitempty"`
	Generation  uint64  `json:"generation"`
	InstanceURL string  `json:"instance_url,omitempty"`
}

// errOddToken: the token holds a byte that would end the line it is printed on (LK-16).
var errOddToken = errors.New("the stored token holds a line break or NUL and is not handed out")

func (a *app) tokenCommand() *cobra.Command {
	var ttl time.Duration
	var job string
	cmd := &cobra.Command{
		Use: "token NAME", Short: words.CmdToken, Long: words.LongToken, Args: args(1, 1, "one name"),
		ValidArgsFunction: a.completeNames,
		Example:           "  curl -H \"Authorization: Bearer $(crmdeck token hubspot-prod)\" https://api.hubapi.com/...",
		RunE: func(cmd *cobra.Command, names []string) error {
			if ttl < 0 {
				return usage(cmd, "--min-ttl is not negative")
			}
			if strings.ContainsAny(job, "\x00\r\n") {
				return usage(cmd, "the job of --as is one line")
			}
			return a.token(cmd.Context(), lifecycle.TokenRequest{Name: names[0], MinTTL: ttl, Job: job})
		},
	}
	cmd.Flags().DurationVar(&ttl, "min-ttl", 0, words.FlagMinTTL)
	cmd.Flags().StringVar(&job, "as", "", words.FlagAs)
	return cmd
}

func (a *app) token(ctx context.Context, r lifecycle.TokenRequest) error {
	if r.Name == "" || strings.ContainsAny(r.Name, "\x00\r\n") {
		return &words.Told{Name: "not_found", Values: map[string]string{"name": r.Name}}
	}
	if closedOut(a.deps.Stdout) {
		return &words.Told{Name: "pipe"}
	}
	s, err := a.act(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	a.told.Connection = r.Name
	t, err := s.eng.Token(ctx, r)
	var f *lifecycle.Failure
	if errors.Is(err, store.ErrNotFound) && !errors.As(err, &f) { // a failure may be about a provider that is gone
		return &words.Told{Name: "not_found", Err: err}
	}
	if err != nil {
		return err
	}
	defer t.Secret.Wipe()
	if bytes.ContainsAny(t.Secret.Bytes(), "\x00\r\n") {
		return errOddToken
	}
	if !a.global.json {
		_, err := a.out.Write(append(bytes.Clone(t.Secret.Bytes()), '\n'))
		return err
	}
	return a.tokenAsJSON(t)
}

// tokenAsJSON writes the token as the first field before the rest.
func (a *app) tokenAsJSON(t lifecycle.Token) error {
	rest, err := jsonLine(tokenJSON{t.Type, moment(t.Expires), t.Assumed, t.Generation, t.InstanceURL})
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	quoted, err := jsonLine(reveal(t.Secret))
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	var out bytes.Buffer
	out.WriteString(`{"access_token":`)
	out.Write(bytes.TrimRight(quoted, "\n"))
	out.WriteByte(',')
	out.Write(rest[1:])
	_, err = a.out.Write(out.Bytes())
	return err
}

// reveal is the only place of this package that makes a secret a string.
func reveal(v secret.Value) string { return v.Reveal() }
