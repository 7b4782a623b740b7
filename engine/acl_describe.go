package engine

// Users as ACL LIST, ACL GETUSER and the ACL file show them. What was typed is not kept: the rules about
// commands are found again from the set of commands, by taking the category that fits best as long as there
// is one, and then single commands.

// rules spells everything about a user but the name.
func (e *Engine) userRules(u *user) string {
	text := ""
	for _, flag := range u.flagNames() {
		text += flag + " "
	}
	for _, hash := range u.passwords {
		text += "#" + hash + " "
	}
	for i, s := range u.selectors {
		if i > 0 {
			text += " (" + e.selectorRules(s) + ")"
		} else {
			text += e.selectorRules(s)
		}
	}
	return text
}

// flagNames are the user's flags in the order of ACL GETUSER.
func (u *user) flagNames() []string {
	names := []string{"off"}
	if u.enabled {
		names[0] = "on"
	}
	if u.noPassword {
		names = append(names, "nopass")
	}
	switch u.sanitize {
	case sanitizeSkip:
		names = append(names, "skip-sanitize-payload")
	case sanitizeAlways:
		names = append(names, "sanitize-payload")
	}
	return names
}

func (e *Engine) selectorRules(s *selector) string {
	text := s.keyRules()
	if text != "" {
		text += " "
	}
	if !s.allChannels {
		text += "resetchannels "
	}
	if channels := s.channelRules(); channels != "" {
		text += channels + " "
	}
	return text + e.commandRules(s)
}

func (s *selector) keyRules() string {
	if s.allKeys {
		return "~*"
	}
	text := ""
	for i, p := range s.keys {
		if i > 0 {
			text += " "
		}
		switch p.access {
		case readKey:
			text += "%R"
		case writeKey:
			text += "%W"
		}
		text += "~" + p.glob
	}
	return text
}

func (s *selector) channelRules() string {
	if s.allChannels {
		return "&*"
	}
	text := ""
	for i, pattern := range s.channels {
		if i > 0 {
			text += " "
		}
		text += "&" + pattern
	}
	return text
}

// commandRules finds short rules that make the selector's set of commands.
func (e *Engine) commandRules(s *selector) string {
	rows := e.commands.entries
	adding := !s.commands.has(maxCommands - 1) // commands that are yet to come are not allowed
	text := "+@all"
	if adding {
		text = "-@all"
	}
	var made commandSet // what the rules so far make
	made.fill(!adding)
	rest := s.commands // the set without what they explain
	for {
		best := bestCategory(rows, &rest, adding)
		if best == 0 {
			break
		}
		made.changeCategory(rows, best, adding)
		rest.changeCategory(rows, best, !adding)
		sign := " -@"
		if adding {
			sign = " +@"
		}
		text += sign + best.name()
	}
	return text + singleRules(rows, s, &made)
}

// bestCategory returns the category that explains most of a set: more of its commands must be there, or be
// missing, than not, and as few as possible be wrong. 0 if there is none.
func bestCategory(rows []*entry, set *commandSet, adding bool) (best categorySet) {
	fewest, most := maxCommands, 0
	for i := range categoryNames {
		of := categorySet(1) << i
		same, other := countCategory(rows, set, of)
		if !adding {
			same, other = other, same
		}
		if same > other && (other < fewest || other == fewest && same > most) {
			best, fewest, most = of, other, same
		}
	}
	return best
}

// countCategory counts the commands of a category that are in a set, and those that are not.
func countCategory(rows []*entry, set *commandSet, of categorySet) (in, out int) {
	for _, row := range rows {
		if row.categories()&of != 0 {
			if set.has(row.id) {
				in++
			} else {
				out++
			}
		}
		subIn, subOut := countCategory(row.subs, set, of)
		in, out = in+subIn, out+subOut
	}
	return in, out
}

// singleRules spells the rules for the single commands in which made differs from the selector's set, and
// makes it equal.
func singleRules(rows []*entry, s *selector, made *commandSet) string {
	text := ""
	for _, row := range rows {
		on := s.commands.has(row.id)
		if on != made.has(row.id) {
			sign := " -"
			if on {
				sign = " +"
			}
			text += sign + row.full
			made.change(row, on)
		}
		text += singleRules(row.subs, s, made)
		if on {
			continue
		}
		for _, first := range s.firstWords {
			if first.id == row.id {
				text += " +" + row.full + "|" + first.word
			}
		}
	}
	return text
}
