package bolt

import "crmdeck/store"

// fit refuses a directory on a file system that is not good for a store: one whose locks don't
// hold between computers (a lock that is granted to two, or a process that hangs in the
// kernel where no time limit reaches it), or that writes in an order of its own. kind tells
// the kind of file system, "" where that can't be known; then it is taken for a local one.
//
// Overlays and memory are let in: an overlay is how containers run, and since a file is
// opened anew for each transaction nobody keeps the lower one open; memory loses all at the
// next start, which whoever puts a store there knows.
func fit(dir string, kind func(dir string) string) error {
	name, refused := unfitKinds[kind(dir)]
	if !refused {
		return nil
	}
	return &store.UnfitError{Path: dir, Kind: name}
}

// unfitKinds are the file systems that are refused, with their names for people. Those with
// «user space» in the name may well be local; whether their locks and syncs hold is up to
// the program behind them. The table is never changed.
var unfitKinds = map[string]string{
	"nfs":     "NFS (network)",
	"smb":     "SMB (network)",
	"cifs":    "CIFS (network)",
	"smb2":    "SMB (network)",
	"smbfs":   "SMB (network)",
	"afpfs":   "AFP (network)",
	"webdav":  "WebDAV (network)",
	"ftp":     "FTP (network)",
	"ncp":     "NCP (network)",
	"afs":     "AFS (network)",
	"coda":    "Coda (network)",
	"ceph":    "Ceph (network)",
	"ocfs2":   "OCFS2 (cluster)",
	"gfs2":    "GFS2 (cluster)",
	"gpfs":    "GPFS (cluster)",
	"lustre":  "Lustre (cluster)",
	"beegfs":  "BeeGFS (cluster)",
	"9p":      "9p (shared by another system)",
	"hostfs":  "hostfs (shared by another system)",
	"vboxsf":  "vboxsf (shared by another system)",
	"vmhgfs":  "vmhgfs (shared by another system)",
	"prlfs":   "prl_fs (shared by another system)",
	"fuse":    "FUSE (user space)",
	"macfuse": "macFUSE (user space)",
	"osxfuse": "macFUSE (user space)",
}
