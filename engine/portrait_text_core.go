//go:build core

package engine

import "riffle/engine/dict"

// The core of the page, which has little room and short strings, saves each of them at once.

func newTextPortrait(*section, dict.Ref) *portrait { return nil }

func (s *Snapshot) measure(*portrait) (done bool) { return true }

func (e *Engine) beforeText(*keyspace, dict.Ref, int, int) {}

func (s *keyspace) renewed(ref dict.Ref, _ int) dict.Ref { return ref }
