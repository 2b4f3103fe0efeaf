//go:build campaign && linux

package bolt_test

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/bolt"
)

var (
	powerImages = flag.Int("power-images", 700, "images of a disk that lost power, over all scenarios")
	powerSeed   = flag.Uint64("power-seed", 0, "what the images are drawn from, 0 for the time")
)

// disk is what a kernel and a disk know of files: what is durable, and what was done since
// and may be there or not after a loss of power, in any part and order.
type disk struct {
	inodes []*inode
	names  map[string]*entry // by path, as programs see it
	fds    map[int]*open
	acked  int
}

type inode struct {
	durable []byte
	pending []change // since the last sync of it
	now     []byte
}

// change is a write, or if data is nil a new length.
type change struct {
	at   int
	data []byte
}

// entry is a name: what it means now, and all that it meant since its directory was synced, oldest first.
type entry struct {
	now     *inode // nil: none
	history []*inode
}

type open struct {
	path string
	file *inode // nil: a directory
	pos  int
}

func newDisk() *disk { return &disk{names: map[string]*entry{}, fds: map[int]*open{}} }

func (c change) to(b []byte) []byte {
	end := c.at + len(c.data)
	if c.data == nil {
		if c.at < len(b) {
			return b[:c.at]
		}
		end = c.at
	}
	if len(b) < end {
		b = append(b, make([]byte, end-len(b))...)
	}
	copy(b[c.at:], c.data)
	return b
}

func (f *inode) change(c change) {
	f.now = c.to(f.now)
	f.pending = append(f.pending, c)
}

func (f *inode) sync() { f.durable, f.pending = slices.Clone(f.now), nil }

func (d *disk) name(path string) *entry {
	if d.names[path] == nil {
		d.names[path] = &entry{history: []*inode{nil}}
	}
	return d.names[path]
}

func (e *entry) mean(f *inode) {
	e.now = f
	e.history = append(e.history, f)
}

// load puts a file there that was there before, durably.
func (d *disk) load(path string, b []byte) {
	f := &inode{durable: b, now: slices.Clone(b)}
	d.inodes = append(d.inodes, f)
	d.names[path] = &entry{now: f, history: []*inode{f}}
}

// syncDir makes the names in a directory durable.
func (d *disk) syncDir(dir string) {
	for path, e := range d.names {
		if filepath.Dir(path) == dir {
			e.history = e.history[len(e.history)-1:]
		}
	}
}

// image draws what is there after a loss of power now, by path.
func (d *disk) image(r *rand.Rand, how int) map[string][]byte {
	contents := map[*inode][]byte{}
	for _, f := range d.inodes {
		contents[f] = f.draw(r, how)
	}
	out := map[string][]byte{}
	for _, path := range slices.Sorted(maps.Keys(d.names)) {
		e := d.names[path]
		f := e.history[len(e.history)-1]
		if how != keepAll {
			f = e.history[r.IntN(len(e.history))]
		}
		if f != nil {
			out[path] = contents[f]
		}
	}
	return out
}

// Ways to lose what was not synced.
const (
	keepAll   = iota // nothing is lost
	dropAll          // of files, everything is
	dropSome         // each write is there or not, in another order
	tearSmall        // likewise, and a write is torn at 512 bytes
	tearLarge        // at 2 KiB
	waysToLose
)

func (f *inode) draw(r *rand.Rand, how int) []byte {
	if how == keepAll || len(f.pending) == 0 {
		return f.now
	}
	b := slices.Clone(f.durable)
	if how == dropAll {
		return b
	}
	list := slices.Clone(f.pending)
	if r.IntN(2) == 0 {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	for _, c := range list {
		if r.IntN(2) == 0 {
			continue
		}
		if how >= tearSmall && c.data != nil && r.IntN(2) == 0 {
			c = c.torn(r, map[int]int{tearSmall: 512, tearLarge: 2048}[how])
		}
		b = c.to(b)
	}
	return b
}

// torn keeps the beginning of a write, or its end, in whole units of the disk.
func (c change) torn(r *rand.Rand, unit int) change {
	cut := r.IntN(len(c.data)/unit+1) * unit
	if r.IntN(2) == 0 {
		return change{at: c.at, data: append([]byte{}, c.data[:cut]...)}
	}
	return change{at: c.at + cut, data: append([]byte{}, c.data[cut:]...)}
}

var syscallLine = regexp.MustCompile(`^(\d+) +([a-z0-9_]+)\((.*)\) += (-?\d+)`)

// step does one line of a trace. It reports whether anything changed.
func (d *disk) step(call, args string, result int) (changed bool, err error) {
	if result < 0 {
		return false, nil
	}
	a := arguments(args)
	text := func(i int) string {
		b, e := hex.DecodeString(strings.ReplaceAll(strings.Trim(strings.TrimSuffix(a[i], "..."), `"`), `\x`, ""))
		if e != nil || strings.HasSuffix(a[i], "...") {
			err = errors.Join(err, fmt.Errorf("argument %d of %s is cut: %w", i, call, e))
		}
		return string(b)
	}
	num := func(i int) int {
		n, e := strconv.Atoi(a[i])
		err = errors.Join(err, e)
		return n
	}
	switch call {
	case "openat":
		return d.open(result, filepath.Clean(text(1)), a[2]), err
	case "close":
		delete(d.fds, num(0))
		return false, err
	case "pwrite64":
		return d.write(num(0), num(3), text(1)[:result]), err
	case "write":
		fd, data := num(0), text(1)
		if fd == 1 {
			d.acked += strings.Count(data, "done ")
			return false, err
		}
		o := d.fds[fd]
		if o == nil {
			return false, err
		}
		at := o.pos
		o.pos += result
		return d.write(fd, at, data[:result]), err
	case "copy_file_range":
		return d.copyRange(num(0), num(2), result), err
	case "ftruncate":
		if o := d.fds[num(0)]; o != nil && o.file != nil {
			o.file.change(change{at: num(1)})
			return true, err
		}
		return false, err
	case "fdatasync", "fsync":
		return d.sync(num(0)), err
	case "renameat":
		from, to := filepath.Clean(text(1)), filepath.Clean(text(3))
		d.name(to).mean(d.name(from).now)
		d.name(from).mean(nil)
		return true, err
	case "unlinkat":
		if e := d.names[filepath.Clean(text(1))]; e != nil {
			e.mean(nil)
		}
		return true, err
	}
	return false, fmt.Errorf("%s is not known to the model of a disk", call)
}

// arguments splits at commas that are in no string; the strings are all hexadecimal.
func arguments(s string) []string { return strings.Split(s, ", ") }

func (d *disk) open(fd int, path, flags string) (changed bool) {
	e := d.names[path]
	o := &open{path: path}
	switch {
	case e != nil && e.now != nil:
		o.file = e.now
		if strings.Contains(flags, "O_TRUNC") {
			o.file.change(change{})
			changed = true
		}
	case strings.Contains(flags, "O_CREAT"):
		o.file = &inode{}
		d.inodes = append(d.inodes, o.file)
		d.name(path).mean(o.file)
		changed = true
	}
	d.fds[fd] = o
	return changed
}

func (d *disk) write(fd, at int, data string) bool {
	if o := d.fds[fd]; o != nil && o.file != nil {
		o.file.change(change{at: at, data: []byte(data)})
		return true
	}
	return false
}

func (d *disk) copyRange(from, to, n int) bool {
	in, out := d.fds[from], d.fds[to]
	if in == nil || out == nil || in.file == nil || out.file == nil {
		return false
	}
	out.file.change(change{at: out.pos, data: slices.Clone(in.file.now[in.pos : in.pos+n])})
	in.pos, out.pos = in.pos+n, out.pos+n
	return true
}

func (d *disk) sync(fd int) bool {
	o := d.fds[fd]
	switch {
	case o == nil:
		return false
	case o.file == nil:
		d.syncDir(o.path)
	default:
		o.file.sync()
	}
	return true
}

// recording is the trace of a scenario.
type recording struct {
	*rehearsal
	dir   string
	lines [][]string // call, arguments, result
}

const recorded = "openat,close,pwrite64,write,ftruncate,fdatasync,fsync,renameat,unlinkat,copy_file_range"

// other calls that would change files: the model does not know them, so they must not occur.
const unmodelled = "pwritev,pwritev2,writev,sendfile,splice,rename,renameat2,unlink,truncate,creat,open,link,linkat"

func recordTrace(t *testing.T, name string) *recording {
	t.Helper()
	re := &recording{rehearsal: rehearse(t, name)}
	re.dir = re.stage()
	log := filepath.Join(t.TempDir(), "trace")
	said, err := traced(t, log, []string{"-xx", "-s", "40000000", "-e", "trace=" + recorded + "," + unmodelled}, re.dir, name)
	if err != nil || acknowledged(said) != len(re.ops) {
		t.Fatalf("%s: %v %s", name, err, said)
	}
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	first, lines := "", bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		pid, _, _ := strings.Cut(lines.Text(), " ")
		if first == "" {
			first = pid
		}
		if pid != first || strings.Contains(lines.Text(), " --- ") || strings.Contains(lines.Text(), " +++ ") {
			continue
		}
		m := syscallLine.FindStringSubmatch(lines.Text())
		if m == nil {
			t.Fatalf("%s: %.200s", name, lines.Text())
		}
		re.lines = append(re.lines, m[2:])
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return re
}

// replay walks through the recording and calls at after each step that changed something.
func (re *recording) replay(at func(*disk)) {
	re.t.Helper()
	d := newDisk()
	for rel, b := range re.before {
		d.load(filepath.Join(filepath.Dir(re.dir), rel), b)
	}
	for _, l := range re.lines {
		n, _ := strconv.Atoi(l[2])
		changed, err := d.step(l[0], l[1], n)
		if err != nil {
			re.t.Fatalf("%s: %v", re.name, err)
		}
		if changed {
			at(d)
		}
	}
}

// lost writes an image into a directory of its own and tells what is wrong with it.
func (re *recording) lost(image map[string][]byte, acked int, deep bool) error {
	top, err := os.MkdirTemp(re.t.TempDir(), "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(top)
	dir := filepath.Join(top, "deck")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for path, b := range image {
		rel, err := filepath.Rel(filepath.Dir(re.dir), path)
		if err != nil || strings.HasPrefix(rel, "..") {
			continue // not of the store
		}
		to := filepath.Join(top, rel)
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, b, 0o600)); err != nil {
			return err
		}
	}
	if err := re.marked(dir); err != nil {
		return err
	}
	if deep {
		return re.check(dir, acked, false)
	}
	got := re.tells(dir)
	if re.stateOf(got, acked) >= 0 || acked > 0 && re.ops[acked-1].lazy && re.stateOf(got, acked-1) >= 0 {
		return nil
	}
	wrong, absent, n := got.against(re.states[acked])
	return fmt.Errorf("%d refused, absent %v\n%s", n, absent, strings.Join(wrong, "\n"))
}

// marked checks that what is noted outside the database is never ahead of it.
func (re *recording) marked(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "store.mark"))
	if err != nil || len(b) < 42 {
		return nil
	}
	s, err := bolt.New(bolt.Options{}).Open(re.t.Context(), dir)
	if err != nil {
		return nil // the caller sees that
	}
	defer s.Close()
	in, err := s.Info(re.t.Context())
	if err != nil {
		return nil
	}
	if rev := store.Revision(binary.BigEndian.Uint64(b[34:])); string(b[8:34]) == in.StoreID && rev > in.Revision {
		return fmt.Errorf("the mark is at %d and the store at %d", rev, in.Revision)
	}
	return nil
}

// DB-3, DB-4, FP-6: power is lost after each system call. Whatever part of what was not synced
// is there, torn and in any order: the store opens, has what was acknowledged, each operation
// whole or absent; so has one that was being made, migrated or written anew.
func TestCampaignPowerLoss(t *testing.T) {
	needStrace(t)
	seed := *powerSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	r := rand.New(rand.NewPCG(seed, 3))
	var all []*recording
	steps := 0
	for _, name := range scenarioNames() {
		re := recordTrace(t, name)
		re.replay(func(*disk) { steps++ })
		all = append(all, re)
	}
	begun, images, bad := time.Now(), 0, 0
	each := max(1, *powerImages/steps)
	for _, re := range all {
		step := 0
		re.replay(func(d *disk) {
			step++
			for range each {
				how := r.IntN(waysToLose)
				images++
				err := re.lost(d.image(r, how), d.acked, images%16 == 0)
				if err == nil {
					continue
				}
				if bad++; bad <= 10 {
					t.Errorf("seed %d, image %d: %s, step %d, after %d operations (%s), way %d: %v", seed, images, re.name, step, d.acked, re.opName(d.acked), how, err)
				}
			}
		})
	}
	t.Logf("%d images of %d points in %d scenarios, %d bad, seed %d, %s", images, steps, len(all), bad, seed, time.Since(begun).Round(time.Second))
}
