package bolt

import "golang.org/x/sys/unix"

// kinds are the numbers that statfs(2) gives, for the names in unfitKinds: from the kernel's
// magic.h, and from the sources of those that are not in it. The table is never changed.
var kinds = map[uint32]string{
	unix.NFS_SUPER_MAGIC:    "nfs",
	unix.SMB_SUPER_MAGIC:    "smb",
	unix.CIFS_SUPER_MAGIC:   "cifs",
	unix.SMB2_SUPER_MAGIC:   "smb2",
	unix.NCP_SUPER_MAGIC:    "ncp",
	unix.AFS_SUPER_MAGIC:    "afs",
	unix.AFS_FS_MAGIC:       "afs",
	unix.CODA_SUPER_MAGIC:   "coda",
	unix.CEPH_SUPER_MAGIC:   "ceph",
	unix.OCFS2_SUPER_MAGIC:  "ocfs2",
	unix.V9FS_MAGIC:         "9p",
	unix.HOSTFS_SUPER_MAGIC: "hostfs",
	unix.FUSE_SUPER_MAGIC:   "fuse",
	0x01161970:              "gfs2",
	0x47504653:              "gpfs",
	0x0bd00bd0:              "lustre",
	0x19830326:              "beegfs",
	0x786f4256:              "vboxsf",
	0xbacbacbc:              "vmhgfs",
	0x7c7c6673:              "prlfs",
}

// kindOf tells the kind of file system that dir lies on, "" if it is none of kinds.
func kindOf(dir string) string {
	for {
		var s unix.Statfs_t
		switch err := unix.Statfs(dir, &s); err {
		case nil:
			return kinds[uint32(s.Type)]
		case unix.EINTR:
			continue
		}
		return ""
	}
}
