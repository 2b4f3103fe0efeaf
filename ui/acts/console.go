package acts

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"crmdeck/connectors"
	"crmdeck/store"
	"crmdeck/ui/page"
	"crmdeck/ui/words"
)

// console opens the connection's page at the CRM.
func (a *Acts) console(e *page.Env, id store.ID) {
	row, ok := e.Row(id)
	if !ok {
		return
	}
	d := e.Deps
	page.Go(e, a.slot(id), func(ctx context.Context) (string, error) {
		p, err := d.Catalog.Provider(row.S.Provider)
		if err != nil {
			return "", err
		}
		var c store.Connection
		err = d.Store.Read(ctx, func(r store.Reader) (err error) {
			c, err = r.Connection(id)
			return err
		})
		if err != nil {
			return "", err
		}
		return open(d, consolePage(p, &c), &c)
	}, func(e *page.Env, url string, err error) {
		switch {
		case url == "" && err == nil:
			e.Note(words.NoConsole(row.CRM))
		case err != nil:
			e.Note(words.OpenYourself(url))
		default:
			e.Good(words.Opened(row.CRM))
		}
	})
}

// consolePage is the page at the CRM that is about the connection's credential.
func consolePage(p *connectors.Provider, c *store.Connection) string {
	if c.Method == store.APIKey && p.Console.Keys != "" {
		return p.Console.Keys
	}
	if p.Console.Grants != "" {
		return p.Console.Grants
	}
	return p.Console.Apps
}

// open fills the places of a console page and shows it.
func open(d *page.Deps, pattern string, c *store.Connection) (string, error) {
	values := map[string]string{"account": c.Account.ID}
	for k, v := range c.Params {
		values[k] = v
	}
	url, err := connectors.Expand(pattern, values)
	if err != nil || url == "" || d.OpenBrowser == nil {
		return url, err
	}
	return url, d.OpenBrowser(url)
}

// copy puts the fingerprint on the clipboard; never a secret.
func (a *Acts) copy(e *page.Env, id store.ID) {
	row, ok := e.Row(id)
	if !ok {
		return
	}
	e.Tea(tea.SetClipboard(row.S.Fingerprint))
	e.Good(words.Copied(row.S.Fingerprint))
}
