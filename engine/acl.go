package engine

import (
	"slices"

	"riffle/engine/glob"
	"riffle/engine/sha256"
)

// Access control: who a client is, and what that user may do. A user has passwords and selectors; a
// request may run if one of the selectors allows all of it: the command, each key for what is done to it,
// each channel. The first selector is the one that rules outside of parentheses change.
//
// A user that may do everything costs a request nothing but the test of a flag of the client (flagRestricted);
// for others a check costs a bit test for the command and a match of each key against each pattern. A
// selector takes 128 bytes for its commands, a bit for each row of the table by the row's id, as the field's
// servers have it, so that the rules shown are derived from the bits and mean the same there.
//
// Rules are not data: they are neither journaled nor in snapshots. A host keeps them, see acl_file.go.

// user is one account. Clients point at it; the default user lives as long as the engine.
type user struct {
	name       string
	enabled    bool
	noPassword bool // any password is right
	sanitize   sanitizing
	passwords  []string    // SHA-256 digests in lower-case hex, in the order given
	selectors  []*selector // never empty
	gone       bool        // deleted, while a client of it still has a reply to come
}

// sanitizing says what was asked for about RESTORE payloads. They are always checked here; the word is
// kept and shown.
type sanitizing uint8

const (
	sanitizeUnsaid sanitizing = iota
	sanitizeSkip
	sanitizeAlways
)

// selector is a set of permissions.
type selector struct {
	allCommands bool // also commands of later versions
	allKeys     bool
	allChannels bool
	commands    commandSet
	firstWords  []firstWord
	keys        []keyPattern
	channels    []string
}

// maxCommands bounds the ids of rows. The last bit stands for all commands that are yet to come.
const maxCommands = 1024

// commandSet is a set of commands by their ids.
type commandSet [maxCommands / 64]uint64

func (s *commandSet) has(id int) bool { return s[id/64]&(1<<(id%64)) != 0 }

func (s *commandSet) set(id int, on bool) {
	if on {
		s[id/64] |= 1 << (id % 64)
		return
	}
	s[id/64] &^= 1 << (id % 64)
}

// fill puts all commands into the set, or none.
func (s *commandSet) fill(on bool) {
	*s = commandSet{}
	if on {
		for i := range s {
			s[i] = ^uint64(0)
		}
	}
}

// change sets the bits of a command and of its sub-commands.
func (s *commandSet) change(row *entry, on bool) {
	s.set(row.id, on)
	for _, sub := range row.subs {
		s.set(sub.id, on)
	}
}

// changeCategory sets the bits of all commands of the categories.
func (s *commandSet) changeCategory(rows []*entry, of categorySet, on bool) {
	for _, row := range rows {
		if row.categories()&of != 0 {
			s.change(row, on)
		}
		s.changeCategory(row.subs, of, on)
	}
}

// firstWord allows a command, which the selector does not allow otherwise, with this first argument.
type firstWord struct {
	id   int
	word string
}

// keyPattern allows keys.
type keyPattern struct {
	glob   string
	access keyAccess
}

// keyAccess is what is done with a key.
type keyAccess uint8

const (
	readKey keyAccess = 1 << iota
	writeKey
)

// denial is why a request is refused, in the order in which one of several reasons is told.
type denial uint8

const (
	notDenied denial = iota
	deniedCommand
	deniedKey
	deniedAuth
	deniedChannel
)

// acl is the engine's users and its log of refusals.
type acl struct {
	users          []*user // sorted by name, the default user among them
	everyone       *user   // the default user: whom a new connection is
	channelsAtOnce bool    // acl-pubsub-default: a new selector may use all channels
	log            aclLog
}

const defaultUser = "default"

func newACL() acl {
	u := &user{name: defaultUser, enabled: true, noPassword: true}
	root := &selector{allCommands: true, allKeys: true, allChannels: true}
	root.commands.fill(true)
	u.selectors = []*selector{root}
	return acl{users: []*user{u}, everyone: u, log: aclLog{most: 128}}
}

// find returns where a user is, or would be.
func (a *acl) find(name string) (at int, found bool) {
	return slices.BinarySearchFunc(a.users, name, func(u *user, name string) int {
		switch {
		case u.name < name:
			return -1
		case u.name > name:
			return 1
		}
		return 0
	})
}

// user returns a user by name, nil if there is none.
func (a *acl) user(name string) *user {
	if at, found := a.find(name); found {
		return a.users[at]
	}
	return nil
}

// add makes a user that may do nothing.
func (a *acl) add(name string) *user {
	u := a.stranger(name)
	at, _ := a.find(name)
	a.users = insert(a.users, at, u)
	return u
}

// stranger makes a user that is nobody yet.
func (a *acl) stranger(name string) *user {
	return &user{name: name, selectors: []*selector{a.newSelector()}}
}

func (a *acl) newSelector() *selector { return &selector{allChannels: a.channelsAtOnce} }

// become makes a client act as a user.
func (c *Client) become(u *user) {
	c.user = u
	c.set(flagAuthenticated, true)
	c.set(flagRestricted, !u.unrestricted())
}

// greet makes a connection what a new one is: the default user, who may have to give a password first.
func (e *Engine) greet(c *Client) {
	c.become(e.acl.everyone)
	c.set(flagAuthenticated, e.OpenToStrangers())
}

// OpenToStrangers says whether the default user needs no password, so that whoever connects may go on.
func (e *Engine) OpenToStrangers() bool { return e.acl.everyone.noPassword && e.acl.everyone.enabled }

// unrestricted says whether one of the selectors allows everything.
func (u *user) unrestricted() bool {
	for _, s := range u.selectors {
		if s.allCommands && s.allKeys && s.allChannels {
			return true
		}
	}
	return false
}

// hashPassword returns what is kept of a password.
func hashPassword(password []byte) string {
	const hex = "0123456789abcdef"
	var text [2 * sha256.Size]byte
	for i, b := range sha256.Sum(password) {
		text[2*i], text[2*i+1] = hex[b>>4], hex[b&15]
	}
	return string(text[:])
}

// authenticate returns the user of that name if the password is right. Digests are compared in a time
// that does not tell how much of one was right.
func (e *Engine) authenticate(name, password []byte) *user {
	u := e.acl.user(string(name))
	if u == nil || !u.enabled {
		return nil
	}
	if u.noPassword {
		return u
	}
	digest := hashPassword(password)
	right := false
	for _, known := range u.passwords {
		var diff byte
		for i := range len(known) {
			diff |= known[i] ^ digest[i]
		}
		right = right || diff == 0
	}
	if !right {
		return nil
	}
	return u
}

// setDefaultPassword is the parameter requirepass: the default user's one password, or none.
func (e *Engine) setDefaultPassword(password string) {
	u := e.acl.everyone
	u.passwords, u.noPassword = nil, password == ""
	if password != "" {
		u.passwords = []string{hashPassword([]byte(password))}
	}
}

// request is what a check looks at. Its keys are looked up when the first selector asks for them.
type aclRequest struct {
	row     *entry
	argv    [][]byte
	keys    []keyUse
	counted bool
}

// check says whether a user may run a request. at is the argument that is denied. With several selectors
// the reason told is the one of the selector that came furthest.
func (u *user) check(row *entry, argv [][]byte) (why denial, at int) {
	request := aclRequest{row: row, argv: argv}
	why = deniedCommand
	for _, s := range u.selectors {
		found, where := s.check(&request)
		if found == notDenied {
			return notDenied, 0
		}
		if found > why || found == why && where > at {
			why, at = found, where
		}
	}
	return why, at
}

func (s *selector) check(r *aclRequest) (why denial, at int) {
	if !s.allCommands && r.row.Flags&NoAuth == 0 && !s.commands.has(r.row.id) && !s.allowsFirst(r) {
		return deniedCommand, 0
	}
	if !s.allKeys {
		if !r.counted {
			r.keys, _ = r.row.keysUsed(r.argv)
			r.counted = true
		}
		for _, key := range r.keys {
			if !s.allowsKey(r.argv[key.at], key.access()) {
				return deniedKey, key.at
			}
		}
	}
	if !s.allChannels {
		first, last, exact := channelsOf(r.row, len(r.argv))
		for i := first; i < last; i++ {
			if !allowsChannel(s.channels, r.argv[i], exact) {
				return deniedChannel, i
			}
		}
	}
	return notDenied, 0
}

// allowsFirst says whether a command that is not allowed is allowed with its first argument.
func (s *selector) allowsFirst(r *aclRequest) bool {
	if len(s.firstWords) == 0 || len(r.argv) < 2 {
		return false
	}
	for _, first := range s.firstWords {
		if first.id == r.row.id && equalFold(r.argv[1], upperString(first.word)) {
			return true
		}
	}
	return false
}

func upperString(s string) string {
	b := []byte(s)
	for i, ch := range b {
		if ch >= 'a' && ch <= 'z' {
			b[i] = ch - ('a' - 'A')
		}
	}
	return string(b)
}

// allowsKey matches a key against the patterns that allow at least this access.
func (s *selector) allowsKey(key []byte, access keyAccess) bool {
	for i := range s.keys {
		p := &s.keys[i]
		if p.access&access == access && glob.Match([]byte(p.glob), key, false) {
			return true
		}
	}
	return false
}

// allowsChannel matches a channel against patterns. A pattern that is subscribed to must be one of them.
func allowsChannel(patterns []string, channel []byte, exact bool) bool {
	for _, pattern := range patterns {
		if exact && pattern == string(channel) || !exact && glob.Match([]byte(pattern), channel, false) {
			return true
		}
	}
	return false
}

// channelsOf returns which arguments of a request name channels it sends to or listens to: those from
// first up to last. exact says that they are patterns.
func channelsOf(row *entry, args int) (first, last int, exact bool) {
	switch row.full {
	case "publish", "spublish":
		return 1, min(2, args), false
	case "subscribe", "ssubscribe":
		return 1, args, false
	case "psubscribe":
		return 1, args, true
	}
	return 0, 0, false
}

// allowed says whether a client may run a request, and notes in the log that it may not: context is
// "toplevel", "multi" or "lua".
func (e *Engine) allowed(c *Client, row *entry, argv [][]byte, context string) denial {
	if !c.has(flagRestricted) {
		return notDenied
	}
	why, at := c.user.check(row, argv)
	if why != notDenied {
		object := row.full
		if why != deniedCommand {
			object = string(argv[at])
		}
		e.acl.log.note(e, c, aclEvent{why, context, object, c.user.name})
	}
	return why
}

// refuse is the gate of requests from connections: why a request may not run, or "".
func (e *Engine) refuse(c *Ctx) string {
	context := "toplevel"
	if c.Client.multi != nil {
		context = "multi"
	}
	switch e.allowed(c.Client, c.cmd, c.Argv, context) {
	case deniedCommand:
		return "NOPERM this user has no permissions to run the '" + c.cmd.full + "' command"
	case deniedKey:
		return "NOPERM this user has no permissions to access one of the keys used as arguments"
	case deniedChannel:
		return "NOPERM this user has no permissions to access one of the channels used as arguments"
	}
	return ""
}

// refuseQueued is the gate of EXEC: rules may have changed since a request was queued.
func (e *Engine) refuseQueued(c *Client, row *entry, argv [][]byte) string {
	const changed = "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC " +
		"call. This command is no longer allowed for the following reason: "
	switch e.allowed(c, row, argv, "multi") {
	case deniedCommand:
		return changed + "no permission to execute the command or subcommand"
	case deniedKey:
		return changed + "no permission to touch the specified keys"
	case deniedChannel:
		return changed + "no permission to access one of the channels used as arguments"
	}
	return ""
}

// refuseCall is the gate of calls out of scripts, without an error code.
func (e *Engine) refuseCall(c *Client, row *entry, argv [][]byte) string {
	switch e.allowed(c, row, argv, "lua") {
	case deniedCommand:
		return "The user executing the script can't run this command or subcommand"
	case deniedKey:
		return "The user executing the script can't access at least one of the keys mentioned in the command arguments"
	case deniedChannel:
		return "The user executing the script can't publish to the channel mentioned in the command"
	}
	return ""
}

// readsAll says whether a client may read every key there is with this request: SORT reads keys that it does
// not name.
func (c *Ctx) readsAll() bool {
	if !c.Client.has(flagRestricted) {
		return true
	}
	request := aclRequest{row: c.cmd, argv: c.Argv}
	for _, s := range c.Client.user.selectors {
		if why, _ := s.check(&request); why == notDenied && s.readsAll() {
			return true
		}
	}
	return false
}

func (s *selector) readsAll() bool {
	for _, p := range s.keys {
		if p.access&readKey != 0 && p.glob == "*" {
			return true
		}
	}
	return s.allKeys
}
