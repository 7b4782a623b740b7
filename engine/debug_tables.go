package engine

import (
	"riffle/engine/dict"
	"riffle/engine/num"
)

// What DEBUG tells of tables and listpacks, in words of its own: they are not the reference's.

// tableText describes a hash table.
func tableText(name string, table *dict.Dict) string {
	return "[" + name + "]\nkeys: " + itoa(int64(table.Len())) + "\nbytes: " + itoa(table.Size()) +
		"\nbytes free in pages: " + itoa(table.Idle()) + "\n"
}

func debugTables(c *Ctx) {
	id, ok := c.int(2)
	if !ok {
		return
	}
	if id < 0 || id >= int64(len(c.e.dbs)) {
		c.Reply.Error("ERR Out of range database")
		return
	}
	db := c.e.dbs[id]
	c.Reply.Verbatim("txt", tableText("Keys", db.keys)+"[Expires]\nkeys: "+itoa(int64(db.expires.Len()))+
		"\nbytes: "+itoa(db.expires.Size())+"\n")
}

// debugTable describes the table of a large hash, set or sorted set.
func debugTable(c *Ctx) {
	ref := c.peek(c.Argv[2])
	if ref == 0 {
		c.Reply.Error(errNoSuchKey)
		return
	}
	value, ok := c.DB.open(ref, &c.e.views).(tabled)
	if !ok || value.members() == nil {
		c.Reply.Error("ERR The value stored at the specified key is not represented using an hash table")
		return
	}
	c.Reply.Verbatim("txt", tableText("Members", value.members()))
}

// debugPacked describes a value that lies in one piece.
func debugPacked(c *Ctx) {
	ref := c.peek(c.Argv[2])
	if ref == 0 {
		c.Reply.Error(errNoSuchKey)
		return
	}
	value := c.DB.open(ref, &c.e.views)
	_, blob, packed := value.Pack()
	if !packed || value.Encoding() != "listpack" {
		c.Reply.Error("ERR Not a listpack encoded object.")
		return
	}
	c.Reply.Simple("Listpack of " + itoa(int64(len(blob))) + " bytes")
}

// debugPackedThreshold checks its argument and changes nothing: a list's nodes are chosen by bytes alone.
func debugPackedThreshold(c *Ctx) {
	bytes, ok := num.ParseMemory(c.Argv[2])
	if !ok || bytes < 0 || bytes >= 4<<30 {
		c.Reply.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
		return
	}
	c.Reply.OK()
}

// debugCrash refuses what would end the server: a browser's page has nobody to start it again.
func debugCrash(c *Ctx) { c.Reply.Error("ERR This server does not crash on request") }
