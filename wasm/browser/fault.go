//go:build js && wasm

package main

import "runtime"

// guard ends every export: it keeps a panic from ending the program and notes it for the host.
func guard() {
	if cause := recover(); cause != nil && home.fault == "" {
		home.fault = describe(cause) + "\n" + trace()
	}
}

// broken says that a panic went by. The engine's data may hold half a change then, so no call may
// reach it any more.
func broken() bool { return home.fault != "" || home.engine == nil }

// describe puts the value of a panic into words.
func describe(cause any) string {
	switch cause := cause.(type) {
	case error:
		return cause.Error()
	case string:
		return cause
	}
	return "a panic without words"
}

// trace is the stack of the panic. 8 kB hold the frames that matter: the innermost come first.
func trace() string {
	buffer := make([]byte, 8<<10)
	return string(buffer[:runtime.Stack(buffer, false)])
}
