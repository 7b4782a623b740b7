//go:build !linux

package persist

import "os"

type diskFile struct{ *os.File }
