package seal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"
)

// pluginName is the age plugin that the test binary is when it is called age-plugin-NAME. Its
// payload is the text of a native key, so that age itself, under its own plugin framework, does the work.
const pluginName = "shelf"

func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "age-plugin-") {
		os.Exit(shelf())
	}
	os.Exit(m.Run())
}

// shelf is the plugin. What HOME/shelf names, it does before it works: ask for a PIN, for a
// confirmation, say something with an escape sequence in it, fail, hang, or tell its environment.
func shelf() int {
	p, err := plugin.New(pluginName)
	if err != nil {
		return 1
	}
	mood := ""
	if b, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), "shelf")); err == nil {
		mood = string(b)
	}
	if mood == "nonsense" {
		fmt.Println("-> nonsense")
		return 0
	}
	if mood == "flood" {
		for {
			if _, err := fmt.Println(strings.Repeat("A", 100)); err != nil {
				return 1
			}
		}
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) {
		if mood == "environment" {
			return nil, fmt.Errorf("%d names, canary %q", len(os.Environ()), os.Getenv("SEAL_CANARY"))
		}
		return age.ParseX25519Recipient(string(data))
	})
	p.HandleIdentity(func(data []byte) (age.Identity, error) {
		switch mood {
		case "hang":
			select {}
		case "fail":
			return nil, fmt.Errorf("no card in\x1b[31m the reader\nsecond line")
		case "pin":
			if got, err := p.RequestValue("type the \x1b]0;PIN\x07", true); err != nil || got != "1234" {
				return nil, fmt.Errorf("wrong PIN")
			}
		case "touch":
			if err := p.DisplayMessage("touch it"); err != nil {
				return nil, fmt.Errorf("nobody saw the message")
			}
			if yes, err := p.Confirm("really", "go", "stop"); err != nil || !yes {
				return nil, fmt.Errorf("not confirmed")
			}
		}
		return age.ParseX25519Identity(string(data))
	})
	p.RegisterFlags(nil)
	if err := p.Main(); err != 0 {
		return err
	}
	return 0
}
