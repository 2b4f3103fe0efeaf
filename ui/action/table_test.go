package action_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"crmdeck/ui/action"
)

// scopes are all places with keys.
var scopes = []action.Scope{action.Deck, action.Detail, action.Settings, action.Keys, action.Wizard, action.TestSync, action.Revoke, action.Audit}

// reserved keys belong to the terminal, to multiplexers, or are other keys in disguise.
var reserved = []string{"ctrl+c", "ctrl+z", "ctrl+l", "ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j",
	"ctrl+m", "ctrl+[", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12"}

func TestNoKeyMeansTwoThings(t *testing.T) {
	m := action.NewMap(action.All(), nil)
	for _, scope := range scopes {
		seen := map[string]action.ID{}
		for _, x := range m.In(scope) {
			for _, k := range x.Keys {
				if other, taken := seen[k]; taken && other != x.ID {
					t.Errorf("%s: %q is %s and %s", scope, k, other, x.ID)
				}
				seen[k] = x.ID
			}
		}
		for k, id := range seen { // a chord hides no key
			first, _, chord := strings.Cut(k, " ")
			if other, taken := seen[first]; chord && taken {
				t.Errorf("%s: %q of %s begins with the key of %s", scope, k, id, other)
			}
		}
	}
}

func TestReservedKeysAreFree(t *testing.T) {
	for _, x := range action.All() {
		for _, k := range x.Keys {
			for _, one := range strings.Fields(k) {
				for _, r := range reserved {
					if one == r || strings.HasPrefix(one, "alt+") {
						t.Errorf("%s is bound to %q", x.ID, k)
					}
				}
			}
		}
	}
}

// Every binding is spelt as Bubble Tea spells the key: a key that is spelt
// otherwise would never be heard.
func TestBindingsRoundTrip(t *testing.T) {
	for _, x := range action.All() {
		for _, k := range x.Keys {
			for _, one := range strings.Fields(k) {
				if got := press(one).String(); got != one {
					t.Errorf("%s: %q is spelt %q", x.ID, one, got)
				}
			}
		}
	}
}

// press is the key press of a spelling.
func press(key string) tea.KeyPressMsg {
	named := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp,
		"pgdown": tea.KeyPgDown, "f1": tea.KeyF1, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete}
	if key == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if code, ok := named[key]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if rest, ok := strings.CutPrefix(key, "shift+"); ok {
		return tea.KeyPressMsg{Code: named[rest], Mod: tea.ModShift}
	}
	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(key)[0], Text: key}
}

func TestListsHaveArrowsAndLetters(t *testing.T) {
	m := action.NewMap(action.All(), nil)
	for _, scope := range []action.Scope{action.Deck, action.Detail, action.Settings, action.Keys} {
		for _, pair := range [][2]string{{"j", "down"}, {"k", "up"}, {"G", "end"}, {"g g", "home"}} {
			a, _ := m.Lookup(scope, pair[0])
			b, _ := m.Lookup(scope, pair[1])
			if a == nil || a != b {
				t.Errorf("%s: %q and %q differ", scope, pair[0], pair[1])
			}
		}
	}
}
