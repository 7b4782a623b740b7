//go:build !core

package engine

// more lists the families whose code the core build leaves out. Lists of one group do not stand side by side.
var more = [...]family{
	{"bitmap", bitmapCommands},
	{"cluster", clusterCommands},
	{"generic", sortCommands},
	{"geo", geoCommands},
	{"hash", newerHashCommands},
	{"hyperloglog", hllCommands},
	{"list", newerListCommands},
	{"string", lcsCommands},
	{"generic", waitCommands},
	{"scripting", scriptingCommands},
	{"generic", migrateCommands},
	{"server", aclCommands},
	{"server", commandlogCommands},
	{"server", debugCommands},
	{"server", latencyCommands},
	{"server", memoryCommands},
	{"server", slowlogCommands},
	{"set", newerSetCommands},
	{"server", replicationCommands},
	{"stream", newerStreamCommands},
	{"string", newerStringCommands},
}
