package main

import (
	"fmt"
	"io"
)

// missing lists what later servers of the field have and this one leaves out, with the reason.
var missing = []struct{ what, reason string }{
	{"AR... (18 commands of the array type, Redis 8.8)", "no other server could load a value of that type"},
	{"BACKUP (Redis 8.10)", "snapshots are the host's business"},
	{"HIMPORT (Redis 8.10)", "HSET for bulk loading, which pipelines do as well"},
	{"HOTKEYS (Redis 8.6)", "sampling of keys is not built"},
	{"COMMANDLOG (Valkey 8.1)", "SLOWLOG keeps slow commands; large requests and replies are not kept"},
	{"CLIENT CAPA, CLIENT IMPORT-SOURCE (Valkey 8)", "they are about redirection and import between servers"},
	{"CLIENT KILL and CLIENT LIST with Valkey's further filters (NAME, IDLE, NOT-...)", "not built"},
	{"ZUNION, ZINTER ... AGGREGATE COUNT (Redis 8.8); ZSCAN NOSCORES (Valkey 8)", "not built"},
	{"CLUSTERSCAN, TRIMSLOTS and the slot migrations (Redis 8.4, Valkey 9)", "there is one server"},
	{"MIGRATE, SYNC, PSYNC, REPLCONF, FAILOVER", "the engine opens no connection to another server"},
	{"JSON, search, time series, probabilistic types, vector sets", "modules of their own"},
}

// writeMissing appends the list to the reference.
func writeMissing(out io.Writer) {
	fmt.Fprintf(out, "\n## Left out\n\n| command | reason |\n| --- | --- |\n")
	for _, row := range missing {
		fmt.Fprintf(out, "| %s | %s |\n", row.what, row.reason)
	}
}
