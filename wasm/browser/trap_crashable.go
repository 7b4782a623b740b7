//go:build js && wasm && crashable

package main

import (
	"bytes"
	"os"
)

// trap lets a test bring the program down at will: by a panic, which guard catches, or by an exit,
// which nothing does.
func trap(p []byte) {
	if bytes.Contains(p, []byte("riffle-test-panic")) {
		panic("a test asked for a panic")
	}
	if bytes.Contains(p, []byte("riffle-test-exit")) {
		os.Exit(3)
	}
}
