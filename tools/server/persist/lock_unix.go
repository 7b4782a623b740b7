//go:build unix

package persist

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Lock makes this process the only one of its kind that works in a directory. The kernel lets go of
// the lock when the process ends, however it ends, so the file that stays behind means nothing.
func Lock(directory string) (release func(), err error) {
	path := filepath.Join(directory, ".riffle.lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("another riffle-server is using the directory %s (%s is locked): "+
			"stop it, or start this one with another --dir", directory, path)
	}
	return func() { file.Close() }, nil
}
