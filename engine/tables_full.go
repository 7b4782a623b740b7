//go:build !core

package engine

// more lists the families whose code the core build leaves out.
var more = [...]family{
	{"bitmap", bitmapCommands},
	{"geo", geoCommands},
	{"hyperloglog", hllCommands},
}
