//go:build js && wasm

package main

// An engine may be exchanged for a fuller one while connections are open: the host takes what this one
// hands off, gives it to a new instance, loads a snapshot there, and ticks. Clients keep their numbers.

// handOff writes down everything but the data. Its frame is: address, length.
//
//go:wasmexport handOff
func handOff() uint32 {
	defer guard()
	if broken() {
		return 0
	}
	home.handoff = home.engine.Handoff()
	home.frame = append(home.frame[:0], address(home.handoff), float64(len(home.handoff)))
	return answer()
}

// lacks is 1 when what was to be loaded needs commands or types that only the full engine has.
//
//go:wasmexport lacks
func lacks() int32 {
	if !broken() && home.engine.Lacks() {
		return 1
	}
	return 0
}
