package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// answersFile is what --answers FILE may hold. Secrets are named by path only.
type answersFile struct {
	Name             string            `toml:"name" json:"name"`
	Provider         string            `toml:"provider" json:"provider"`
	Method           string            `toml:"method" json:"method"`
	Params           map[string]string `toml:"params" json:"params"`
	ClientID         string            `toml:"client_id" json:"client_id"`
	ClientSecretFile string            `toml:"client_secret_file" json:"client_secret_file"`
	KeyFile          string            `toml:"key_file" json:"key_file"`
	KeyKind          string            `toml:"key_kind" json:"key_kind"`
	KeyCreated       string            `toml:"key_created" json:"key_created"`
	RefreshTokenFile string            `toml:"refresh_token_file" json:"refresh_token_file"`
	Scopes           []string          `toml:"scopes" json:"scopes"`
	ScopeSet         string            `toml:"scope_set" json:"scope_set"`
	Owner            string            `toml:"owner" json:"owner"`
	Environment      string            `toml:"environment" json:"environment"`
	Tags             []string          `toml:"tags" json:"tags"`
	Purpose          string            `toml:"purpose" json:"purpose"`
	Sensitive        *bool             `toml:"sensitive" json:"sensitive"`
	Unattended       *bool             `toml:"unattended" json:"unattended"`
	Consents         *bool             `toml:"consents" json:"consents"`
	RedirectPort     int               `toml:"redirect_port" json:"redirect_port"`
	Yes              bool              `toml:"yes" json:"yes"`
}

// maxAnswers is the largest answers file that is read, in bytes.
const maxAnswers = 1 << 20

// readAnswers reads an answers file. A field that does not exist is refused, above all
// one that would hold a secret itself; no value is repeated in an error.
func (a *app) readAnswers(ctx context.Context, path string) (answersFile, error) {
	var out answersFile
	data, err := patiently(ctx, func() ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		return io.ReadAll(io.LimitReader(f, maxAnswers+1))
	})
	switch {
	case ctx.Err() != nil:
		return out, context.Cause(ctx)
	case err != nil || len(data) > maxAnswers:
		err = &config.Error{File: path, Problem: "it cannot be read, or is too large"}
	case strings.HasSuffix(path, ".json"):
		err = decodeJSON(path, data, &out)
	default:
		err = decodeTOML(path, data, &out)
	}
	if err != nil {
		return out, &words.Told{Name: "answers", Values: map[string]string{"said": err.Error()}, Err: err}
	}
	return out, nil
}

func decodeTOML(path string, data []byte, out *answersFile) error {
	err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(out)
	if err == nil {
		return nil
	}
	e := &config.Error{File: path, Problem: "this does not fit"}
	var one *toml.DecodeError
	var many *toml.StrictMissingError
	switch {
	case errors.As(err, &many) && len(many.Errors) > 0:
		one = &many.Errors[0]
		e.Problem = "there is no such field; a secret is given by the path of its file"
		fallthrough
	case errors.As(err, &one):
		e.Line, e.Column = one.Position()
		e.Field = strings.Join(one.Key(), ".")
	}
	return e
}

func decodeJSON(path string, data []byte, out *answersFile) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(out)
	if err == nil {
		return nil
	}
	e := &config.Error{File: path, Line: 1 + bytes.Count(data[:min(int(d.InputOffset()), len(data))], []byte("\n")), Problem: "this does not fit"}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		e.Field = wrong.Field
	} else if _, field, ok := strings.Cut(err.Error(), "unknown field "); ok {
		e.Field, e.Problem = strings.Trim(field, `"`), "there is no such field; a secret is given by the path of its file"
	}
	return e
}
