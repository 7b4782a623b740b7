package persist

import (
	"os"
	"syscall"
)

type diskFile struct{ *os.File }

// Sync uses fdatasync: the length is made durable with the content, the time stamps need not be.
func (f diskFile) Sync() error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failure := raw.Control(func(fd uintptr) {
		for err = syscall.EINTR; err == syscall.EINTR; {
			err = syscall.Fdatasync(int(fd))
		}
	})
	if failure != nil {
		return failure
	}
	return err
}
