package engine

import (
	"riffle/engine/dict"
	"riffle/engine/hll"
)

// HyperLogLogs are strings, which the commands here read as sketches (see hll): GET returns a sketch and
// SET brings it back. They are changed in their blocks.

const (
	errNoSketch      = "WRONGTYPE Key is not a valid HyperLogLog string value."
	errCorruptSketch = "INVALIDOBJ Corrupted HLL object detected"
)

// sketch returns the sketch under a key for reading, nil if there is none: a view, good until the key
// changes.
func (c *Ctx) sketch(key []byte) (sketch []byte, ok bool) {
	text, ok := c.getString(key)
	if ok && text != nil && !hll.Valid(text) {
		c.Reply.Error(errNoSketch)
		return nil, false
	}
	return text, ok
}

// sketchForWrite is sketch for a command that may change it, in place and up to its cap, and then gives it
// to putSketch.
func (c *Ctx) sketchForWrite(key []byte) (ref dict.Ref, sketch []byte, ok bool) {
	ref, ok = c.findString(key)
	if !ok || ref == 0 {
		return 0, nil, ok
	}
	if sketch = c.DB.payload(ref); !hll.Valid(sketch) {
		c.Reply.Error(errNoSketch)
		return 0, nil, false
	}
	return ref, sketch, true
}

// putSketch stores a changed sketch, whose cardinality is out of date, and keeps the key's expiry. The
// command that did it is the effect.
func (c *Ctx) putSketch(key []byte, ref dict.Ref, sketch []byte) {
	hll.Invalidate(sketch)
	c.storeSketch(key, ref, sketch)
	c.Notify(notifyString, "pfadd", key)
}

func (c *Ctx) storeSketch(key []byte, ref dict.Ref, sketch []byte) {
	c.DB.putBlob(key, ref, c.stringMeta(formRaw, ref), sketch)
	c.e.changed(c.DB, key)
	if ref == 0 {
		c.Notify(notifyNew, "new", key)
	}
	c.Propagate()
}

func pfaddCommand(c *Ctx) {
	key := c.Argv[1]
	ref, sketch, ok := c.sketchForWrite(key)
	if !ok {
		return
	}
	updated := ref == 0
	if updated {
		sketch = hll.New()
	}
	var err error
	for _, element := range c.Argv[2:] {
		var changed bool
		if sketch, changed, err = hll.Add(sketch, element, c.e.settings.hllMaxSparse); err != nil {
			break
		}
		updated = updated || changed
	}
	if updated {
		c.putSketch(key, ref, sketch)
	}
	if err != nil {
		c.Reply.Error(errCorruptSketch)
		return
	}
	c.Reply.Int(boolInt(updated))
}

func pfcountCommand(c *Ctx) {
	if len(c.Argv) > 2 {
		c.pfcountUnion()
		return
	}
	key := c.Argv[1]
	sketch, ok := c.sketch(key)
	if !ok {
		return
	}
	if sketch == nil {
		c.Reply.Int(0)
		return
	}
	cardinality, ok := hll.Cached(sketch)
	if !ok {
		var err error
		if cardinality, err = hll.Count(sketch); err != nil {
			c.Reply.Error(errCorruptSketch)
			return
		}
		c.rememberCardinality(key, cardinality)
	}
	c.Reply.Int(int64(cardinality))
}

// rememberCardinality notes in a sketch what was counted, which makes PFCOUNT a write: it is journalled,
// so that replay has the same bytes, and left undone while writes are refused.
func (c *Ctx) rememberCardinality(key []byte, cardinality uint64) {
	if c.e.refusal != "" {
		return
	}
	ref := c.findWrite(key)
	sketch := c.DB.payload(ref)
	hll.Cache(sketch, cardinality)
	c.storeSketch(key, ref, sketch)
}

func (c *Ctx) pfcountUnion() {
	var union hll.Union
	if _, ok := c.mergeSketches(&union, c.Argv[1:]); ok {
		c.Reply.Int(int64(union.Count()))
	}
}

// mergeSketches merges what is under the keys and tells whether a dense sketch was among it.
func (c *Ctx) mergeSketches(union *hll.Union, keys [][]byte) (anyDense, ok bool) {
	for _, key := range keys {
		sketch, ok := c.sketch(key)
		if !ok {
			return false, false
		}
		if sketch == nil {
			continue
		}
		anyDense = anyDense || hll.IsDense(sketch)
		if union.Merge(sketch) != nil {
			c.Reply.Error(errCorruptSketch)
			return false, false
		}
	}
	return anyDense, true
}

func pfmergeCommand(c *Ctx) {
	key := c.Argv[1]
	var union hll.Union
	anyDense, ok := c.mergeSketches(&union, c.Argv[1:])
	if !ok {
		return
	}
	ref, sketch, _ := c.sketchForWrite(key) // which was merged, so that it is a sketch, and whole
	if ref == 0 {
		sketch = hll.New()
	}
	var err error
	if anyDense {
		sketch, err = hll.Dense(sketch)
	}
	for register, value := range union[:] {
		if value > 0 && err == nil {
			sketch, _, err = hll.Set(sketch, register, value, c.e.settings.hllMaxSparse)
		}
	}
	c.putSketch(key, ref, sketch)
	c.Reply.OK()
}

// pfselftestCommand sets every register of a dense sketch and reads all back, which neighbours that share a
// byte could spoil.
func pfselftestCommand(c *Ctx) {
	var want hll.Union
	sketch, _ := hll.Dense(hll.New())
	for round := range 3 {
		for i := range want {
			want[i] = max(want[i], byte((i*7+i>>5)*(round+1))&63)
			sketch, _, _ = hll.Set(sketch, i, want[i], 0)
		}
		failed := false
		_ = hll.EachRegister(sketch, func(i int, value byte) { failed = failed || value != want[i] })
		if failed {
			c.Reply.Error("TESTFAILED A register is not what it was set to")
			return
		}
	}
	c.Reply.OK()
}

func pfdebugCommand(c *Ctx) {
	key := c.Argv[2]
	ref, sketch, ok := c.sketchForWrite(key)
	switch {
	case !ok:
	case ref == 0:
		c.Reply.Error("ERR The specified key does not exist")
	case c.is(1, "GETREG"):
		if sketch, ok = c.makeDense(key, ref, sketch); ok {
			c.Reply.Array(hll.Registers)
			_ = hll.EachRegister(sketch, func(_ int, value byte) { c.Reply.Int(int64(value)) })
		}
	case c.is(1, "DECODE"):
		if hll.IsDense(sketch) {
			c.Reply.Error("ERR HLL encoding is not sparse")
			return
		}
		c.Reply.Bulk(hll.AppendRuns(nil, sketch))
	case c.is(1, "ENCODING"):
		c.Reply.Simple([2]string{"sparse", "dense"}[boolInt(hll.IsDense(sketch))])
	case c.is(1, "TODENSE"):
		wasDense := hll.IsDense(sketch)
		if _, ok = c.makeDense(key, ref, sketch); ok {
			c.Reply.Int(boolInt(!wasDense))
		}
	default:
		c.Reply.Error("ERR Unknown PFDEBUG subcommand '" + clip(c.Argv[1], maxShownName) + "'")
	}
}

// makeDense makes the sketch under a key dense, if it is not.
func (c *Ctx) makeDense(key []byte, ref dict.Ref, sketch []byte) (whole []byte, ok bool) {
	if hll.IsDense(sketch) {
		return sketch, true
	}
	whole, err := hll.Dense(sketch)
	if err != nil {
		c.Reply.Error(errCorruptSketch)
		return nil, false
	}
	c.storeSketch(key, ref, whole)
	return whole, true
}

var hllCommands = []Command{
	{
		Name: "PFADD", Syntax: "key [element [element ...]]", Flags: Write | DenyOOM | Fast, Since: "2.8.9",
		Complexity: "O(1) for each element added",
		Summary:    "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
		Example: `
> PFADD visitors alice bob carol
(integer) 1
> PFADD visitors bob
(integer) 0
> PFCOUNT visitors
(integer) 3`,
		Run: pfaddCommand,
	},
	{
		Name: "PFCOUNT", Syntax: "key [key ...]", Flags: ReadOnly | MayReplicate, Since: "2.8.9",
		Complexity: "O(1) for one key, O(N) for N keys, each a merge of 16384 registers",
		Summary:    "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).",
		Example: `
> PFADD monday alice bob
(integer) 1
> PFADD tuesday bob carol
(integer) 1
> PFCOUNT monday tuesday
(integer) 3`,
		Run: pfcountCommand,
	},
	{
		Name: "PFDEBUG", Syntax: "subcommand key", Flags: Write | DenyOOM | Admin, Since: "2.8.9",
		Complexity: "N/A", Summary: "Internal commands for debugging HyperLogLog values.",
		Example: `
> PFADD visitors alice
(integer) 1
> PFDEBUG ENCODING visitors
sparse
> PFDEBUG DECODE visitors
"Z:1341 v:6,1 Z:15042"`,
		Run: pfdebugCommand,
	},
	{
		Name: "PFMERGE", Syntax: "destkey [sourcekey [sourcekey ...]]", Flags: Write | DenyOOM, Since: "2.8.9",
		Complexity: "O(N) to merge N HyperLogLogs, but with high constant times",
		Summary:    "Merges one or more HyperLogLog values into a single key.",
		Example: `
> PFADD monday alice bob
(integer) 1
> PFADD tuesday bob carol
(integer) 1
> PFMERGE both monday tuesday
OK
> PFCOUNT both
(integer) 3`,
		Run: pfmergeCommand,
	},
	{
		Name: "PFSELFTEST", Flags: Admin, Since: "2.8.9", Complexity: "N/A",
		Summary: "An internal command for testing HyperLogLog values.",
		Example: `
> PFSELFTEST
OK`,
		Run: pfselftestCommand,
	},
}
