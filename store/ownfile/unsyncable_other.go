//go:build !windows

package ownfile

// unsyncable: a directory can be synced, and a failure to do so counts.
const unsyncable = false
