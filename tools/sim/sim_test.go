package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSimulation runs a few seeds; go run ./tools/sim -runs 1000 runs more.
func TestSimulation(t *testing.T) {
	seeds, steps := uint64(12), 1500
	if testing.Short() {
		seeds, steps = 3, 500
	}
	for seed := range seeds {
		s := newSimulation(seed)
		err := s.run(steps)
		if err != nil {
			t.Errorf("seed %d (%s): %v", seed, s.options(), err)
		}
	}
}

// TestSimulationRepeats: one seed is one run, or a failure could not be looked at again.
func TestSimulationRepeats(t *testing.T) {
	first, second := newSimulation(99), newSimulation(99)
	require.NoError(t, first.run(400))
	require.NoError(t, second.run(400))
	assert.Equal(t, first.digest, second.digest)
	assert.Equal(t, first.recent, second.recent)
	assert.NotZero(t, first.digest)
}

func TestUnitEnds(t *testing.T) {
	const set, multi, exec = "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n", "*1\r\n$5\r\nMULTI\r\n", "*1\r\n$4\r\nEXEC\r\n"
	ends, err := unitEnds([]byte(set + multi + set + set + exec + set + multi + set))
	require.NoError(t, err)
	unit := len(multi) + 2*len(set) + len(exec)
	assert.Equal(t, []int{len(set), len(set) + unit, 2*len(set) + unit}, ends)
	_, err = unitEnds([]byte("+OK\r\n"))
	assert.Error(t, err)
}
