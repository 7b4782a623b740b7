//go:build js && wasm && !core

package main

import (
	"riffle/engine/lua"
	"riffle/engine/script"
)

// interpreter runs scripts. The core build does without: it hands its clients over to this one, which
// the page fetches when a script is to run.
func interpreter() script.Interpreter { return lua.New() }
