package engine

import "slices"

// Where rules are kept is the host's business: in an ACL file of "user" lines, or in such lines of its
// configuration file. The engine reads and writes the lines.

// UserLines returns all users as lines of an ACL file: "user name rules", sorted by name.
func (e *Engine) UserLines() []string {
	var lines []string
	for _, u := range e.acl.users {
		lines = append(lines, "user "+u.name+" "+e.userRules(u))
	}
	return lines
}

// LoadUsers replaces all users by those of an ACL file's text, and ends the clients of users other than the
// default one. If anything in it is wrong nothing changes, and the failure tells all that is, by the file's
// path and lines.
func (e *Engine) LoadUsers(path, text string) (failure string) {
	next := acl{channelsAtOnce: e.acl.channelsAtOnce}
	for number, rest, more := 1, text, true; more; number++ {
		var line string
		line, rest, more = cutLine(rest)
		if line = trimBlanks(line); line != "" {
			failure += e.loadLine(&next, path, number, line)
		}
	}
	if failure != "" {
		return failure + "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
	}
	e.replaceUsers(next.users)
	return ""
}

// replaceUsers puts other users in the place of all but the default one, who keeps its clients.
func (e *Engine) replaceUsers(users []*user) {
	everyone := e.acl.everyone
	rules := newACL().everyone
	for _, old := range e.acl.users {
		if old != everyone {
			e.dismiss(old)
		}
	}
	e.acl.users = nil
	for _, u := range users {
		if u.name == defaultUser {
			rules = u
		} else {
			e.acl.users = append(e.acl.users, u)
		}
	}
	at, _ := e.acl.find(defaultUser)
	e.acl.users = append(e.acl.users[:at:at], append([]*user{everyone}, e.acl.users[at:]...)...)
	*everyone = *rules
	e.refreshClients(everyone)
}

// loadLine reads one line of an ACL file and returns what is wrong with it, each complaint with its end.
func (e *Engine) loadLine(into *acl, path string, number int, line string) (failure string) {
	place := path + ":" + itoa(int64(number))
	words := splitAt(line, ' ')
	if words[0] != "user" || len(words) < 2 {
		return place + " should start with user keyword followed by the username. "
	}
	name := words[1]
	if into.user(name) != nil {
		return "WARNING: Duplicate user '" + name + "' found on line " + itoa(int64(number)) + ". "
	}
	if hasSpaces(name) {
		return "'" + place + ": username '" + name + "' contains invalid characters. "
	}
	rules, unmatched := mergeRules(words[2:])
	if unmatched != "" {
		return place + ": Unmatched parenthesis in selector definition."
	}
	u := into.add(name)
	told := false
	for _, rule := range rules {
		switch why := e.applyRule(u, rule); {
		case why == ruleUnknown:
			failure += place + ": Error in applying operation '" + rule + "': " + string(why) + ". "
		case why != "" && !told:
			failure += place + ": " + string(why) + ". "
			told = true
		}
	}
	return failure
}

// DefineUser makes a user of the words of a configuration file's line, the name and the rules, before
// clients come. It returns what is wrong with them, or "".
func (e *Engine) DefineUser(words []string) (failure string) {
	name := words[0]
	if hasSpaces(name) {
		return "Error in user declaration '" + name + "': Wrong format"
	}
	u := e.acl.user(name)
	if u != nil && u != e.acl.everyone {
		return "Error in user declaration '" + name + "': " + string(ruleTwice)
	}
	rules, unmatched := mergeRules(words[1:])
	if unmatched != "" {
		return "Error in user declaration '" + unmatched + "': Unmatched parenthesis in selector definition."
	}
	made := e.acl.stranger(name)
	if u != nil {
		made.sanitize = sanitizeAlways
	}
	for _, rule := range rules {
		if why := e.applyRule(made, rule); why != "" {
			return "Error in user declaration '" + rule + "': " + string(why)
		}
	}
	if u == nil {
		u = e.acl.add(name)
	}
	*u = *made
	return ""
}

// cutLine returns a text's first line and what follows it.
func cutLine(text string) (line, rest string, more bool) {
	for i := range len(text) {
		if text[i] == '\n' {
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

func trimBlanks(s string) string {
	blank := func(ch byte) bool { return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' }
	for s != "" && blank(s[0]) {
		s = s[1:]
	}
	for s != "" && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// splitAt parts a text at every separator.
func splitAt(text string, separator byte) []string {
	var parts []string
	start := 0
	for i := range len(text) {
		if text[i] == separator {
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// refreshClients tells the clients of a user that its rules have changed.
func (e *Engine) refreshClients(u *user) {
	for _, c := range e.clients {
		if c.user == u {
			c.set(flagRestricted, !u.unrestricted())
		}
	}
}

// dismiss ends the clients of a user that is no more, the asking one after its reply.
func (e *Engine) dismiss(u *user) {
	u.gone = true
	for _, c := range e.clients {
		switch {
		case c.user != u || c.has(flagClosing):
		case c.wait != nil && c.wait.request == RequestLoadUsers: // Finish answers and ends it
		default:
			if !c.has(flagBusy) {
				c.dropOutput()
			}
			e.finish(c)
		}
	}
}

// muteListeners ends the clients of a user that listen to what its new rules do not allow any more.
func (e *Engine) muteListeners(u, changed *user) {
	var channels []string
	for _, s := range changed.selectors {
		if s.allChannels {
			return
		}
		channels = append(channels, s.channels...)
	}
	if !u.losesChannels(channels) {
		return
	}
	for _, c := range e.clients {
		if c.user != u || !c.listening() || c.has(flagClosing) || c.subs.within(channels) {
			continue
		}
		if !c.has(flagBusy) {
			c.dropOutput()
		}
		e.finish(c)
	}
}

// losesChannels reports whether patterns lack one that the user has.
func (u *user) losesChannels(patterns []string) bool {
	for _, s := range u.selectors {
		if s.allChannels {
			return true
		}
		for _, pattern := range s.channels {
			if !slices.Contains(patterns, pattern) {
				return true
			}
		}
	}
	return false
}

// within reports whether all that a client listens to is allowed by patterns.
func (s *subscription) within(patterns []string) bool {
	for _, listened := range [...]struct {
		notes []*listenerNote
		exact bool
	}{{s.patterns, true}, {s.exact, false}, {s.sharded, false}} {
		for _, note := range listened.notes {
			if !allowsChannel(patterns, []byte(note.audience.name), listened.exact) {
				return false
			}
		}
	}
	return true
}
