// Sim runs the engine in virtual time against chance: random clients and commands, bytes cut anywhere,
// clocks that jump, connections that break, journals torn at any byte, snapshots taken while data
// changes. After each trial it asks whether the laws still hold. One seed is one run, byte for byte.
//
//	go run ./tools/sim                        a new seed
//	go run ./tools/sim -seed 7 -steps 100000  the same again
//	go run ./tools/sim -runs 100              a hundred seeds
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()%1e9), "the first seed")
	steps := flag.Int("steps", 20_000, "steps of a run")
	runs := flag.Int("runs", 1, "how many seeds, one after the other")
	flag.Parse()
	for i := range *runs {
		s := newSimulation(*seed + uint64(i))
		fmt.Printf("seed %d, %s\n", s.seed, s.options())
		if err := s.run(*steps); err != nil {
			fmt.Println(err)
			fmt.Printf("again: go run ./tools/sim -seed %d -steps %d\n", s.seed, *steps)
			os.Exit(1)
		}
		fmt.Println(s.summary())
	}
}
