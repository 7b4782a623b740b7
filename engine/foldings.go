package engine

import "riffle/engine/listpack"

// Nodes of lists and streams that have become history are folded (listpack/fold.go), which makes those of
// alike elements a fraction of what they were. Folded bytes never change. Who reads a node has it unfolded,
// and the last few of them are kept for the next who reads there; who changes one gives the node a
// listpack of its own first. What was unfolded is never written over, so that views of it last.
type foldings struct {
	scratch []byte // what Fold writes to
	recent  [recentFoldings]unfolded
	last    int // the one found last
}

// recentFoldings is how many unfolded nodes of a keyspace are kept: 4 to 64 KiB together, most of the time.
const recentFoldings = 8

// unfolded is the listpack of a folded node, known by where the folded bytes are: as long as it is kept
// no others can be there.
type unfolded struct {
	from *byte
	lp   []byte
}

// folds returns what a value's keyspace keeps, and what nobody keeps for a value that has no keyspace yet.
func (p *place) folds() *foldings {
	if p.space == nil {
		return &foldings{}
	}
	return &p.space.folds
}

// lp returns a listpack that may be folded as one that is not.
func (f *foldings) lp(node []byte) []byte {
	if !listpack.Folded(node) {
		return node
	}
	from := &node[0]
	if f.recent[f.last].from == from {
		return f.recent[f.last].lp
	}
	for i := range f.recent {
		if f.recent[i].from == from {
			f.last = i
			return f.recent[i].lp
		}
	}
	lp := listpack.Unfold(node)
	f.last = (f.last + 1) % recentFoldings
	f.recent[f.last] = unfolded{from, lp}
	return lp
}

// fold returns the folded form of a listpack, good until the next one; nil if it is no good. ends are where its
// records end, from the second on, or nil.
func (f *foldings) fold(lp []byte, stride int, ends []int) []byte {
	folded, ok := listpack.FoldRecords(f.scratch, lp, stride, ends)
	if f.scratch = folded[:0]; !ok {
		return nil
	}
	return folded
}
