package words

import "fmt"

// Compaction: what the command is, and what it says.
const (
	CmdCompact  = "Write the store's file anew, without what was removed"
	LongCompact = `Writes everything that the store holds into a new file, compares the two key by key, and puts the
new one in the place of the old. What was removed or replaced earlier is gone from the file then: until
it is compacted, sealed remains of it can linger in free pages. Afterwards the file is as small as what
it holds, and writing is faster if much had been removed.

Other crmdeck processes go on; they wait for a moment when the new file takes its place. Interrupted
at any point, the store is the old file or the new one. It needs free space for two copies, and the key.

Copies are not touched: backups, and the store.db.format… that raising an older store left beside it.
A disk or a file system that keeps old blocks may still have the old file.`

	UseNoCompact = "This store cannot be compacted."
	sayCompacted = "The store's file had {before} and has {after} now; every key was compared."
)

// Compacted tells how large the file was and is.
func Compacted(before, after int64) string {
	return fill(sayCompacted, map[string]string{"before": Bytes(before), "after": Bytes(after)})
}

// Bytes is a size for people, in units of 1,000 as disks have them.
func Bytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, u := float64(n), 0
	for ; v >= 1000 && u < len(units)-1; u++ {
		v /= 1000
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[u])
}
