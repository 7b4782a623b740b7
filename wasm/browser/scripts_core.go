//go:build js && wasm && core

package main

import "riffle/engine/script"

func interpreter() script.Interpreter { return nil }
