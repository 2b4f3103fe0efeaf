package auditlog

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"crmdeck/store"
	"crmdeck/store/audit/export"
	"crmdeck/themes"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// exportDialog asks for the file and the format.
type exportDialog struct {
	filter filter
	field  widget.Field
	format int
	slot   page.Slot
	wrong  string
}

func newExportDialog(e *page.Env, f filter) *exportDialog {
	d := &exportDialog{filter: f}
	d.field.Set("crmdeck-audit-" + e.Now().UTC().Format("2006-01-02") + d.now().Extension())
	return d
}

// now is the format that is chosen.
func (d *exportDialog) now() export.Format { return export.Formats()[d.format] }

// exportLines is the height of the dialog.
const exportLines = 7

// Frame implements page.Dialog.
func (d *exportDialog) Frame(*page.Env) widget.Dialog {
	return widget.Dialog{Title: words.AuditExport, Lines: exportLines, Hints: []widget.Hint{
		{Key: "enter", Label: words.HintWrite, Off: d.slot.Runs()}, {Key: "tab", Label: words.HintFormat}, {Key: "esc", Label: words.HintCancel}}}
}

// Line implements page.Dialog.
func (d *exportDialog) Line(_ *page.Env, b *widget.Buf, i int) {
	switch i {
	case 1:
		widget.FocusBar(b, true)
		b.Fit(muted, words.AuditExportFile, labelWidth)
		d.field.Draw(b, b.Room()-1, true)
	case 2:
		b.Space(1)
		b.Fit(muted, words.AuditExportFormat, labelWidth)
		b.Text(widget.Fg(themes.Text), widget.Cut(words.ExportFormat(d.now()), b.Room()))
	case 4:
		b.Space(1)
		what := words.AuditExportAll
		if !d.filter.empty() {
			what = words.AuditExportSome
		}
		b.Text(muted, widget.Cut(what, b.Room()))
	case 5:
		b.Space(1)
		switch {
		case d.slot.Runs():
			b.Text(widget.Fg(themes.Info), words.AuditExporting)
		case d.wrong != "":
			b.Text(widget.Strong(themes.Bad), widget.GlyphCross+" ")
			b.Text(widget.Fg(themes.Text), widget.Cut(d.wrong, b.Room()-1))
		}
	}
}

// Key implements page.Dialog.
func (d *exportDialog) Key(e *page.Env, msg tea.Msg) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			d.slot.Cancel()
			e.Hide()
			return
		case "tab", "shift+tab":
			d.next()
			return
		case "enter":
			d.write(e)
			return
		}
	}
	if !d.slot.Runs() && d.field.Handle(msg) {
		d.wrong = ""
	}
}

// next chooses another format; a name with the usual ending gets the other one's.
func (d *exportDialog) next() {
	if d.slot.Runs() {
		return
	}
	name, usual := strings.CutSuffix(d.field.Value(), d.now().Extension())
	d.format = (d.format + 1) % len(export.Formats())
	if usual {
		d.field.Set(name + d.now().Extension())
	}
}

// write writes the file.
func (d *exportDialog) write(e *page.Env) {
	path := strings.TrimSpace(d.field.Value())
	log, ok := e.Deps.Store.(store.AuditReader)
	if d.slot.Runs() || !ok {
		return
	}
	if path == "" || path == "-" {
		d.wrong = words.AuditExportEmpty
		return
	}
	o := export.Options{Format: d.now(), Version: e.Deps.Version}
	if f := d.filter; !f.empty() {
		o.Keep = f.matches
	}
	page.Go(e, &d.slot, func(ctx context.Context) (n int, err error) {
		err = export.ToFile(atHome(path), func(w io.Writer) (err error) {
			n, err = export.Run(ctx, log, w, o)
			return err
		})
		return n, err
	}, func(e *page.Env, n int, err error) {
		switch {
		case err == nil:
			e.Hide()
			e.Good(words.Exported(n, path))
		case errors.Is(err, fs.ErrExist):
			d.wrong = words.AuditExportThere
		case errors.Is(err, fs.ErrNotExist):
			d.wrong = words.AuditExportNoDir
		default:
			d.wrong = e.Explain(err, nil).Message()
		}
	})
}

// atHome replaces a leading ~ as a shell does.
func atHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~"+string(filepath.Separator))
	home, err := os.UserHomeDir()
	if !ok || err != nil {
		return path
	}
	return filepath.Join(home, rest)
}
