package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"crmdeck/connectors"
	"crmdeck/connectors/catalog"
	"crmdeck/store"
	"crmdeck/ui/words"
)

func (a *app) providersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "providers [ID]", Short: words.CmdProviders, Args: args(0, 1, "one provider at most"),
		RunE: func(cmd *cobra.Command, got []string) error {
			home, _, err := a.settings()
			if err != nil {
				return err
			}
			cat, err := catalog.Load(home)
			if err != nil {
				return err
			}
			if len(got) == 1 {
				return a.showProvider(cat, got[0])
			}
			return a.listProviders(cat)
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use: "lint FILE...", Short: words.CmdLint, Args: args(1, -1, "one file or more"),
		RunE: func(_ *cobra.Command, files []string) error { return a.lint(files) },
	})
	return cmd
}

// providerJSON is one provider in a list.
type providerJSON struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Kind    string       `json:"kind"`
	Summary string       `json:"summary"`
	Methods []methodJSON `json:"methods"`
	Checked string       `json:"checked"`
	Origin  string       `json:"origin"`
}

type methodJSON struct {
	ID        store.Method `json:"id"`
	Name      string       `json:"name"`
	Supported string       `json:"supported"`
	Built     bool         `json:"built"`
	Note      string       `json:"note,omitempty"`
}

func providerOf(p *connectors.Provider) providerJSON {
	out := providerJSON{ID: p.ID, Name: p.Name, Kind: p.Kind, Summary: p.Summary, Checked: p.Checked, Origin: p.Origin, Methods: []methodJSON{}}
	for _, m := range p.Methods {
		out.Methods = append(out.Methods, methodJSON{m.ID, m.Name, m.Supported, m.Built, m.Note})
	}
	return out
}

// listProviders lists every provider that can be read; what cannot is the failure.
func (a *app) listProviders(cat *catalog.Catalog) error {
	all, err := cat.All()
	if a.global.json {
		if err != nil {
			return err
		}
		out := make([]providerJSON, len(all))
		for i, p := range all {
			out[i] = providerOf(p)
		}
		return a.json(out)
	}
	var rows [][]string
	for _, p := range all {
		var methods []string
		for _, m := range p.Methods {
			if m.Built {
				methods = append(methods, string(m.ID))
			}
		}
		rows = append(rows, []string{p.ID, p.Name, strings.Join(methods, ", "), p.Checked, p.Origin})
	}
	a.table([]string{"id", "CRM", "methods", "checked", "origin"}, rows)
	return err
}

func (a *app) showProvider(cat *catalog.Catalog, id string) error {
	p, err := cat.Provider(id)
	if errors.Is(err, store.ErrNotFound) {
		return &words.Told{Name: "unknown_provider", Values: map[string]string{"said": id}, Err: err}
	}
	if err != nil {
		return err
	}
	if a.global.json {
		return a.providerJSON(p)
	}
	a.pairs([][2]string{
		{"id", p.ID}, {"CRM", p.Name}, {"summary", p.Summary}, {"checked", p.Checked}, {"origin", p.Origin},
		{"API", p.API.BaseURL}, {"sign-in", p.Endpoints.Authorize}, {"tokens", p.Endpoints.Token},
		{"revocation", p.Endpoints.Revoke}, {"issuer", p.Endpoints.Issuer}, {"console", p.Console.Apps},
		{"app", p.Client.Where},
	})
	var methods, params, scopes [][]string
	for _, m := range p.Methods {
		methods = append(methods, []string{string(m.ID), m.Name, m.Supported, here(m)})
	}
	for _, q := range p.Tenancy.Params {
		var choices []string
		for _, c := range q.Choices {
			choices = append(choices, c.Value)
		}
		params = append(params, []string{q.ID, q.Label, q.Default, strings.Join(choices, ", ")})
	}
	for _, s := range p.Scopes {
		scopes = append(scopes, []string{s.Name, string(s.Risk), s.Meaning})
	}
	a.section([]string{"method", "name", "supported", "here"}, methods)
	a.section([]string{"parameter", "question", "default", "choices"}, params)
	a.section([]string{"scope", "risk", "meaning"}, scopes)
	for _, n := range p.Notes {
		a.say("- " + n.Text)
	}
	return nil
}

// here says whether this version can use a method.
func here(m connectors.MethodSpec) string {
	switch {
	case m.Built:
		return "yes"
	case m.Supported == "no":
		return "-"
	}
	return "not yet"
}

// providerJSON writes a whole definition under the names that it has in a provider file.
func (a *app) providerJSON(p *connectors.Provider) error {
	data, err := toml.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the definition: %w", err)
	}
	fields := map[string]any{}
	if err := toml.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("writing the definition: %w", err)
	}
	fields["origin"] = p.Origin
	return a.json(fields)
}

// section is a table with an empty line before it; an empty one is left out.
func (a *app) section(titles []string, rows [][]string) {
	if len(rows) > 0 {
		_, _ = fmt.Fprintln(a.out)
		a.table(titles, rows)
	}
}

// lint tells every mistake of every file, with line and field. Mistakes are the
// output; that there are any is the exit code.
func (a *app) lint(files []string) error {
	bad := 0
	var all []catalog.Problem
	for _, f := range files {
		problems, err := catalog.LintFile(f)
		if err != nil {
			problems = []catalog.Problem{{File: f, Text: "it cannot be read"}}
		}
		all = append(all, problems...)
		bad += len(problems)
		if len(problems) == 0 {
			a.say(words.Fill(words.SayLintGood, "path", f))
		}
		for _, p := range problems {
			a.say(p.String())
		}
	}
	if bad > 0 {
		return &words.Told{Name: "mistakes", Err: &catalog.LintError{Problems: all}, Values: map[string]string{
			"said": words.Mistakes(bad, len(files)), "path": strings.Join(files, " "),
		}}
	}
	if a.global.json {
		return a.json(map[string]any{"files": files, "good": true})
	}
	return nil
}
