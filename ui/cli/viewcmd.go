package cli

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/snapshot"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// viewers are the commands that can look at a snapshot instead of a store; the empty one
// is the deck.
var viewers = []string{"", "list", "show", "audit"}

// viewFlags gives the commands that can look at a snapshot the flag that names it.
func (a *app) viewFlags(root *cobra.Command) {
	for _, name := range viewers {
		cmd := root
		for _, c := range root.Commands() {
			if c.Name() == name {
				cmd = c
			}
		}
		cmd.Flags().StringVar(&a.global.view, "view", "", words.FlagView)
	}
}

// source opens what is looked at: the store, or the snapshot that --view names.
func (a *app) source(ctx context.Context, home string) (store.Store, error) {
	if a.global.view == "" {
		return a.deps.Backend(a.global.readOnly, a.actor()).Open(ctx, home)
	}
	v, err := openView(a.global.view)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(a.told.Command, "__") { // completion
		taken := v.Taken()
		a.note(words.Viewing(v.Name(), taken, a.deps.Clock.Now().Sub(taken)))
	}
	return v, nil
}

// openView opens a snapshot; what is wrong with the file is told with its place.
func openView(path string) (*snapshot.View, error) {
	v, err := snapshot.Open(path)
	var bad *snapshot.Error
	switch {
	case errors.As(err, &bad):
		return nil, &words.Told{Name: "snapshot_file", Err: err, Values: map[string]string{"said": bad.Error() + "."}}
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(nil, words.ViewMissing(path, words.KeyMissing))
	case err != nil:
		return nil, usage(nil, words.ViewMissing(path, words.KeyUnreadable))
	}
	return v, nil
}

// pastJSON is what a connection was when the snapshot that is looked at was taken.
type pastJSON struct {
	Taken *string `json:"taken_at"`
	State string  `json:"state,omitempty"`
}

// past is what a connection was when the snapshot was taken; nil for a living store.
func (s *session) past(name string) *pastJSON {
	v, ok := s.st.(*snapshot.View)
	if !ok {
		return nil
	}
	f, _ := v.Finding(name)
	return &pastJSON{Taken: moment(v.Taken()), State: f.State}
}

// pastCell says it in one cell.
func (s *session) pastCell(p *pastJSON) string {
	v, ok := s.st.(*snapshot.View)
	if !ok || p == nil {
		return ""
	}
	return strings.TrimSpace(p.State + "  " + widget.Ago(s.app.deps.Clock.Now().Sub(v.Taken())))
}
