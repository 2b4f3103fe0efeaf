package oauth

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
)

// pageStyle is all the page's looks; it follows the browser's light or dark setting.
const pageStyle = `:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--text:#1b1f27;--dim:#5b6472;--line:#dfe3ea;--good:#157347;--bad:#b42318;--calm:#475467}
@media(prefers-color-scheme:dark){:root{--bg:#0f1217;--card:#171b22;--text:#e7eaf0;--dim:#9aa4b2;--line:#2a313c;--good:#5fd08f;--bad:#ff8a80;--calm:#a9b4c4}}
*{box-sizing:border-box}html,body{height:100%}
body{margin:0;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--text);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:30rem;padding:40px 36px;background:var(--card);border:1px solid var(--line);border-radius:14px;text-align:center}
.sign{width:64px;height:64px;margin:0 auto 20px;border:3px solid currentColor;border-radius:50%;font-size:32px;line-height:56px}
.good{color:var(--good)}.bad{color:var(--bad)}.calm{color:var(--calm)}
h1{margin:0 0 10px;font-size:26px;line-height:1.25}p{margin:0 0 8px}h1,p{text-wrap:balance}
.end{margin:24px 0 0;padding-top:20px;border-top:1px solid var(--line);color:var(--dim)}`

const pageText = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>{{.Title}}: {{.Head}}</title>
<link rel="icon" href="data:,">
<style>{{.Style}}</style>
</head>
<body>
<main>
<div class="sign {{.Tone}}" aria-hidden="true">{{.Sign}}</div>
<h1>{{.Head}}</h1>
<p>{{.More}}</p>
<p class="end">{{.Close}}</p>
</main>
</body>
</html>
`

// page is one of the fixed pages.
type page struct {
	status     int
	sign, tone string
	head, more string
}

func (c *Client) workedPage() page {
	return page{http.StatusOK, "✓", "good", c.words.Worked, c.words.WorkedMore}
}

func (c *Client) failedPage() page {
	return page{http.StatusOK, "✗", "bad", c.words.Failed, c.words.FailedMore}
}

func (c *Client) foreignPage() page {
	return page{http.StatusBadRequest, "?", "calm", c.words.Foreign, c.words.ForeignMore}
}

func (c *Client) againPage() page {
	return page{http.StatusConflict, "=", "calm", c.words.Again, c.words.AgainMore}
}

func (c *Client) nothingPage(status int) page {
	return page{status, "–", "calm", c.words.Nothing, c.words.NothingMore}
}

// write sends the page. It holds no script, loads nothing, and is kept nowhere.
func (p page) write(w http.ResponseWriter, words Sentences) {
	h := w.Header()
	closedHeader(h)
	sum := sha256.Sum256([]byte(pageStyle))
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	var b bytes.Buffer
	t, err := template.New("page").Parse(pageText)
	if err == nil {
		err = t.Execute(&b, map[string]any{
			"Title": words.Title, "Head": p.head, "More": p.more, "Close": words.Close,
			"Sign": p.sign, "Tone": p.tone, "Style": template.CSS(pageStyle),
		})
	}
	if err != nil {
		http.Error(w, "page cannot be shown", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(p.status)
	_, _ = w.Write(b.Bytes())
}

// closedHeader is on every answer of the listener: not kept, not framed, not passed on.
func closedHeader(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
