package engine_test

import (
	"strings"
	"testing"

	"riffle/engine"
	"riffle/engine/enginetest"
)

// TestExamples plays every row's Example in a fresh engine, so that the reference cannot rot.
func TestExamples(t *testing.T) {
	engine.EachCommand(func(name, _ string, row *engine.Command) {
		if len(row.Subs) > 0 {
			return // a container, which is not run itself
		}
		if row.Example == "" {
			t.Errorf("%s has no example", name)
			return
		}
		t.Run(name, func(t *testing.T) {
			example := strings.TrimPrefix(row.Example, "\n")
			if !strings.Contains(example, "> "+name) && !strings.Contains(example, "> "+strings.ToLower(name)) {
				t.Errorf("the example does not use the command: %q", example)
			}
			h := enginetest.New(1)
			played, law := enginetest.Transcript(h, example)
			if diff := enginetest.Difference(strings.TrimSuffix(example, "\n"), strings.TrimSuffix(played, "\n")); diff != "" {
				t.Errorf("the engine prints%s", diff)
			}
			if law && name != "MEMORY STATS" { // which tells how much input waits
				h.CheckLaw(t)
			}
		})
	})
}
