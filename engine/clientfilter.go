package engine

import (
	"bytes"
	"slices"

	"riffle/engine/num"
)

// Conditions by which CLIENT LIST and CLIENT KILL choose clients. TYPE, ID, ADDR, LADDR, USER and SKIPME are
// the reference's, MAXAGE is Redis 7.4's and the others are Valkey's, as is NOT- in front of a word, which
// turns its condition round. A client is chosen when all conditions hold.

// clientProperty is what a condition is about.
type clientProperty uint8

const (
	propertyID clientProperty = iota
	propertyType
	propertyUser
	propertyAddress
	propertyLocalAddress
	propertyHost
	propertyName
	propertyLibrary
	propertyVersion
	propertyDatabase
	propertyFlags
	propertyCapabilities
	propertyAge  // the properties of time cannot be turned round
	propertyIdle //
)

// propertyWords are the words of the properties, in their order.
var propertyWords = [...]string{"ID", "TYPE", "USER", "ADDR", "LADDR", "IP", "NAME", "LIB-NAME", "LIB-VER", "DB",
	"FLAGS", "CAPA", "MAXAGE", "IDLE"}

// clientCondition is one condition.
type clientCondition struct {
	property clientProperty
	not      bool
	text     string  // what the property must be, or the letters it must have
	seconds  int64   // that it must be at least
	ids      []int64 // one of which it must be
}

// clientFilter is all conditions of a request.
type clientFilter struct {
	conditions []clientCondition
	ids        []int64 // of an ID that is not turned round: nobody else need be looked at
	spareMe    bool
}

// clientFilter reads conditions from argument i on, into f. It replies when they make no sense; badID is what
// it says of an id.
func (c *Ctx) clientFilter(f *clientFilter, i int, lowestID int64, badID string) bool {
	for i < len(c.Argv) {
		if i+1 == len(c.Argv) {
			c.syntaxError()
			return false
		}
		if c.is(i, "SKIPME") && (c.is(i+1, "YES") || c.is(i+1, "NO")) {
			f.spareMe = c.is(i+1, "YES")
			i += 2
			continue
		}
		next, ok := clientCondition{}, false
		if next.property, next.not, ok = propertyOf(c.Argv[i]); !ok {
			c.syntaxError()
			return false
		}
		i++
		if next.property != propertyID {
			if !c.readCondition(&next, i) {
				return false
			}
			i++
		} else if i, ok = c.readIDs(&next, i, lowestID, badID); !ok {
			return false
		}
		f.add(next)
	}
	return true
}

// add adds a condition in the place of an earlier one of its kind.
func (f *clientFilter) add(next clientCondition) {
	if next.property == propertyID && !next.not {
		f.ids = next.ids
	}
	for i, old := range f.conditions {
		if old.property == next.property && old.not == next.not {
			f.conditions[i] = next
			return
		}
	}
	f.conditions = append(f.conditions, next)
}

// propertyOf reads the word of a condition.
func propertyOf(word []byte) (p clientProperty, not, ok bool) {
	if len(word) > 4 && equalFold(word[:4], "NOT-") {
		word, not = word[4:], true
	}
	for i, name := range propertyWords {
		if equalFold(word, name) {
			return clientProperty(i), not, !not || clientProperty(i) < propertyAge
		}
	}
	return 0, false, false
}

// readIDs reads the ids from argument i on, up to the next condition.
func (c *Ctx) readIDs(next *clientCondition, i int, lowest int64, complaint string) (end int, ok bool) {
	for ; i < len(c.Argv); i++ {
		id, ok := num.ParseInt(c.Argv[i])
		if _, _, another := propertyOf(c.Argv[i]); len(next.ids) > 0 && (another || c.is(i, "SKIPME")) {
			break
		}
		if !ok || id < lowest {
			c.Reply.Error(complaint)
			return i, false
		}
		next.ids = append(next.ids, id)
	}
	return i, true
}

// readCondition reads what a property other than the id is compared with, which is argument i.
func (c *Ctx) readCondition(next *clientCondition, i int) (ok bool) {
	value := c.Argv[i]
	word := propertyWords[next.property]
	next.text = string(value)
	switch next.property {
	case propertyType:
		kind, ok := c.clientTypeOf(i)
		next.text = itoa(int64(kind))
		return ok
	case propertyUser:
		if c.e.acl.user(next.text) == nil {
			c.Reply.Error("ERR No such user '" + clip(value, maxShownName) + "'")
			return false
		}
	case propertyDatabase:
		n, ok := c.intOr(i, "ERR DB is not an integer or out of range")
		if ok && (n < 0 || n >= int64(len(c.e.dbs))) {
			c.Reply.Error("ERR DB number should be between 0 and " + itoa(int64(len(c.e.dbs)-1)))
			return false
		}
		next.text = itoa(n)
		return ok
	case propertyFlags:
		return c.knownLetters(next, "flags", "OSMPxbtRBTAUurNeidcIE")
	case propertyCapabilities:
		return c.knownLetters(next, "capa", capabilityLetters)
	case propertyAge, propertyIdle:
		next.seconds, ok = c.intOr(i, "ERR "+lowerString(word)+" is not an integer or out of range")
		if ok && next.seconds < 1 {
			c.Reply.Error("ERR " + lowerString(word) + " should be greater than 0")
			return false
		}
		return ok
	}
	return true
}

// knownLetters replies when a condition asks for letters that no client has.
func (c *Ctx) knownLetters(next *clientCondition, what, letters string) bool {
	if allWithin(next.text, letters) {
		return true
	}
	where := "provided"
	if next.not {
		where = "NOT-" + propertyWords[next.property]
	}
	c.Reply.Error("ERR Unknown " + what + " found in the " + where + " filter: " + next.text)
	return false
}

// allWithin says whether all letters of a word are among others.
func allWithin(word, letters string) bool {
	for i := range len(word) {
		if bytes.IndexByte([]byte(letters), word[i]) < 0 {
			return false
		}
	}
	return true
}

// matches reports whether a client meets every condition given.
func (f *clientFilter) matches(e *Engine, c, me *Client) bool {
	if f.spareMe && c == me {
		return false
	}
	for i := range f.conditions {
		if condition := &f.conditions[i]; condition.holds(e, c) == condition.not {
			return false
		}
	}
	return true
}

func (condition *clientCondition) holds(e *Engine, c *Client) bool {
	switch condition.property {
	case propertyID:
		return slices.Contains(condition.ids, c.id)
	case propertyFlags:
		return allWithin(condition.text, c.flagLetters())
	case propertyCapabilities:
		return c.has(flagRedirects) || condition.text == ""
	case propertyAge:
		return (e.now-c.created)/1e6 >= condition.seconds
	case propertyIdle:
		return (e.now-c.active)/1e6 >= condition.seconds
	}
	return c.property(condition.property) == condition.text
}

// property is a property that is compared as text.
func (c *Client) property(p clientProperty) string {
	switch p {
	case propertyType:
		return itoa(int64(c.kindOf()))
	case propertyUser:
		return c.user.name
	case propertyAddress:
		return c.peer.Address
	case propertyLocalAddress:
		return c.peer.LocalAddress
	case propertyHost:
		end := bytes.LastIndexByte([]byte(c.peer.Address), ':')
		return c.peer.Address[:max(end, 0)]
	case propertyName:
		return c.name
	case propertyLibrary:
		return c.library
	case propertyVersion:
		return c.version
	}
	return itoa(int64(c.db))
}

// capabilityLetters are those of what CLIENT CAPA knows: redirections are understood.
const capabilityLetters = "r"

// clientCapa notes what the client says it understands. Nobody is redirected here, so that the words are for
// the filters alone; unknown ones are for servers to come.
func clientCapa(c *Ctx) {
	for i := range c.Argv {
		if i > 1 && c.is(i, "REDIRECT") {
			c.Client.set(flagRedirects, true)
		}
	}
	c.Reply.OK()
}
