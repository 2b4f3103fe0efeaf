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
	key := k.String()
	if f.Secret {
		key = secretKey(key)
	}
	switch key {
	case keyNothing:
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

// keyNothing stands for an editing key that does nothing here.
const keyNothing = "nothing"

// secretKey is what an editing key does where nobody sees the content: the
// cursor stays at the end, and what would delete a word deletes it all, since
// showing where words end would tell something of the secret.
func secretKey(key string) string {
	switch key {
	case "left", "right", "home", "end", "delete", "ctrl+a", "ctrl+e", "ctrl+k":
		return keyNothing
	case "ctrl+w":
		return "ctrl+u"
	}
	return key
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

// wordStart is where the word before the cursor begins.
func (f *Field) wordStart() int {
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
