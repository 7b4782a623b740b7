package engine

// runsInsideMulti marks the commands that are carried out at once between MULTI and EXEC.
const runsInsideMulti Flags = 1 << 31

// multiState is the transaction that a client is putting together.
type multiState struct {
	requests []queued
	aborted  bool  // a request was refused while queueing
	flags    Flags // of all queued commands
}

type queued struct {
	argv [][]byte
	cmd  *entry
}

func (m *multiState) queue(argv [][]byte, cmd *entry) {
	if m.aborted {
		return // nothing of it will run: do not hold memory for it
	}
	m.requests = append(m.requests, queued{cloneArgs(argv), cmd})
	m.flags |= cmd.Flags
}

var transactionCommands = []Command{
	{
		Name: "DISCARD", Flags: NoScript | Loading | Stale | Fast | AllowBusy | runsInsideMulti, Since: "2.0.0",
		Complexity: "O(N), when N is the number of queued commands",
		Summary:    "Discards a transaction.",
		Example: `
> MULTI
OK
> SET greeting hello
QUEUED
> DISCARD
OK
> GET greeting
(nil)`,
		Run: discardCommand,
	},
	{
		Name: "EXEC", Flags: NoScript | Loading | Stale | SkipSlowlog | runsInsideMulti, Since: "1.2.0",
		Complexity: "Depends on commands in the transaction",
		Summary:    "Executes all commands in a transaction.",
		Example: `
> MULTI
OK
> INCR visits
QUEUED
> EXEC
1) (integer) 1`,
		Run: execCommand,
	},
	{
		Name: "MULTI", Flags: NoScript | Loading | Stale | Fast | AllowBusy | runsInsideMulti, Since: "1.2.0",
		Complexity: "O(1)",
		Summary:    "Starts a transaction.",
		Example: `
> MULTI
OK
> SET greeting hello
QUEUED
> EXEC
1) OK`,
		Run: multiCommand,
	},
	{
		Name: "UNWATCH", Flags: NoScript | Loading | Stale | Fast | AllowBusy, Since: "2.2.0", Complexity: "O(1)",
		Summary: "Forgets about watched keys of a transaction.",
		Example: `
> WATCH stock
OK
> UNWATCH
OK`,
		Run: unwatchCommand,
	},
	{
		Name: "WATCH", Syntax: "key [key ...]", Flags: NoScript | Loading | Stale | Fast | AllowBusy | runsInsideMulti,
		Since: "2.2.0", Complexity: "O(1) for every key.",
		Summary: "Monitors changes to keys to determine the execution of a transaction.",
		Example: `
> SET stock 10
OK
> WATCH stock
OK
> SET stock 9
OK
> MULTI
OK
> DECR stock
QUEUED
> EXEC
(nil)`,
		Run: watchCommand,
	},
}

func multiCommand(c *Ctx) {
	if c.Client.multi != nil {
		c.Reply.Error(errNestedMulti)
		return
	}
	c.Client.multi = &multiState{}
	c.Reply.OK()
}

func discardCommand(c *Ctx) {
	if c.Client.multi == nil {
		c.Reply.Error(errDiscardNoMulti)
		return
	}
	c.e.discard(c.Client)
	c.Reply.OK()
}

// discard ends a transaction without running it.
func (e *Engine) discard(c *Client) {
	c.multi = nil
	e.unwatch(c)
}

func watchCommand(c *Ctx) {
	if c.Client.multi != nil {
		c.Reply.Error(errWatchInMulti)
		return
	}
	if !c.Client.has(flagDirty) {
		for _, key := range c.Argv[1:] {
			c.e.watchKey(c.Client, c.DB, key)
		}
	}
	c.Reply.OK()
}

func unwatchCommand(c *Ctx) {
	c.e.unwatch(c.Client)
	c.Reply.OK()
}

// execCommand runs the queued requests as one unit. Refusals while queueing abort it, run-time errors
// do not undo anything.
func execCommand(c *Ctx) {
	client, multi := c.Client, c.Client.multi
	if multi == nil {
		c.Reply.Error(errExecNoMulti)
		return
	}
	spoilt := client.has(flagDirty) || c.e.watchExpired(client)
	c.e.discard(client)
	switch {
	case multi.aborted:
		c.Reply.Error(errExecAbort)
	case spoilt:
		c.Reply.NullArray()
	default:
		c.e.executeQueue(c, multi)
	}
}

func (e *Engine) executeQueue(c *Ctx, multi *multiState) {
	outer := *c
	c.Reply.Array(len(multi.requests))
	for _, q := range multi.requests {
		inner := e.context(outer.Client, q.argv, q.cmd)
		inner.deny = true
		if refusal := e.refuseQueued(outer.Client, q.cmd, q.argv); refusal != "" {
			c.Reply.Error(refusal)
			continue
		}
		e.call(inner)
	}
	*c = outer
}
