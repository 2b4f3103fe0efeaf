package cli

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/audit/moved"
	"crmdeck/ui/words"
)

func (a *app) auditVerifyCommand() *cobra.Command {
	var head string
	var archives []string
	cmd := &cobra.Command{
		Use: "verify", Short: words.CmdAuditVerify, Long: words.LongAuditVerify, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck audit verify --head heads.jsonl --archive audit-2024.jsonl",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.auditVerify(cmd.Context(), head, archives) },
	}
	cmd.Flags().StringVar(&head, "head", "", words.FlagHead)
	cmd.Flags().StringArrayVar(&archives, "archive", nil, words.FlagArchive)
	return cmd
}

// auditVerify checks files of segments, then the whole chain; what does not fit is the error.
func (a *app) auditVerify(ctx context.Context, headFile string, archives []string) error {
	kept, err := a.readHeads(ctx, headFile)
	if err != nil {
		return err
	}
	s, log, err := a.auditLog(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	files, err := a.verifyArchives(ctx, log, archives, kept)
	if err != nil {
		return err
	}
	r, err := audit.Check(ctx, log, kept, a.checked())
	if err != nil {
		return err
	}
	inFiles := 0
	for _, f := range files {
		inFiles += f.Kept
	}
	if a.global.json {
		return a.json(map[string]any{
			"intact": true, "events": r.Head.Seq, "chain": hex.EncodeToString(r.Head.Chain), "first": moment(r.First), "last": moment(r.Last),
			"heads": r.Kept, "segments": r.Segments, "moved_out": r.Out, "archives": archivesJSON(archives, files), "heads_in_archives": inFiles,
		})
	}
	for i := range files {
		a.say(words.ArchiveIntact(archives[i], &files[i]))
	}
	a.say(words.Intact(r))
	if r.Apart > inFiles {
		a.say(words.HeadsApart(r.Apart - inFiles))
	}
	return nil
}

// archiveJSON is what is known of one file.
type archiveJSON struct {
	Path   string `json:"path"`
	Events uint64 `json:"events"`
	First  uint64 `json:"first"`
	Last   uint64 `json:"last"`
	Known  bool   `json:"known"`
	Only   bool   `json:"only_copy"`
	SHA256 string `json:"sha256"`
}

func archivesJSON(paths []string, files []moved.Report) []archiveJSON {
	out := []archiveJSON{}
	for i := range files {
		f := &files[i]
		out = append(out, archiveJSON{paths[i], f.Events, f.First(), f.Last(), f.Known, f.Only, hex.EncodeToString(f.SHA256[:])})
	}
	return out
}

// checkedStep is how many events are checked between two lines: half a second or so.
const checkedStep = 500_000

// checked tells at a terminal how far a check of a long log is.
func (a *app) checked() func(done, all uint64) {
	if a.global.json || !a.deps.IsTerminal() {
		return nil
	}
	next := uint64(checkedStep)
	return func(done, all uint64) {
		if done < next || done == all {
			return
		}
		next = done + checkedStep
		a.note(words.Checked(done, all))
	}
}

func (a *app) auditHeadCommand() *cobra.Command {
	return &cobra.Command{
		Use: "head", Short: words.CmdAuditHead, Long: words.LongAuditHead, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck audit head >> heads.jsonl\n  crmdeck audit verify --head heads.jsonl",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.auditHead(cmd.Context()) },
	}
}

// auditHead signs the end of the log, which is its own event: that a head was made is known
// to whoever holds the log, and to whoever holds the head.
func (a *app) auditHead(ctx context.Context) error {
	s, log, err := a.auditLog(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := audit.Check(ctx, log, nil, a.checked()); err != nil {
		return err
	}
	if err := s.tell(ctx, store.ActAuditHead, "done", ""); err != nil {
		return err
	}
	h, err := audit.SignNow(ctx, log, a.deps.Clock.Now())
	if err != nil {
		return err
	}
	return a.json(h)
}

// errNoAudit: the engine of this store can't read its log as a whole.
var errNoAudit = errors.New("this store's audit log can't be read as a whole")

// auditLog opens and unlocks the store for reading its whole log.
func (a *app) auditLog(ctx context.Context) (*session, audit.Log, error) {
	s, err := a.act(ctx)
	if err != nil {
		return nil, nil, err
	}
	log, ok := s.st.(audit.Log)
	if !ok {
		s.close()
		return nil, nil, errNoAudit
	}
	return s, log, nil
}

// mostHeads is how long a file of heads can be, in bytes.
const mostHeads = 8 << 20

// readHeads reads the heads that were kept; none for no file.
func (a *app) readHeads(ctx context.Context, path string) ([]audit.SignedHead, error) {
	if path == "" {
		return nil, nil
	}
	if path == "-" {
		if a.stdinTaken {
			return nil, usage(nil, words.UseTwoSecrets)
		}
		a.stdinTaken = true
	}
	b, err := patiently(ctx, func() ([]byte, error) { return readHead(a.deps.Stdin, path) })
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, usage(nil, words.Fill(words.UseHeadFile, "path", path))
	case len(b) > mostHeads:
		return nil, &audit.HeadError{Reason: "the file is too large to hold only heads"}
	}
	return audit.ReadHeads(bytes.NewReader(b))
}

// readHead reads a file, or standard input for "-".
func readHead(stdin io.Reader, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(stdin, mostHeads+1))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, mostHeads+1))
}

// auditReader is the log of an open store, also of a locked one.
func (s *session) auditReader() (store.AuditReader, error) {
	if r, ok := s.st.(store.AuditReader); ok {
		return r, nil
	}
	return nil, errNoAudit
}
