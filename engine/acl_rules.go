package engine

import (
	"slices"

	"riffle/engine/resp"
)

// Rules as ACL SETUSER, the ACL file and configuration files spell them, each a word: "on", ">password",
// "~pattern", "+command", "-@category", "(selector)". Those in a selector are the ones about commands, keys
// and channels.

// ruleError is what is wrong with a rule, "" if nothing.
type ruleError string

const (
	ruleSyntax    ruleError = "Syntax error"
	ruleUnknown   ruleError = "Unknown command or category name in ACL"
	ruleAfterKeys ruleError = "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does " +
		"not have any effect. Try 'resetkeys' to start with an empty list of patterns"
	ruleAfterChannels ruleError = "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and " +
		"does not have any effect. Try 'resetchannels' to start with an empty list of channels"
	ruleNoPassword ruleError = "The password you are trying to remove from the user does not exist"
	ruleBadHash    ruleError = "The password hash must be exactly 64 characters and contain only lowercase " +
		"hexadecimal characters"
	ruleTwice    ruleError = "Duplicate user found. A user can only be defined once in config files"
	ruleFirstSub ruleError = "Allowing first-arg of a subcommand is not supported"
)

// isSpaceOrNull finds bytes that names and patterns must not hold.
func isSpaceOrNull(ch byte) bool { return ch == ' ' || ch >= '\t' && ch <= '\r' || ch == 0 }

func hasSpaces[T string | []byte](text T) bool {
	for i := 0; i < len(text); i++ {
		if isSpaceOrNull(text[i]) {
			return true
		}
	}
	return false
}

// mergeRules joins the words of each selector, which are parted at blanks, into one rule. It returns the
// word that opens a parenthesis nobody closes as unmatched.
func mergeRules(words []string) (rules []string, unmatched string) {
	open, began := "", -1
	for i, word := range words {
		closes := word != "" && word[len(word)-1] == ')'
		switch {
		case began >= 0:
			open += " " + word
			if closes {
				rules, began = append(rules, open), -1
			}
		case word != "" && word[0] == '(' && !closes:
			open, began = word, i
		default:
			rules = append(rules, word)
		}
	}
	if began >= 0 {
		return nil, words[began]
	}
	return rules, ""
}

// copyOf returns a user that can be changed without changing u.
func (u *user) copyOf() *user {
	clone := *u
	clone.passwords = slices.Clone(u.passwords)
	clone.selectors = nil
	for _, s := range u.selectors {
		clone.selectors = append(clone.selectors, s.copyOf())
	}
	return &clone
}

func (s *selector) copyOf() *selector {
	clone := *s
	clone.firstWords = slices.Clone(s.firstWords)
	clone.keys = slices.Clone(s.keys)
	clone.channels = slices.Clone(s.channels)
	return &clone
}

// apply obeys one rule about a user.
func (e *Engine) applyRule(u *user, rule string) ruleError {
	if rule == "" {
		return ""
	}
	switch lowerString(rule) {
	case "on":
		u.enabled = true
	case "off":
		u.enabled = false
	case "nopass":
		u.noPassword, u.passwords = true, nil
	case "resetpass":
		u.noPassword, u.passwords = false, nil
	case "sanitize-payload":
		u.sanitize = sanitizeAlways
	case "skip-sanitize-payload":
		u.sanitize = sanitizeSkip
	case "clearselectors":
		u.selectors = u.selectors[:1]
	case "reset":
		*u = user{name: u.name, sanitize: sanitizeAlways, selectors: []*selector{e.acl.newSelector()}}
	default:
		return e.applyMarkedRule(u, rule)
	}
	return ""
}

// applyMarkedRule obeys a rule that begins with a mark: a password, a selector, or one for the root selector.
func (e *Engine) applyMarkedRule(u *user, rule string) ruleError {
	switch rule[0] {
	case '>', '<':
		return u.changePassword(rule[0] == '>', hashPassword([]byte(rule[1:])))
	case '#', '!':
		if !isPasswordHash(rule[1:]) {
			return ruleBadHash
		}
		return u.changePassword(rule[0] == '#', rule[1:])
	case '(':
		if rule[len(rule)-1] != ')' {
			return ruleSyntax
		}
		s, failure := e.parseSelector(rule[1 : len(rule)-1])
		if failure == "" {
			u.selectors = append(u.selectors, s)
		}
		return failure
	}
	return e.applyToSelector(u.selectors[0], rule)
}

func isPasswordHash(text string) bool {
	if len(text) != 64 {
		return false
	}
	for i := range len(text) {
		if ch := text[i]; (ch < '0' || ch > '9') && (ch < 'a' || ch > 'f') {
			return false
		}
	}
	return true
}

// changePassword adds a password's digest or takes it away.
func (u *user) changePassword(add bool, hash string) ruleError {
	at := slices.Index(u.passwords, hash)
	switch {
	case add:
		u.noPassword = false
		if at < 0 {
			u.passwords = append(u.passwords, hash)
		}
	case at < 0:
		return ruleNoPassword
	default:
		u.passwords = slices.Delete(u.passwords, at, at+1)
	}
	return ""
}

// parseSelector makes a selector of the rules between parentheses.
func (e *Engine) parseSelector(text string) (*selector, ruleError) {
	s := e.acl.newSelector()
	words, ok := resp.SplitInline(nil, []byte(text))
	if !ok {
		return s, "" // quotes that do not close: nothing is understood, and nothing allowed
	}
	for _, word := range words {
		if failure := e.applyToSelector(s, string(word)); failure != "" {
			return nil, failure
		}
	}
	return s, ""
}

// applyToSelector obeys a rule about commands, keys or channels.
func (e *Engine) applyToSelector(s *selector, rule string) ruleError {
	if rule == "" {
		return ruleSyntax
	}
	switch lowerString(rule) {
	case "allkeys", "~*":
		s.allKeys, s.keys = true, nil
	case "resetkeys":
		s.allKeys, s.keys = false, nil
	case "allchannels", "&*":
		s.allChannels, s.channels = true, nil
	case "resetchannels":
		s.allChannels, s.channels = false, nil
	case "allcommands", "+@all":
		s.allCommands, s.firstWords = true, nil
		s.commands.fill(true)
	case "nocommands", "-@all":
		s.allCommands, s.firstWords = false, nil
		s.commands.fill(false)
	default:
		return e.applyPattern(s, rule)
	}
	return ""
}

func (e *Engine) applyPattern(s *selector, rule string) ruleError {
	switch rule[0] {
	case '~', '%':
		return s.addKeys(rule)
	case '&':
		return s.addChannels(rule[1:])
	case '+', '-':
		return e.applyCommand(s, rule[0] == '+', rule[1:])
	}
	return ruleSyntax
}

// addKeys reads "~pattern" or "%R~pattern", "%W~pattern", "%RW~pattern".
func (s *selector) addKeys(rule string) ruleError {
	if s.allKeys {
		return ruleAfterKeys
	}
	access, at := readKey|writeKey, 1
	if rule[0] == '%' {
		access = 0
		for ; at < len(rule) && rule[at] != '~'; at++ {
			more := readKey
			if rule[at]|0x20 == 'w' {
				more = writeKey
			}
			if rule[at]|0x20 != 'r' && more == readKey || access&more != 0 {
				return ruleSyntax
			}
			access |= more
		}
		if access == 0 {
			return ruleSyntax
		}
		at = min(at+1, len(rule))
	}
	pattern := rule[at:]
	if hasSpaces(pattern) {
		return ruleSyntax
	}
	for i := range s.keys {
		if s.keys[i].glob == pattern {
			s.keys[i].access |= access
			return ""
		}
	}
	s.keys = append(s.keys, keyPattern{pattern, access})
	return ""
}

func (s *selector) addChannels(pattern string) ruleError {
	switch {
	case s.allChannels:
		return ruleAfterChannels
	case hasSpaces(pattern):
		return ruleSyntax
	case !slices.Contains(s.channels, pattern):
		s.channels = append(s.channels, pattern)
	}
	return ""
}

// applyCommand obeys "+name", "-name", "+name|sub", "+@category" without the sign.
func (e *Engine) applyCommand(s *selector, on bool, name string) ruleError {
	if name != "" && name[0] == '@' {
		of := categoryNamed([]byte(name[1:]))
		if of == 0 {
			return ruleUnknown
		}
		for _, row := range e.commands.entries {
			s.changeIn(row, of, on)
		}
		return ""
	}
	bar := lastBar(name)
	if on && bar >= 0 {
		return e.allowSub(s, name, bar)
	}
	row := e.entryNamed([]byte(name))
	if row == nil {
		return ruleUnknown
	}
	s.change(row, on)
	return ""
}

func lastBar(name string) int {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '|' {
			return i
		}
	}
	return -1
}

// allowSub obeys "+name|word": a sub-command, or a first argument of a command that has none.
func (e *Engine) allowSub(s *selector, name string, bar int) ruleError {
	row := e.entryNamed([]byte(name[:bar]))
	switch {
	case row == nil:
		return ruleUnknown
	case row.parent != nil:
		return ruleFirstSub
	case bar == len(name)-1:
		return ruleSyntax
	case row.subs == nil:
		first := firstWord{row.id, name[bar+1:]}
		if !slices.ContainsFunc(s.firstWords, func(w firstWord) bool {
			return w.id == first.id && lowerString(w.word) == lowerString(first.word)
		}) {
			s.firstWords = append(s.firstWords, first)
		}
		return ""
	}
	sub := e.entryNamed([]byte(name))
	if sub == nil {
		return ruleUnknown
	}
	s.change(sub, true)
	return ""
}

// change allows a command and its sub-commands, or forbids them; either way its first arguments do not
// matter any more.
func (s *selector) change(row *entry, on bool) {
	s.commands.change(row, on)
	s.allCommands = s.allCommands && on
	s.firstWords = slices.DeleteFunc(s.firstWords, func(w firstWord) bool { return w.id == row.id })
}

// changeIn is change for those of a command and its sub-commands that are in a category.
func (s *selector) changeIn(row *entry, of categorySet, on bool) {
	if row.categories()&of != 0 {
		s.change(row, on)
	}
	for _, sub := range row.subs {
		s.changeIn(sub, of, on)
	}
}
