package detail

import (
	"slices"

	"crmdeck/store"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// pair is one label with its value and a note behind it.
type pair struct {
	label, value, note string
	style              widget.Style
}

// pairLabel is the cells of a pair's label.
const pairLabel = 14

// drawCredential draws what is known of the credential; never the credential.
func drawCredential(e *page.Env, b *widget.Buf, row *live.Row, d *data) {
	if !d.have {
		return
	}
	b.Line()
	f, g := facts(e, row), &d.rec.grant
	for _, p := range credentialPairs(f, g) {
		drawPair(b, p)
	}
	if g.Client != "" {
		b.Line()
		for _, p := range clientPairs(f, &d.rec.client) {
			drawPair(b, p)
		}
	}
	drawHistory(f, b, g)
	drawClaims(b, g)
}

// credentialPairs are the facts of the token set or key.
func credentialPairs(f words.Facts, g *store.Grant) []pair {
	ps := []pair{
		{label: words.LabelType, value: words.CredentialType(g)},
		{label: words.LabelFingerprint, value: fingerprint(g), note: words.FingerprintSame, style: code},
	}
	if k := g.Key; k != nil {
		ps = append(ps, pair{label: words.LabelKeyKind, value: k.Kind})
		if k.Last4 != "" {
			ps = append(ps, pair{label: words.LabelLast4, value: k.Last4, note: words.Last4Note(f.CRM), style: code})
		}
		made := pair{label: words.LabelMade, value: moment(f, k.Made)}
		if !k.MadeKnown {
			made = pair{label: words.LabelMade, value: words.MadeUnknown + f.Fig.Stamp(k.Made)}
		}
		ps = append(ps, made, pair{label: words.LabelSealed, value: words.SealedTo(k.Sealed)})
	}
	if a := g.Access; a != nil {
		ps = append(ps, pair{label: words.LabelIssued, value: moment(f, a.Issued)},
			pair{label: words.LabelEnds, value: ending(f, a)},
			pair{label: words.LabelSealed, value: words.SealedTo(a.Sealed)})
	}
	if !g.Refreshed.IsZero() {
		ps = append(ps, pair{label: words.LabelRefreshed, value: moment(f, g.Refreshed)})
	}
	return append(ps, pair{label: words.LabelGeneration, value: words.Generations(g)},
		pair{label: words.LabelToken, value: words.NeverShown})
}

// drawnHistory is how many credentials of a grant the page shows.
const drawnHistory = 5

// drawHistory draws the last credentials, the newest first.
func drawHistory(f words.Facts, b *widget.Buf, g *store.Grant) {
	if len(g.History) == 0 {
		return
	}
	b.Line()
	for i, m := range slices.Backward(g.History) {
		at := len(g.History) - 1 - i
		if at == drawnHistory {
			return
		}
		label := ""
		if at == 0 {
			label = words.LabelHistory
		}
		drawPair(b, pair{label: label, value: words.Generation(m.Generation) + "  " + moment(f, m.At), note: words.History(m)})
	}
}

// ending is when an access token ends.
func ending(f words.Facts, a *store.Token) string {
	if a.Expires.IsZero() {
		return words.NoEndWord
	}
	left := f.Fig.Left(a.Expires.Sub(f.Now))
	if a.Assumed {
		return f.Fig.Stamp(a.Expires) + "  " + f.Fig.Assumed(a.Expires.Sub(f.Now)) + ", " + words.AssumedNote(f.CRM)
	}
	if a.Expires.After(f.Now) {
		left = words.In(left)
	}
	return f.Fig.Stamp(a.Expires) + "  " + left
}

// clientPairs are the facts of the client registration.
func clientPairs(f words.Facts, c *store.Client) []pair {
	ps := []pair{{label: words.LabelClient, value: c.ClientID, style: code},
		{label: words.LabelRedirect, value: c.RedirectURI, style: code}}
	if c.Secret.IsZero() {
		return ps
	}
	made := moment(f, c.SecretMade)
	if !c.MadeKnown {
		made = words.MadeUnknown + f.Fig.Stamp(c.SecretMade)
	}
	return append(ps, pair{label: words.LabelSecret, value: c.Fingerprint, note: made, style: code})
}

// drawClaims draws what a JWT says of itself.
func drawClaims(b *widget.Buf, g *store.Grant) {
	if g.Access == nil || len(g.Access.Claims) == 0 {
		return
	}
	b.Line()
	drawPair(b, pair{label: words.LabelClaims, value: words.ClaimsNote})
	for _, c := range g.Access.Claims {
		drawPair(b, pair{label: "  " + c.Name, value: c.Value, style: code})
	}
}

// drawPair draws one line.
func drawPair(b *widget.Buf, p pair) {
	if p.value == "" {
		return
	}
	if p.style == (widget.Style{}) {
		p.style = plain
	}
	b.Space(1)
	b.Fit(muted, p.label, pairLabel)
	b.Text(p.style, widget.Cut(p.value, b.Room()-1))
	if p.note != "" && b.Room() > 8 {
		b.Space(2)
		b.Text(muted, widget.Cut(p.note, b.Room()-1))
	}
	b.Line()
}
