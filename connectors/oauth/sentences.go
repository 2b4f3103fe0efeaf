package oauth

// Sentences are the words of the pages that a browser gets from the listener. They are
// fixed text: nothing from a request is ever put between them.
type Sentences struct {
	Title string // of the window
	// The page after the exchange, if it worked and if it did not.
	Worked, WorkedMore string
	Failed, FailedMore string
	// Foreign is for an answer that nobody waits for, Again for a second delivery, Nothing
	// for other addresses.
	Foreign, ForeignMore string
	Again, AgainMore     string
	Nothing, NothingMore string
	Close                string // the last line of all pages
}

// DefaultSentences are the words in English.
func DefaultSentences() Sentences {
	return Sentences{
		Title:       "crmdeck",
		Worked:      "It worked",
		WorkedMore:  "crmdeck has the access that you allowed. All else is in the terminal.",
		Failed:      "It did not work",
		FailedMore:  "crmdeck got no access. The terminal says why, and how to try again.",
		Foreign:     "Not the answer that crmdeck waits for",
		ForeignMore: "It does not belong to the sign-in that is open. Nothing was changed, and crmdeck goes on waiting: finish in the other tab, or open the address that crmdeck shows.",
		Again:       "This answer has been used already",
		AgainMore:   "A sign-in is answered once. The terminal shows how it went.",
		Nothing:     "Nothing here",
		NothingMore: "crmdeck listens here for one answer only.",
		Close:       "You can close this tab and return to crmdeck.",
	}
}
