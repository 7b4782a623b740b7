package engine

import "math"

const operator = Admin | NoScript | Loading | Stale

var serverCommands = []Command{
	{
		Name: "BGREWRITEAOF", Flags: Admin | NoScript | NoAsyncLoading, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Asynchronously rewrites the append-only file to disk.",
		Example: `
> BGREWRITEAOF
Background append only file rewriting started`,
		Run: bgrewriteaofCommand,
	},
	{
		Name: "BGSAVE", Syntax: "[SCHEDULE | CANCEL]", Flags: Admin | NoScript | NoAsyncLoading, Since: "1.0.0",
		Complexity: "O(1)",
		Summary:    "Asynchronously saves the database(s) to disk.",
		Example: `
> BGSAVE
Background saving started`,
		Run: bgsaveCommand,
	},
	{
		Name: "COMMAND", Flags: Loading | Stale, Since: "2.8.13", Arity: -1, Categories: "connection",
		Complexity: "O(N) where N is the total number of Redis commands",
		Summary:    "Returns detailed information about all commands.",
		Subs:       commandSubcommands, Run: commandCommand,
	},
	{
		Name: "CONFIG", Since: "2.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for server configuration commands.",
		Subs:    configSubcommands,
	},
	{
		Name: "DBSIZE", Flags: ReadOnly | Fast, Since: "1.0.0", Complexity: "O(1)", Categories: "keyspace",
		Summary: "Returns the number of keys in the database.",
		Example: `
> SET greeting hello
OK
> DBSIZE
(integer) 1`,
		Run: func(c *Ctx) { c.Reply.Int(int64(c.DB.keys.Len())) },
	},
	{
		Name: "FLUSHALL", Syntax: "[ASYNC | SYNC]", Flags: Write, Since: "1.0.0",
		Complexity: "O(N) where N is the total number of keys in all databases", Categories: "keyspace dangerous",
		Summary: "Removes all keys from all databases.",
		Example: `
> SET greeting hello
OK
> FLUSHALL
OK
> DBSIZE
(integer) 0`,
		Run: flushallCommand,
	},
	{
		Name: "FLUSHDB", Syntax: "[ASYNC | SYNC]", Flags: Write, Since: "1.0.0",
		Complexity: "O(N) where N is the number of keys in the selected database", Categories: "keyspace dangerous",
		Summary: "Removes all keys from the current database.",
		Example: `
> SET greeting hello
OK
> FLUSHDB
OK
> DBSIZE
(integer) 0`,
		Run: flushdbCommand,
	},
	{
		Name: "INFO", Syntax: "[section [section ...]]", Flags: Loading | Stale, Since: "1.0.0", Complexity: "O(1)",
		Categories: "dangerous",
		Summary:    "Returns information and statistics about the server.",
		Example: `
> INFO cluster
"# Cluster\r\ncluster_enabled:0\r\n"`,
		Run: infoCommand,
	},
	{
		Name: "LASTSAVE", Flags: Loading | Stale | Fast, Since: "1.0.0", Complexity: "O(1)",
		Categories: "admin dangerous",
		Summary:    "Returns the Unix timestamp of the last successful save to disk.",
		Example: `
> LASTSAVE
(integer) 1700000000`,
		Run: func(c *Ctx) { c.Reply.Int(c.e.saves.last) },
	},
	{
		Name: "LOLWUT", Syntax: "[VERSION version]", Flags: ReadOnly | Fast, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Displays computer art and the server's version.",
		Example: `
> LOLWUT
"...Riffle ver. ..."`,
		Arity: -1, Run: lolwutCommand,
	},
	{
		Name: "MONITOR", Flags: operator, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Listens for all requests received by the server in real-time.",
		Example: `
> MONITOR
OK`,
		Run: monitorCommand,
	},
	{
		Name: "SAVE", Flags: Admin | NoScript | NoAsyncLoading | NoMulti, Since: "1.0.0",
		Complexity: "O(N) where N is the total number of keys in all databases",
		Summary:    "Synchronously saves the database(s) to disk.",
		Example: `
> SAVE
OK`,
		Run: saveCommand,
	},
	{
		Name: "SHUTDOWN", Syntax: "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]", Flags: operator | NoMulti | AllowBusy,
		Since: "1.0.0", Arity: -1, Complexity: "O(N) when saving, where N is the total number of keys in all databases",
		Summary: "Synchronously saves the database(s) to disk and shuts down the server.",
		Example: `
> SHUTDOWN ABORT
(error) ERR No shutdown in progress.`,
		Run: shutdownCommand,
	},
	{
		Name: "SWAPDB", Syntax: "index1 index2", Flags: Write | Fast, Since: "4.0.0",
		Categories: "keyspace dangerous",
		Complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.",
		Summary:    "Swaps two databases.",
		Example: `
> SET greeting hello
OK
> SWAPDB 0 1
OK
> GET greeting
(nil)`,
		Run: swapdbCommand,
	},
	{
		Name: "TIME", Flags: Loading | Stale | Fast, Since: "2.6.0", Complexity: "O(1)",
		Summary: "Returns the server time.",
		Example: `
> TIME
1) "1700000000"
2) "0"`,
		Run: func(c *Ctx) {
			c.Reply.Array(2)
			c.Reply.BulkInt(c.e.now / 1e6)
			c.Reply.BulkInt(c.e.now % 1e6)
		},
	},
}

// flushOption checks the one argument FLUSHALL and FLUSHDB may have. How fast memory is given back
// does not depend on it: dropping a keyspace takes no time here.
func (c *Ctx) flushOption() bool {
	if len(c.Argv) > 2 || len(c.Argv) == 2 && !c.is(1, "ASYNC") && !c.is(1, "SYNC") {
		c.syntaxError()
		return false
	}
	return true
}

func flushallCommand(c *Ctx) {
	if !c.flushOption() {
		return
	}
	for _, db := range c.e.dbs {
		c.e.flush(db)
	}
	c.e.invalidateAll()
	c.Propagate()
	c.Reply.OK()
}

func flushdbCommand(c *Ctx) {
	if !c.flushOption() {
		return
	}
	c.e.flush(c.DB)
	c.e.invalidateAll()
	c.Propagate()
	c.Reply.OK()
}

// flush drops all keys of a database. A snapshot that is being written keeps the old keyspace.
func (e *Engine) flush(db *DB) {
	if e.observers > 0 {
		e.spoilAll(db, nil)
	}
	e.renew(db)
	e.signalAll(db)
}

func swapdbCommand(c *Ctx) {
	first, ok := c.dbNumber(1, "ERR invalid first DB index")
	if !ok {
		return
	}
	second, ok := c.dbNumber(2, "ERR invalid second DB index")
	if !ok {
		return
	}
	n := int64(len(c.e.dbs))
	if first < 0 || first >= n || second < 0 || second >= n {
		c.Reply.Error(errDBIndex)
		return
	}
	if first != second {
		c.e.swap(c.e.dbs[first], c.e.dbs[second])
	}
	c.Propagate()
	c.Reply.OK()
}

// dbNumber reads argument i as a number of 32 bits; failure answers whatever else it is.
func (c *Ctx) dbNumber(i int, failure string) (n int64, ok bool) {
	if n, ok = c.intOr(i, failure); ok && n != int64(int32(n)) {
		c.Reply.Error(failure)
		return 0, false
	}
	return n, ok
}

// swap exchanges the data of two databases; who waits or watches stays with the number.
func (e *Engine) swap(a, b *DB) {
	if e.observers > 0 {
		e.spoilAll(a, b.keyspace)
		e.spoilAll(b, a.keyspace)
	}
	a.keyspace, b.keyspace = b.keyspace, a.keyspace
	e.signalAll(a)
	e.signalAll(b)
}

func saveCommand(c *Ctx) {
	if c.e.saves.began != 0 {
		c.Reply.Error(errSaveRuns)
		return
	}
	c.e.beginSave(RequestSave)
	c.await(RequestSave, "")
}

const (
	errSaveRuns    = "ERR Background save already in progress"
	errRewriteRuns = "ERR Background append only file rewriting already in progress"
	errNoSaveRuns  = "ERR Background saving is currently not in progress or scheduled"
	saveCancelled  = "Background saving cancelled"
)

func bgsaveCommand(c *Ctx) {
	switch {
	case len(c.Argv) == 2 && c.is(1, "CANCEL"):
		c.cancelSave()
		return
	case len(c.Argv) > 2 || len(c.Argv) == 2 && !c.is(1, "SCHEDULE"):
		c.syntaxError()
		return
	}
	if c.e.saves.began != 0 {
		c.Reply.Error(errSaveRuns)
		return
	}
	c.e.beginSave(RequestBackgroundSave)
	c.e.ask(RequestBackgroundSave, "", nil)
	c.Reply.Simple("Background saving started")
}

// cancelSave has the host give up the background snapshot that it writes, or is to write. A transaction cannot
// wait for it, and hears that it was asked for.
func (c *Ctx) cancelSave() {
	switch {
	case c.e.saves.began == 0 || !c.e.saves.behind:
		c.Reply.Error(errNoSaveRuns)
	case c.deny:
		c.e.ask(RequestCancelSave, "", nil)
		c.Reply.Simple(saveCancelled)
	default:
		c.await(RequestCancelSave, "")
	}
}

func bgrewriteaofCommand(c *Ctx) {
	if c.e.saves.rewrites {
		c.Reply.Error(errRewriteRuns)
		return
	}
	c.e.saves.rewrites = true
	c.e.ask(RequestRewrite, "", nil)
	c.Reply.Simple("Background append only file rewriting started")
}

func shutdownCommand(c *Ctx) {
	how, force := "", ""
	for i := 1; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "NOSAVE") && how == "":
			how = "nosave"
		case c.is(i, "SAVE") && how == "":
			how = "save"
		case c.is(i, "NOW"):
		case c.is(i, "FORCE"):
			force = " force"
		case c.is(i, "ABORT") && len(c.Argv) == 2:
			c.Reply.Error("ERR No shutdown in progress.")
			return
		default:
			c.syntaxError()
			return
		}
	}
	if c.e.yielding && how != "nosave" {
		c.Reply.Error(c.e.busyError())
		return
	}
	c.await(RequestShutdown, how+force)
}

func monitorCommand(c *Ctx) {
	if c.deny {
		c.Reply.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	if !c.Client.has(flagMonitor) {
		c.Client.set(flagMonitor, true)
		c.e.monitors = append(c.e.monitors, c.Client)
	}
	c.Reply.OK()
}

// lolwutCommand draws a riffle: shallow water over stones, the card player's way to shuffle.
func lolwutCommand(c *Ctx) {
	if !c.artArguments() {
		return
	}
	const columns, rows = 66, 9
	const water = " .-~=^"
	phase := c.e.random.Float64() * 6.28
	swell := 0.18 + c.e.random.Float64()*0.22
	text := make([]byte, 0, (columns+1)*rows+64)
	for y := 0; y < rows; y++ {
		for x := 0; x < columns; x++ {
			wave := math.Sin(float64(x)*swell+phase) + math.Sin(float64(x)*0.11-float64(y)*0.9+phase)
			depth := wave*1.2 + float64(y)*0.55 + c.e.random.Float64()*0.8
			text = append(text, water[min(max(int(depth), 0), len(water)-1)])
		}
		text = append(text, '\n')
	}
	text = append(text, "\nRiffle ver. "+Version+", speaks Redis "+referenceVersion+"\n"...)
	c.Reply.Verbatim("txt", string(text))
}

// artArguments reads a version and the measures of that version's drawing, which have to be numbers.
func (c *Ctx) artArguments() (ok bool) {
	if len(c.Argv) < 3 || !c.is(1, "VERSION") {
		return true
	}
	version, ok := c.int(2)
	measures := 0
	switch uint32(version) {
	case 5:
		measures = 3
	case 6:
		measures = 2
	}
	for i := 3; ok && i < min(3+measures, len(c.Argv)); i++ {
		_, ok = c.int(i)
	}
	return ok
}
