package engine

// Every error text that more than one place replies, and the builders of those with holes. The code
// in front (ERR, WRONGTYPE, ...) carries meaning for client libraries.
const (
	errWrongType       = "WRONGTYPE Operation against a key holding the wrong kind of value"
	errNotInteger      = "ERR value is not an integer or out of range"
	errNotFloat        = "ERR value is not a valid float"
	errOutOfRange      = "ERR value is out of range"
	errPositive        = "ERR value is out of range, must be positive"
	errSyntax          = "ERR syntax error"
	errNoSuchKey       = "ERR no such key"
	errIndexRange      = "ERR index out of range"
	errOverflow        = "ERR increment or decrement would overflow"
	errNaN             = "ERR increment would produce NaN or Infinity"
	errTooLong         = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	errNoAuth          = "NOAUTH Authentication required."
	errOutOfMemory     = "OOM command not allowed when used memory > 'maxmemory'."
	errExecAbort       = "EXECABORT Transaction discarded because of previous errors."
	errNestedMulti     = "ERR MULTI calls can not be nested"
	errExecNoMulti     = "ERR EXEC without MULTI"
	errDiscardNoMulti  = "ERR DISCARD without MULTI"
	errWatchInMulti    = "ERR WATCH inside MULTI is not allowed"
	errDBIndex         = "ERR DB index is out of range"
	errSameObject      = "ERR source and destination objects are the same"
	errUnblocked       = "UNBLOCKED client unblocked via CLIENT UNBLOCK"
	errInvalidExpire   = "ERR invalid expire time in '"
	errMisconfSnapshot = "MISCONF "
)

// wrongType replies WRONGTYPE, except that a blocked command which meets another type when it is
// tried again just goes on waiting.
func (c *Ctx) wrongType() {
	if c.rerun && c.cmd.Flags&Blocking != 0 && !equalFold(c.Argv[0], "XREADGROUP") {
		c.keep = true
		return
	}
	c.Reply.Error(errWrongType)
}

func (c *Ctx) syntaxError() { c.Reply.Error(errSyntax) }

// wrongArity replies that the number of arguments does not fit the running command.
func (c *Ctx) wrongArity() { c.Reply.Error(arityError(c.cmd)) }

// subcommandError replies that a sub-command does not take these arguments.
func (c *Ctx) subcommandError() {
	c.Reply.Error("ERR unknown subcommand or wrong number of arguments for '" + clip(c.Argv[1], maxShownName) +
		"'. Try " + c.cmd.parent.Name + " HELP.")
}

func arityError(cmd *entry) string {
	return "ERR wrong number of arguments for '" + cmd.full + "' command"
}

// invalidExpire is the text for an expiry that is not positive or overflows.
func (c *Ctx) invalidExpire() {
	c.Reply.Error(errInvalidExpire + c.cmd.full + "' command")
}

// maxShownName and maxShownArguments bound what an error repeats of a client's own words, in bytes.
const (
	maxShownName      = 128
	maxShownArguments = 128
)

func unknownCommand(argv [][]byte) string {
	text := "ERR unknown command '" + clip(argv[0], maxShownName) + "', with args beginning with: "
	shown := 0
	for _, arg := range argv[1:] {
		if shown >= maxShownArguments {
			break
		}
		word := clip(arg, maxShownArguments-shown)
		text += "'" + word + "' "
		shown += len(word) + 3
	}
	return text
}

func unknownSubcommand(argv [][]byte, container *entry) string {
	return "ERR unknown subcommand '" + clip(argv[1], maxShownName) + "'. Try " + container.Name + " HELP."
}

// clip returns at most n bytes of b, and none from a zero byte on, since the reference's texts are C's.
func clip(b []byte, n int) string {
	if b = cString(b); len(b) > n {
		b = b[:n]
	}
	return string(b)
}
