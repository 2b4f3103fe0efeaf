//go:build !windows

package bolt

// unsyncable: a directory can be synced, and a failure to do so counts.
const unsyncable = false
