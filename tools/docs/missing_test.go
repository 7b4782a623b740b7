package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine"
)

func TestWhatIsLeftOutIsNotThereAndHasAReason(t *testing.T) {
	there := map[string]bool{}
	engine.EachCommand(func(name, _ string, _ *engine.Command) { there[name] = true })
	seen := map[string]bool{}
	for _, row := range absent {
		assert.NotEmpty(t, row.reason, row.names)
		assert.NotEmpty(t, row.since, row.names)
		for _, name := range strings.Split(row.names, ", ") {
			assert.False(t, there[name], "%s is there", name)
			assert.False(t, seen[name], "%s is listed twice", name)
			seen[name] = true
		}
	}
}

func TestCountsAddUp(t *testing.T) {
	there, listed := 0, 0
	for _, count := range countGroups() {
		there, listed = there+count.there, listed+count.absent
	}
	rows := 0
	engine.EachCommand(func(string, string, *engine.Command) { rows++ })
	assert.Equal(t, rows, there)
	assert.Equal(t, 41, listed, "the list has changed: change the number if it is meant")
}
