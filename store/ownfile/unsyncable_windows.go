package ownfile

// unsyncable: a directory can't be synced, renames are journaled.
const unsyncable = true
