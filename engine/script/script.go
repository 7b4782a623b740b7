// Package script is what the engine and an interpreter of scripts agree on. The engine knows scripts by their
// text, lets their commands in and keeps their effects together; the interpreter (riffle/engine/lua)
// runs them. A host gives the engine an interpreter in its Config or leaves it out, so that a build without
// scripts stays small.
package script

// Interpreter runs scripts and the functions of libraries. It is used by one goroutine at a time.
type Interpreter interface {
	// Compile prepares the body of a script, which errors are about under the name chunk. problem is the
	// compiler's complaint, or empty.
	Compile(body []byte) (program any, problem string)
	// Library runs a library's code once, so that it registers its functions.
	Library(code []byte, host Host) (functions []Function, problem string)
	// Run runs a program that Compile has made, or a Function's.
	Run(call *Call)
}

// Function is one function of a library.
type Function struct {
	Name        string
	Description string
	Described   bool
	Flags       Flags
	Program     any // for Call
}

// Call is one run of a script or a function.
type Call struct {
	Host     Host
	Program  any
	Name     string // what errors call it: the script's SHA-1, the function's name
	Function bool   // keys and arguments are parameters, not globals
	Keys     [][]byte
	Args     [][]byte
	Protocol int    // 2 or 3: how Out is to be written
	Out      []byte // the reply is appended to it
	Counted  bool   // the reply is an error that a command of the script has replied before
}

// Host is what a script can reach.
type Host interface {
	// Command runs a command of the engine and returns its reply as RESP, valid until the next one.
	Command(argv [][]byte) (reply []byte)
	// Protocol says in which protocol (2 or 3) the replies to Command are written from now on.
	Protocol(version int)
	// Allowed says whether a command exists, and whether the caller may run it.
	Allowed(argv [][]byte) (known, allowed bool)
	// Log hands a line to the log; level is 0 (debug) to 3 (warning).
	Log(level int, text string)
	// Poll is called about every PollSteps steps of the interpreter. It returns why the script must
	// end, or nothing if it may go on.
	Poll() (ending string)
	// Version is the server's version as clients are told, "7.0.15".
	Version() string
}

// PollSteps is how many steps a script may make from one Poll to the next.
const PollSteps = 4096

// Flags say how a script may be run.
type Flags uint8

// The flags of a script's first line and of register_function.
const (
	NoWrites Flags = 1 << iota
	AllowOOM
	AllowStale
	NoCluster
	Compatible // a script without a first line that says anything: checked as it goes
)

// FlagNames are the names of the flags, by their bits.
var FlagNames = [...]string{"no-writes", "allow-oom", "allow-stale", "no-cluster"}

// ParseFlag returns the flag of a name, 0 if there is none.
func ParseFlag(name string) Flags {
	for i, known := range FlagNames {
		if known == name {
			return 1 << i
		}
	}
	return 0
}
