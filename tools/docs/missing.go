package main

import (
	"fmt"
	"io"
	"strings"

	"riffle/engine"
)

// absent lists the commands that later servers of the field have and this one leaves out, by group, with the
// reason.
var absent = []struct{ group, names, since, reason string }{
	{"array", "ARCOUNT, ARDEL, ARDELRANGE, ARGET, ARGETRANGE, ARGREP, ARINFO, ARINSERT, ARLASTITEMS, ARLEN, " +
		"ARMGET, ARMSET, ARNEXT, AROP, ARRING, ARSCAN, ARSEEK, ARSET", "Redis 8.8",
		"a type that no other server could load"},
	{"cluster", "CLUSTER SYNCSLOTS, CLUSTERSCAN", "Redis 8.4, Valkey 9",
		"between the nodes of a cluster; there is one server"},
	{"connection", "CLIENT IMPORT-SOURCE", "Valkey 8.1", "for the import of keys from a server of another make"},
	{"hash", "HIMPORT, HIMPORT DISCARD, HIMPORT DISCARDALL, HIMPORT PREPARE, HIMPORT SET", "Redis 8.10",
		"HSET for bulk loading, which pipelines do as well"},
	{"server", "BACKUP, BACKUP ABORT, BACKUP CLEANUP, BACKUP HELP, BACKUP LIST, BACKUP SEAL, BACKUP START, " +
		"BACKUP STATUS", "Redis 8.10", "snapshots are the host's business"},
	{"server", "HOTKEYS, HOTKEYS GET, HOTKEYS HELP, HOTKEYS RESET, HOTKEYS START, HOTKEYS STOP", "Redis 8.6",
		"nobody watches which keys are asked for most"},
	{"server", "TRIMSLOTS", "Redis 8.4", "between the nodes of a cluster; there is one server"},
}

// absentOptions lists what is left out of commands that are there, and kinds of data.
var absentOptions = []struct{ what, reason string }{
	{"DEBUG RELOAD NOSAVE", "the engine has no file; a server loads its own when it starts"},
	{"REPLICAOF, FAILOVER, SYNC, PSYNC, REPLCONF", "they are there, and say that this server replicates nothing yet"},
	{"CLUSTER ..., ASKING, READONLY, READWRITE", "they are there, and say that this server is no node of a cluster"},
	{"MODULE LOAD, LOADEX, UNLOAD", "they are there, and say that modules may not be loaded"},
	{"JSON, search, time series, probabilistic types, vector sets", "modules of their own"},
}

// groupCount is how many commands and sub-commands of a group are there, and how many are left out.
type groupCount struct {
	group         string
	there, absent int
}

// countGroups counts by group, in the order in which the groups appear.
func countGroups() (counts []groupCount) {
	of := func(group string) *groupCount {
		for i := range counts {
			if counts[i].group == group {
				return &counts[i]
			}
		}
		counts = append(counts, groupCount{group: group})
		return &counts[len(counts)-1]
	}
	engine.EachCommand(func(_, group string, _ *engine.Command) { of(group).there++ })
	for _, row := range absent {
		of(row.group).absent += len(strings.Split(row.names, ", "))
	}
	return counts
}

// writeCounts writes the table of what is there out of what the field has.
func writeCounts(out io.Writer) {
	fmt.Fprintf(out, "\nCommands and sub-commands here, out of those of Redis up to 8.10 and Valkey up to 9.1, "+
		"without modules:\n\n| group | here | of |\n| --- | ---: | ---: |\n")
	here, all := 0, 0
	for _, count := range countGroups() {
		fmt.Fprintf(out, "| %s | %d | %d |\n", count.group, count.there, count.there+count.absent)
		here += count.there
		all += count.there + count.absent
	}
	fmt.Fprintf(out, "| all | %d | %d |\n", here, all)
}

// writeMissing appends the list to the reference.
func writeMissing(out io.Writer) {
	fmt.Fprintf(out, "\n## Left out\n\n| command | since | reason |\n| --- | --- | --- |\n")
	for _, row := range absent {
		fmt.Fprintf(out, "| %s | %s | %s |\n", row.names, row.since, row.reason)
	}
	for _, row := range absentOptions {
		fmt.Fprintf(out, "| %s | | %s |\n", row.what, row.reason)
	}
}
