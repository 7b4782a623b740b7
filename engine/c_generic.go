package engine

import "riffle/engine/glob"

// Commands on keys whatever they hold. c_generic_expire.go has when keys end, c_generic_move.go what
// hands a value from key to key, c_dump.go DUMP and RESTORE, c_sort.go SORT.

var genericCommands = []Command{
	{
		Name: "COPY", Syntax: "source destination [DB destination-db] [REPLACE]", Flags: Write | DenyOOM,
		Since:      "6.2.0",
		Complexity: "O(N) worst case for collections, where N is the number of nested items; O(1) for string values",
		Summary:    "Copies the value of a key to a new key.",
		Example: `
> SET sheep Dolly
OK
> COPY sheep clone
(integer) 1
> GET clone
"Dolly"`,
		Run: copyCommand,
	},
	{
		Name: "DEL", Syntax: "key [key ...]", Flags: Write, Since: "1.0.0",
		Complexity: "O(N), where N is the number of keys",
		Summary:    "Deletes one or more keys.",
		Example: `
> SET greeting hello
OK
> DEL greeting nothing
(integer) 1`,
		Run: delCommand,
	},
	{
		Name: "DUMP", Syntax: "key", Flags: ReadOnly, Since: "2.6.0",
		Complexity: "O(N), where N is the size of the value in bytes",
		Summary:    "Returns a serialized representation of the value stored at a key.",
		Example: `
> SET answer 42
OK
> DUMP answer
"\x00\xc0*\n\x00\x81\xfb\\\xfa\x86cOP"`,
		Run: dumpCommand,
	},
	{
		Name: "EXISTS", Syntax: "key [key ...]", Flags: ReadOnly | Fast, Since: "1.0.0",
		Complexity: "O(N) where N is the number of keys to check",
		Summary:    "Determines whether one or more keys exist.",
		Example: `
> SET greeting hello
OK
> EXISTS greeting nothing
(integer) 1
> EXISTS greeting greeting
(integer) 2`,
		Run: existsCommand,
	},
	{
		Name: "EXPIRE", Syntax: "key seconds [NX | XX | GT | LT]", Flags: Write | Fast, Since: "1.0.0",
		Complexity: "O(1)",
		Summary:    "Sets the expiration time of a key in seconds.",
		Example: `
> SET session 42
OK
> EXPIRE session 10
(integer) 1
> TTL session
(integer) 10
> EXPIRE session 5 GT
(integer) 0`,
		Run: expireCommand,
	},
	{
		Name: "EXPIREAT", Syntax: "key unix-time-seconds [NX | XX | GT | LT]", Flags: Write | Fast, Since: "1.2.0",
		Complexity: "O(1)",
		Summary:    "Sets the expiration time of a key to a Unix timestamp.",
		Example: `
> SET session 42
OK
> EXPIREAT session 33177117420
(integer) 1
> EXPIRETIME session
(integer) 33177117420`,
		Run: expireatCommand,
	},
	{
		Name: "EXPIRETIME", Syntax: "key", Flags: ReadOnly | Fast, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns the expiration time of a key as a Unix timestamp.",
		Example: `
> SET session 42 EXAT 33177117420
OK
> EXPIRETIME session
(integer) 33177117420`,
		Run: expiretimeCommand,
	},
	{
		Name: "KEYS", Syntax: "pattern", Flags: ReadOnly, Since: "1.0.0", Categories: "dangerous",
		Complexity: "O(N) with N being the number of keys in the database",
		Summary:    "Returns all key names that match a pattern.",
		Example: `
> MSET name Jack surname Stuntman age 35
OK
> KEYS a??
1) "age"`,
		Run: keysCommand,
	},
	{
		Name: "MOVE", Syntax: "key db", Flags: Write | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Moves a key to another database.",
		Example: `
> SET greeting hello
OK
> MOVE greeting 1
(integer) 1
> EXISTS greeting
(integer) 0`,
		Run: moveCommand,
	},
	{
		Name: "OBJECT", Since: "2.2.3", Complexity: "Depends on subcommand.",
		Summary: "A container for object introspection commands.",
		Subs:    objectSubcommands,
	},
	{
		Name: "PERSIST", Syntax: "key", Flags: Write | Fast, Since: "2.2.0", Complexity: "O(1)",
		Summary: "Removes the expiration time of a key.",
		Example: `
> SET session 42 EX 10
OK
> PERSIST session
(integer) 1
> TTL session
(integer) -1`,
		Run: persistCommand,
	},
	{
		Name: "PEXPIRE", Syntax: "key milliseconds [NX | XX | GT | LT]", Flags: Write | Fast, Since: "2.6.0",
		Complexity: "O(1)",
		Summary:    "Sets the expiration time of a key in milliseconds.",
		Example: `
> SET session 42
OK
> PEXPIRE session 1500
(integer) 1
> PTTL session
(integer) 1500`,
		Run: pexpireCommand,
	},
	{
		Name: "PEXPIREAT", Syntax: "key unix-time-milliseconds [NX | XX | GT | LT]", Flags: Write | Fast,
		Since: "2.6.0", Complexity: "O(1)",
		Summary: "Sets the expiration time of a key to a Unix milliseconds timestamp.",
		Example: `
> SET session 42
OK
> PEXPIREAT session 33177117420000
(integer) 1
> PEXPIRETIME session
(integer) 33177117420000`,
		Run: pexpireatCommand,
	},
	{
		Name: "PEXPIRETIME", Syntax: "key", Flags: ReadOnly | Fast, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns the expiration time of a key as a Unix milliseconds timestamp.",
		Example: `
> SET session 42 PXAT 33177117420000
OK
> PEXPIRETIME session
(integer) 33177117420000`,
		Run: pexpiretimeCommand,
	},
	{
		Name: "PTTL", Syntax: "key", Flags: ReadOnly | Fast, Since: "2.6.0", Complexity: "O(1)",
		Summary: "Returns the expiration time in milliseconds of a key.",
		Example: `
> SET session 42 EX 1
OK
> PTTL session
(integer) 1000
> PTTL nothing
(integer) -2`,
		Run: pttlCommand,
	},
	{
		Name: "RANDOMKEY", Flags: ReadOnly, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns a random key name from the database.",
		Example: `
> SET greeting hello
OK
> RANDOMKEY
"greeting"`,
		Run: randomkeyCommand,
	},
	{
		Name: "RENAME", Syntax: "key newkey", Flags: Write, Since: "1.0.0",
		Complexity: "O(1), whatever the keys hold",
		Summary:    "Renames a key and overwrites the destination.",
		Example: `
> SET draft hello
OK
> RENAME draft letter
OK
> GET letter
"hello"`,
		Run: renameCommand,
	},
	{
		Name: "RENAMENX", Syntax: "key newkey", Flags: Write | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Renames a key only when the target key name doesn't exist.",
		Example: `
> MSET draft hello letter bye
OK
> RENAMENX draft letter
(integer) 0
> GET letter
"bye"`,
		Run: renamenxCommand,
	},
	{
		Name: "RESTORE", Syntax: "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
		Flags: Write | DenyOOM, Since: "2.6.0", Categories: "dangerous",
		Complexity: "O(N), where N is the size of the value in bytes",
		Summary:    "Creates a key from the serialized representation of a value.",
		Example: `
> RESTORE answer 0 "\x00\xc0*\n\x00\x81\xfb\\\xfa\x86cOP"
OK
> GET answer
"42"`,
		Run: restoreCommand,
	},
	{
		Name: "SCAN", Syntax: "cursor [MATCH pattern] [COUNT count] [TYPE type]", Flags: ReadOnly, Since: "2.8.0",
		Complexity: "O(1) for every call. O(N) for a complete iteration, where N is the number of keys",
		Summary:    "Iterates over the key names in the database.",
		Example: `
> MSET user:1 ann
OK
> SCAN 0 MATCH user:*
1) "0"
2) 1) "user:1"`,
		Run: scanCommand,
	},
	{
		Name: "TOUCH", Syntax: "key [key ...]", Flags: ReadOnly | Fast, Since: "3.2.1",
		Complexity: "O(N) where N is the number of keys that will be touched",
		Summary: "Returns the number of existing keys out of those specified after updating the time they were" +
			" last accessed.",
		Example: `
> SET greeting hello
OK
> TOUCH greeting nothing
(integer) 1`,
		Run: touchCommand,
	},
	{
		Name: "TTL", Syntax: "key", Flags: ReadOnly | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns the expiration time in seconds of a key.",
		Example: `
> SET session 42 EX 10
OK
> TTL session
(integer) 10`,
		Run: ttlCommand,
	},
	{
		Name: "TYPE", Syntax: "key", Flags: ReadOnly | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Determines the type of value stored at a key.",
		Example: `
> SET greeting hello
OK
> TYPE greeting
string`,
		Run: typeCommand,
	},
	{
		Name: "UNLINK", Syntax: "key [key ...]", Flags: Write | Fast, Since: "4.0.0",
		Complexity: "O(1) for each key",
		Summary:    "Asynchronously deletes one or more keys.",
		Example: `
> SET greeting hello
OK
> UNLINK greeting nothing
(integer) 1`,
		Run: delCommand,
	},
}

var objectSubcommands = []Command{
	{
		Name: "ENCODING", Syntax: "key", Flags: ReadOnly, Since: "2.2.3", Complexity: "O(1)",
		Summary: "Returns the internal encoding of a value.",
		Example: `
> SET answer 42
OK
> OBJECT ENCODING answer
"int"`,
		Run: objectEncoding,
	},
	{
		Name: "FREQ", Syntax: "key", Flags: ReadOnly, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns the logarithmic access frequency counter of a value.",
		Example: `
> OBJECT FREQ nothing
(nil)`,
		Run: objectFreq,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> OBJECT HELP
 1) OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(objectHelp) },
	},
	{
		Name: "IDLETIME", Syntax: "key", Flags: ReadOnly, Since: "2.2.3", Complexity: "O(1)",
		Summary: "Returns the time in seconds since the last access to a value.",
		Example: `
> SET greeting hello
OK
> OBJECT IDLETIME greeting
(integer) 0`,
		Run: objectIdletime,
	},
	{
		Name: "REFCOUNT", Syntax: "key", Flags: ReadOnly, Since: "2.2.3", Complexity: "O(1)",
		Summary: "Returns the reference count of a value.",
		Example: `
> SET greeting hello
OK
> OBJECT REFCOUNT greeting
(integer) 1`,
		Run: objectRefcount,
	},
}

func delCommand(c *Ctx) {
	deleted := int64(0)
	for _, key := range c.Argv[1:] {
		if ref := c.findWrite(key); ref != 0 {
			c.remove(key, ref)
			c.Notify(notifyGeneric, "del", key)
			deleted++
		}
	}
	if deleted > 0 {
		c.Propagate() // deleting a key that is not there changes nothing in a replay either
	}
	c.Reply.Int(deleted)
}

func existsCommand(c *Ctx) {
	found := int64(0)
	for _, key := range c.Argv[1:] {
		if c.glance(key) != 0 {
			found++
		}
	}
	c.Reply.Int(found)
}

func touchCommand(c *Ctx) {
	found := int64(0)
	for _, key := range c.Argv[1:] {
		if c.find(key) != 0 {
			found++
		}
	}
	c.Reply.Int(found)
}

func typeCommand(c *Ctx) {
	ref := c.glance(c.Argv[1])
	if ref == 0 {
		c.Reply.Simple("none")
		return
	}
	c.Reply.Simple(kinds[c.DB.kind(ref)].name)
}

func keysCommand(c *Ctx) {
	pattern := c.Argv[1]
	all := string(pattern) == "*" // the pattern's star alone would not match the empty name
	mark, count := c.Reply.Later(), 0
	walk := c.DB.keys.Iter()
	for ref := walk.Next(); ref != 0; ref = walk.Next() {
		key := c.DB.keys.Key(ref)
		if (all || glob.Match(pattern, key, false)) && !c.e.expired(c.DB, ref) {
			c.Reply.Bulk(key)
			count++
		}
	}
	c.Reply.ArrayAt(mark, count)
}

func randomkeyCommand(c *Ctx) {
	for {
		ref := c.DB.keys.Random(c.e.random.Uint64)
		if ref == 0 {
			c.Reply.Null()
			return
		}
		if !c.e.expired(c.DB, ref) {
			c.Reply.Bulk(c.DB.keys.Key(ref))
			return
		}
		c.e.expire(c.DB, ref)
	}
}

func scanCommand(c *Ctx) {
	cursor, ok := c.scanCursor(1)
	if !ok {
		return
	}
	o, ok := c.scanOptions(2, scanType)
	if !ok {
		return
	}
	kind := lowerString(string(o.kind))
	refs, next := o.page(c.DB.keys, cursor)
	mark, count := c.scanReply(next), 0
	for _, ref := range refs {
		key := c.DB.keys.Key(ref)
		if !o.wants(key) {
			continue
		}
		if c.e.expired(c.DB, ref) {
			c.e.expire(c.DB, ref)
			continue
		}
		if o.kind != nil && kind != kinds[c.DB.kind(ref)].name {
			continue
		}
		c.Reply.Bulk(key)
		count++
	}
	c.Reply.ArrayAt(mark, count)
}

var objectHelp = []string{
	"ENCODING <key>",
	"    Return the kind of internal representation used in order to store the value",
	"    associated with a <key>.",
	"FREQ <key>",
	"    Return the access frequency index of the <key>. The returned integer is",
	"    proportional to the logarithm of the recent access frequency of the key.",
	"IDLETIME <key>",
	"    Return the idle time of the <key>, that is the approximated number of",
	"    seconds elapsed since the last access to the key.",
	"REFCOUNT <key>",
	"    Return the number of references of the value associated with the specified",
	"    <key>.",
}

func objectEncoding(c *Ctx) {
	ref := c.look(c.Argv[2])
	if ref == 0 {
		c.Reply.Null()
		return
	}
	c.Reply.BulkString(c.DB.open(ref, &c.e.views).Encoding())
}

const adjustsSlowly = " not tracked. Please note that when switching between policies at runtime LRU and LFU data " +
	"will take some time to adjust."

func objectFreq(c *Ctx) {
	ref := c.look(c.Argv[2])
	switch {
	case ref == 0:
		c.Reply.Null()
	case !c.e.settings.countsUse:
		c.Reply.Error("ERR An LFU maxmemory policy is not selected, access frequency" + adjustsSlowly)
	default:
		c.Reply.Int(int64(c.e.useCount(c.DB.keyspace, ref)))
	}
}

func objectIdletime(c *Ctx) {
	ref := c.look(c.Argv[2])
	switch {
	case ref == 0:
		c.Reply.Null()
	case c.e.settings.countsUse:
		c.Reply.Error("ERR An LFU maxmemory policy is selected, idle time" + adjustsSlowly)
	default:
		c.Reply.Int(int64(c.e.idleSeconds(c.DB.keyspace, ref)))
	}
}

// objectRefcount answers 1: values are never shared.
func objectRefcount(c *Ctx) {
	if c.look(c.Argv[2]) == 0 {
		c.Reply.Null()
		return
	}
	c.Reply.Int(1)
}
