package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
)

// page drives the built page in Chromium. Node does it, since the page's own tests bring the driver.
func page(o options) (any, error) {
	node := exec.Command("node", "tools/bench/page/page.mjs", "dist/site", strconv.FormatFloat(o.scale, 'g', -1, 64))
	node.Stderr = os.Stderr
	out, err := node.Output()
	if err != nil {
		return nil, fmt.Errorf("page.mjs: %w", err)
	}
	var figures map[string]any
	if err := json.Unmarshal(out, &figures); err != nil {
		return nil, fmt.Errorf("page.mjs printed %q: %w", out, err)
	}
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		fmt.Printf("%-34s %v\n", name, figures[name])
	}
	return figures, nil
}
