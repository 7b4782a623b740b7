//go:build js && wasm && !crashable

package main

// trap does nothing outside of tests (see trap_crashable.go).
func trap([]byte) {}
