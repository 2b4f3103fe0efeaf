package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/connectors/catalog"
	"crmdeck/themes"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: words.CmdConfig, Args: args(0, 0, "path, show or check"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.configShow() },
	}
	sub := func(use, short string, run func() error) {
		cmd.AddCommand(&cobra.Command{Use: use, Short: short, Args: args(0, 0, "no arguments"),
			RunE: func(*cobra.Command, []string) error { return run() }})
	}
	sub("path", words.CmdConfigPath, a.configPath)
	sub("show", words.CmdConfigShow, a.configShow)
	sub("check", words.CmdConfigTest, a.configCheck)
	return cmd
}

// checkValues finds settings that name what is not there: a theme, or the file that
// should open the store.
func checkValues(home string, conf *config.Config) []error {
	set, err := themes.Load(os.DirFS(filepath.Join(home, "themes")))
	errs := []error{err}
	var own *themes.FileError
	if errors.As(err, &own) {
		errs[0] = &config.Error{File: filepath.Join(home, "themes", own.File), Line: own.Line, Field: own.Field, Problem: own.Reason}
	}
	if _, ok := set.Lookup(conf.Theme); !ok && conf.Theme != "" && conf.Theme != themes.Auto {
		errs = append(errs, conf.Mistake("theme", "there is no theme of that name; there are "+strings.Join(set.Names(), ", ")))
	}
	for key, path := range map[string]string{"identity": conf.Identity, "passphrase_file": conf.PassphraseFile} {
		if path == "" || path == "-" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			errs = append(errs, conf.Mistake(key, words.KeyMissing))
		}
	}
	return errs
}

func (a *app) configPath() error {
	_, conf, err := a.settings()
	if conf == nil {
		return err
	}
	if a.global.json {
		return a.json(map[string]any{"path": conf.Path, "present": conf.Present})
	}
	_, err = a.out.Write([]byte(conf.Path + "\n"))
	return err
}

// settingJSON is one setting.
type settingJSON struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"`
	Env   string `json:"variable"`
}

func (a *app) configShow() error {
	_, conf, err := a.settings()
	if err != nil {
		return err
	}
	var rows [][]string
	all := []settingJSON{}
	for _, v := range conf.Values() {
		all = append(all, settingJSON{v.Key, v.Text, string(v.From), v.Env})
		rows = append(rows, []string{v.Key, v.Text, string(v.From), v.Help})
	}
	if a.global.json {
		return a.json(all)
	}
	a.table([]string{"setting", "value", "from", "what it is"}, rows)
	return nil
}

// configCheck checks the settings and the provider files beside them; every mistake is
// named with its line.
func (a *app) configCheck() error {
	home, conf, err := a.settings()
	if conf == nil {
		return err
	}
	if err == nil {
		err = errors.Join(checkValues(home, conf)...)
	}
	if err == nil {
		var cat *catalog.Catalog
		if cat, err = catalog.Load(home); err == nil {
			_, err = cat.All()
		}
	}
	if err != nil {
		return err
	}
	switch {
	case a.global.json:
		return a.json(map[string]any{"path": conf.Path, "present": conf.Present, "good": true})
	case conf.Present:
		a.say(words.Fill(words.SayConfigGood, "path", conf.Path))
	default:
		a.say(words.Fill(words.SayNoConfig, "path", conf.Path))
	}
	return nil
}
