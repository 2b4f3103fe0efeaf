package doctor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"crmdeck/store"
)

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// store looks whether the store opens, and at its format.
func (x *examination) store(ctx context.Context) error {
	if x.Store == nil {
		x.unopened()
		return nil
	}
	in, err := x.Store.Info(ctx)
	if err != nil {
		x.OpenErr = err
		x.unopened()
		return nil
	}
	facts := []string{"format", strconv.Itoa(in.Format), "size", Bytes(in.Size), "events", strconv.FormatUint(in.Events, 10),
		"created", in.Created.UTC().Format("2006-01-02")}
	if c, ok := x.Store.(store.Checkup); ok {
		sp, err := c.Space(ctx)
		if err != nil {
			x.OpenErr = err
			x.unopened()
			return nil
		}
		if sp.Format < sp.Newest {
			x.find(Warn, "format_old", append(facts, "newest", strconv.Itoa(sp.Newest))...)
			return nil
		}
	}
	x.find(Fine, "store", facts...)
	return nil
}

// unopened says why there is no store, and for a damaged one what there is to go back to
// (DB-7, DB-8): nothing here makes a damaged file right.
func (x *examination) unopened() {
	var busy *store.BusyError
	var unsafe *store.UnsafeError
	var unfit *store.UnfitError
	var root *store.RootError
	switch err := x.OpenErr; {
	case err == nil, errors.Is(err, store.ErrNoStore):
		x.find(Warn, "store_absent", "path", x.Home)
	case errors.As(err, &unfit):
		x.find(Bad, "file_system", "path", unfit.Path, "kind", unfit.Kind)
	case errors.As(err, &root):
		x.find(Bad, "root", "path", root.Path, "user", strconv.Itoa(root.UID))
	case errors.As(err, &unsafe):
		if !x.has("unsafe", "path", unsafe.Path) {
			x.unsafe(unsafe)
		}
	case errors.Is(err, store.ErrNewer):
		x.find(Bad, "store_newer")
	case errors.As(err, &busy):
		x.find(Unknown, "store_busy", "holder", busy.Holder.String())
	case errors.Is(err, store.ErrDamaged):
		x.damaged(err)
	default:
		x.find(Bad, "store_unreadable", "said", err.Error())
	}
}

// damaged tells it once, however many checks come upon it.
func (x *examination) damaged(err error) {
	for _, f := range x.found {
		if strings.HasPrefix(f.Code, "store_damaged") {
			return
		}
	}
	copies, _ := filepath.Glob(filepath.Join(x.Home, "store.db.*format*"))
	if len(copies) > 0 {
		slices.Sort(copies)
		x.find(Bad, "store_damaged_copy", "said", err.Error(), "copies", strings.Join(copies, ", "))
		return
	}
	x.find(Bad, "store_damaged", "said", err.Error())
}

// pages has every page of the file looked at, in a process of its own.
func (x *examination) pages(ctx context.Context) error {
	switch {
	case x.Store == nil:
		return nil
	case x.CheckPages == nil:
		x.find(Unknown, "pages_unknown")
		return nil
	}
	err := x.CheckPages(ctx)
	var busy *store.BusyError
	switch {
	case err == nil:
		x.find(Fine, "pages")
	case ctx.Err() != nil:
		return err
	case errors.As(err, &busy):
		x.find(Unknown, "store_busy", "holder", busy.Holder.String())
	case errors.Is(err, store.ErrDamaged):
		x.damaged(err)
	default:
		x.find(Unknown, "failed", "said", err.Error())
	}
	return nil
}

// What of a file may hold nothing before writing it anew is worth it.
const (
	growthShare = 2 // half
	growthLeast = 8 << 20
)

// growth looks how much of the file holds nothing.
func (x *examination) growth(ctx context.Context) error {
	c, ok := x.Store.(store.Checkup)
	if !ok || x.OpenErr != nil {
		return nil
	}
	sp, err := c.Space(ctx)
	if err != nil {
		return err
	}
	share := int64(0)
	if sp.Size > 0 {
		share = 100 * sp.Free / sp.Size
	}
	facts := []string{"free", Bytes(sp.Free), "size", Bytes(sp.Size), "share", fmt.Sprintf("%d %%", share)}
	if sp.Free > growthLeast && sp.Free > sp.Size/growthShare {
		x.find(Warn, "growth_large", facts...)
		return nil
	}
	x.find(Fine, "growth", facts...)
	return nil
}
