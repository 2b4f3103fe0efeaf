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
	"crmdeck/ui/words"
)

func (a *app) auditVerifyCommand() *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use: "verify", Short: words.CmdAuditVerify, Long: words.LongAuditVerify, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.auditVerify(cmd.Context(), head) },
	}
	cmd.Flags().StringVar(&head, "head", "", words.FlagHead)
	return cmd
}

// auditVerify checks the whole chain; what does not fit is the error.
func (a *app) auditVerify(ctx context.Context, headFile string) error {
	kept, err := a.readHeads(ctx, headFile)
	if err != nil {
		return err
	}
	s, log, err := a.auditLog(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := audit.Check(ctx, log, kept, nil)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.json(map[string]any{
			"intact": true, "events": r.Head.Seq, "chain": hex.EncodeToString(r.Head.Chain), "first": moment(r.First), "last": moment(r.Last), "heads": r.Kept,
		})
	}
	a.say(words.Intact(r))
	return nil
}

func (a *app) auditHeadCommand() *cobra.Command {
	return &cobra.Command{
		Use: "head", Short: words.CmdAuditHead, Long: words.LongAuditHead, Args: args(0, 0, "no arguments"),
		Example: "  crmdeck audit head >> heads.jsonl\n  crmdeck audit verify --head heads.jsonl",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, log, err := a.auditLog(cmd.Context())
			if err != nil {
				return err
			}
			defer s.close()
			h, err := audit.SignNow(cmd.Context(), log, a.deps.Clock.Now())
			if err != nil {
				return err
			}
			return a.json(h)
		},
	}
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
