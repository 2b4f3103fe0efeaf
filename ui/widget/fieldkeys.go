package widget

import (
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// Handle takes a key press or a paste; handled is false for what is no editing,
// so that the page can act on it (enter, esc, tab).
func (f *Field) Handle(msg tea.Msg) (handled bool) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		f.Insert(msg.Content)
		return true
	case tea.KeyPressMsg:
		return f.key(msg)
	}
	return false
}

// key edits as text fields do everywhere; every printable key is text.
func (f *Field) key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left":
		f.at -= f.before()
	case "right":
		f.at += f.after()
	case "home", "ctrl+a":
		f.at = 0
	case "end", "ctrl+e":
		f.at = len(f.b)
	case "backspace":
		f.splice(f.at-f.before(), f.at, "")
	case "delete":
		f.splice(f.at, f.at+f.after(), "")
	case "ctrl+w":
		f.splice(f.wordStart(), f.at, "")
	case "ctrl+u":
		f.splice(0, f.at, "")
	case "ctrl+k":
		f.splice(f.at, len(f.b), "")
	default:
		if k.Text == "" || k.Mod&(tea.ModCtrl|tea.ModAlt) != 0 {
			return false
		}
		f.Insert(k.Text)
		return true
	}
	f.note = NoteNone
	return true
}

// before is the length of the character before the cursor.
func (f *Field) before() int {
	_, size := utf8.DecodeLastRune(f.b[:f.at])
	return size
}

// after is the length of the character after the cursor.
func (f *Field) after() int {
	_, size := utf8.DecodeRune(f.b[f.at:])
	return size
}

// wordStart is where the word before the cursor begins. A secret has no words:
// showing where they end would tell something of it.
func (f *Field) wordStart() int {
	if f.Secret {
		return 0
	}
	i := f.at
	for seen := false; i > 0; {
		r, size := utf8.DecodeLastRune(f.b[:i])
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if seen && !letter {
			break
		}
		seen = seen || letter
		i -= size
	}
	return i
}
