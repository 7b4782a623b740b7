//go:build js && wasm

package main

import (
	"runtime"
	"strconv"
)

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

// functionBits is how far the number of a function is shifted in a program counter.
const functionBits = 16

// trace is the stack of the panic, the innermost function first. Names are not in the program: the build
// leaves a list of what the numbers stand for (tools/strip).
func trace() string {
	var stack [64]uintptr
	text := "in functions"
	for _, counter := range stack[:runtime.Callers(2, stack[:])] {
		text += " " + strconv.Itoa(int(counter>>functionBits))
	}
	return text
}
