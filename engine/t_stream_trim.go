package engine

import (
	"math"

	"riffle/engine/listpack"
)

// trimOptions say what XADD and XTRIM take off the head of a stream.
type trimOptions struct {
	by          trimBy
	maxLength   int64
	minID       streamID
	approximate bool  // whole nodes only
	limit       int64 // entries to take at most; 0 = any number
	references  references
}

// trimBy is the measure of a trim.
type trimBy uint8

const (
	trimNone trimBy = iota
	trimByLength
	trimByID
)

// trim takes entries off the head and returns how many. A whole node goes in O(1), whatever it holds;
// within a node entries are only marked.
func (s *Stream) trim(o *trimOptions) int64 {
	if o.references.looked() {
		return s.trimReferences(o)
	}
	deleted := int64(0)
	for s.head < len(s.nodes) && !o.done(s) {
		live, _ := nodeCounts(s.nodes[s.head].lp)
		if o.limit > 0 && deleted+live > o.limit {
			break
		}
		if o.takesNode(s, s.head, live) {
			s.removeNode(s.head)
			s.length -= live
			deleted += live
			continue
		}
		if !o.approximate {
			deleted += s.trimHead(o)
		}
		break
	}
	if deleted > 0 {
		s.findFirst()
	}
	return deleted
}

// done says whether a trim by length has reached its aim.
func (o *trimOptions) done(s *Stream) bool { return o.by == trimByLength && s.length <= o.maxLength }

// takesNode says whether all of a node with so many live entries must go.
func (o *trimOptions) takesNode(s *Stream, node int, live int64) bool {
	if o.by == trimByLength {
		return s.length-live >= o.maxLength
	}
	w := streamWalk{s: s, node: node, reverse: true}
	w.enter()
	w.step()
	return w.id.less(o.minID)
}

// trimHead marks entries at the front of the first node as deleted.
func (s *Stream) trimHead(o *trimOptions) int64 {
	deleted := int64(0)
	s.own(&s.nodes[s.head])
	w := streamWalk{s: s, node: s.head}
	w.enter()
	for !o.done(s) && w.step() && (o.by == trimByLength || w.id.less(o.minID)) {
		if w.flags&entryDeleted == 0 {
			// The flags of an entry are one byte whatever they say, so nothing moves.
			listpack.ReplaceInt(w.lp, w.at, w.flags|entryDeleted)
			s.length--
			deleted++
		}
	}
	node := &s.nodes[s.head]
	had := cap(node.lp)
	node.lp = countDeleted(node.lp, deleted)
	s.edits++
	s.memory += int64(cap(node.lp) - had)
	if live, _ := nodeCounts(node.lp); live == 0 {
		s.removeNode(s.head)
	}
	return deleted
}

const (
	errTwoTrims    = "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
	errMaxLength   = "ERR The MAXLEN argument must be >= 0."
	errLimit       = "ERR The LIMIT argument must be >= 0."
	errLimitAlone  = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
	errLimitExact  = "ERR syntax error, LIMIT cannot be used without the special ~ option"
	errTrimNothing = "ERR syntax error, XTRIM must be called with a trimming strategy"
)

// trimOption reads the option at argument i if it is one of trimming, and returns the index behind it;
// i itself if it is another.
func (c *Ctx) trimOption(o *trimOptions, limited *bool, i int) (next int, ok bool) {
	switch {
	case c.referencesOption(&o.references, i):
		return i + 1, true
	case i+1 == len(c.Argv):
		return i, true
	case c.is(i, "MAXLEN"):
		return c.trimMeasure(o, trimByLength, i+1)
	case c.is(i, "MINID"):
		return c.trimMeasure(o, trimByID, i+1)
	case c.is(i, "LIMIT"):
		if o.limit, ok = c.int(i + 1); !ok {
			return i, false
		}
		if o.limit < 0 {
			c.Reply.Error(errLimit)
			return i, false
		}
		*limited = true
		return i + 2, true
	}
	return i, true
}

// trimMeasure reads [= | ~] and the length or id behind MAXLEN or MINID.
func (c *Ctx) trimMeasure(o *trimOptions, by trimBy, i int) (next int, ok bool) {
	if o.by != trimNone {
		c.Reply.Error(errTwoTrims)
		return i, false
	}
	o.by = by
	if i+1 < len(c.Argv) && (c.is(i, "~") || c.is(i, "=")) {
		o.approximate = c.is(i, "~")
		i++
	}
	if by == trimByID {
		o.minID, ok = c.streamID(i, 0)
		return i + 1, ok
	}
	if o.maxLength, ok = c.int(i); ok && o.maxLength < 0 {
		c.Reply.Error(errMaxLength)
		return i, false
	}
	return i + 1, ok
}

// Limits of the entries that an approximate trim takes unless LIMIT says otherwise.
const (
	defaultTrimLimit = 10_000
	maxTrimLimit     = 1_000_000
	trimLimitNodes   = 100
)

// checkTrim judges the options together, and limits an approximate trim's work. A log is obeyed: what
// it says was exact.
func (c *Ctx) checkTrim(o *trimOptions, limited, needed bool) bool {
	switch {
	case o.limit > 0 && o.by == trimNone:
		c.Reply.Error(errLimitAlone)
		return false
	case needed && o.by == trimNone:
		c.Reply.Error(errTrimNothing)
		return false
	case c.Client.has(flagReplay):
		o.limit = 0
	case limited && !o.approximate:
		c.Reply.Error(errLimitExact)
		return false
	case !limited && o.approximate:
		nodes := min(c.e.settings.streamMaxNodeEntries, math.MaxInt64/trimLimitNodes)
		o.limit = min(trimLimitNodes*nodes, maxTrimLimit)
		if o.limit <= 0 {
			o.limit = defaultTrimLimit
		}
	}
	return true
}

// xtrimCommand journals an approximate trim as what it came to: the length that is left.
func xtrimCommand(c *Ctx) {
	var o trimOptions
	limited := false
	for i := 2; i < len(c.Argv); {
		next, ok := c.trimOption(&o, &limited, i)
		if !ok {
			return
		}
		if next == i {
			c.syntaxError()
			return
		}
		i = next
	}
	if !c.checkTrim(&o, limited, true) {
		return
	}
	key := c.Argv[1]
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	deleted := s.trim(&o)
	if deleted > 0 {
		c.commit(s)
		c.propagateTrim(s, &o)
		c.Notify(notifyStream, "xtrim", key)
	}
	c.Reply.Int(deleted)
}

// propagateTrim journals an exact trim as it was asked for, another one as what it came to: the length that
// is left.
func (c *Ctx) propagateTrim(s *Stream, o *trimOptions) {
	switch key := c.Argv[1]; {
	case o.references.given():
		o.references.propagate(c, key, func() {
			c.Effect([]byte("XTRIM"), key, []byte("MAXLEN"), []byte("="), intBytes(s.length))
		})
	case o.approximate:
		c.Effect(c.Argv[0], key, []byte("MAXLEN"), []byte("="), intBytes(s.length))
	default:
		c.Propagate()
	}
}
