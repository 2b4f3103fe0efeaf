package words

import "crmdeck/store/text"

// Copying a token to the clipboard.
const (
	CopyAbout   = "Copies it for 30 s; what watches the clipboard can keep it."
	WhyRemote   = "over SSH the clipboard is another computer's; crmdeck token NAME prints it"
	ClipCleared = "the token is out of the clipboard"
	copyTitle   = "Copy the token of "
	tokenCopied = "copied the token of "
	copiedFor   = "; the clipboard is emptied in 30 s. A clipboard manager may keep it."
	copiedDemo  = " (simulated)"
)

// CopyTitle asks for the key before a token is copied.
func CopyTitle(name string) string { return copyTitle + text.Clean(name) }

// TokenCopied says that a token is in the clipboard, and for how long.
func TokenCopied(name string) string { return tokenCopied + text.Clean(name) + copiedFor }

// TokenCopiedDemo is TokenCopied for a token of a simulated CRM.
func TokenCopiedDemo(name string) string {
	return tokenCopied + text.Clean(name) + copiedDemo + copiedFor
}
