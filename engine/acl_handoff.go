//go:build !core

package engine

// Users go over to an engine that takes another's place as the rules that ACL LIST shows.

func (e *Engine) writeUsers(w *handoffWriter) {
	for _, u := range e.acl.users {
		w.begin(wordUser).text(u.name).text(e.userRules(u)).end()
	}
	for i := range e.acl.log.entries {
		entry := &e.acl.log.entries[i]
		w.begin(wordDenied).int(int64(entry.why)).text(entry.context).text(entry.object).text(entry.user)
		w.ints(entry.numbers()).text(entry.client).end()
	}
}

// numbers lists the numbers of an entry that go over.
func (entry *aclEntry) numbers() []*int64 {
	return []*int64{&entry.id, &entry.count, &entry.first, &entry.last}
}

func (t *takeover) readUser() {
	name := t.text()
	u := t.e.acl.user(name)
	if u == nil {
		u = t.e.acl.add(name)
	}
	*u = user{name: name, selectors: []*selector{{}}}
	rules, _ := mergeRules(splitAt(t.text(), ' '))
	for _, rule := range rules {
		t.broken = t.broken || t.e.applyRule(u, rule) != ""
	}
}

func (t *takeover) readDenied() {
	var entry aclEntry
	entry.why = denial(t.int())
	entry.context, entry.object, entry.user = t.text(), t.text(), t.text()
	t.ints(entry.numbers())
	entry.client = t.text()
	t.broken = t.broken || int(entry.why) >= len(reasonNames)
	t.e.acl.log.entries = append(t.e.acl.log.entries, entry)
}
