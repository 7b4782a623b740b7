package engine

import (
	"cmp"
)

// XREADGROUP with CLAIM min-idle-time first takes over what has been pending for so long, what was given
// back before all, and only then reads on. Each entry is replied with how long it had been idle and how often it
// had been delivered; both are 0 of a new one.
//
// The reference keeps a group's deliveries in the order of their times. Here they are looked through, in
// 24 bytes each, when the earliest of them may be old enough: a group notes a time before which there is none.

// idleEntry is a pending entry that may be claimed.
type idleEntry struct {
	id streamID
	at int64 // of its delivery, in milliseconds since 1970; 0 = given back
}

// claimable returns the pending entries that a request may claim from a source, in the order of delivery.
// Those that the stream has no more stay pending.
func (c *Ctx) claimable(r *readRequest, source *readSource) (found []idleEntry) {
	g := source.group
	if !r.claim || source.history || g.pending.length == 0 || c.Now-g.pending.earliest < r.minIdle {
		return nil
	}
	g.pending.earliest = c.Now
	for i := range g.pending.chunks {
		k := &g.pending.chunks[i]
		for j := range k.deliveries {
			at := k.deliveries[j].at
			g.pending.earliest = min(g.pending.earliest, at)
			if c.Now-at >= r.minIdle && source.stream.exists(k.ids[j]) {
				found = append(found, idleEntry{k.ids[j], at})
			}
		}
	}
	sortStable(found, func(a, b idleEntry) int { return cmp.Compare(a.at, b.at) })
	return found
}

// reclaim replies the claimable entries and makes them the consumer's; it returns how many these are.
func (c *Ctx) reclaim(r *readRequest, source *readSource, k *streamConsumer, effects *claimEffects,
	claimable []idleEntry) (n int64) {
	for _, entry := range claimable {
		if r.count > 0 && n == r.count || r.budget.spent(c.Reply) {
			break
		}
		w := source.stream.walk(entry.id, entry.id, false)
		w.next()
		count := source.group.pending.find(entry.id).count
		c.replyDelivery(r, &w, c.Now-entry.at, count)
		if count < maxInt64 {
			count++
		}
		source.group.assign(entry.id, k, c.Now, count)
		k.active = c.Now
		effects.add(entry.id, c.Now, count)
		r.budget.sent++
		n++
	}
	return n
}

// replyDelivery replies an entry, and if the request claims what is to be told of its deliveries.
func (c *Ctx) replyDelivery(r *readRequest, w *streamWalk, idle, count int64) {
	if !r.claim {
		c.Reply.streamEntry(w)
		return
	}
	c.Reply.Array(4)
	c.Reply.streamParts(w)
	c.Reply.Int(idle)
	c.Reply.Int(count)
}

// firstClaim returns when the first pending entry will be idle enough, in milliseconds since 1970; 0 if
// none is pending.
func (c *Ctx) firstClaim(r *readRequest, sources []readSource) (at int64) {
	for i := range sources {
		g, s := sources[i].group, sources[i].stream
		if sources[i].history {
			continue
		}
		for j := range g.pending.chunks {
			k := &g.pending.chunks[j]
			for i := range k.deliveries {
				due := k.deliveries[i].at + min(r.minIdle, maxInt64-k.deliveries[i].at)
				if (at == 0 || due < at) && s.exists(k.ids[i]) {
					at = due
				}
			}
		}
	}
	return at
}

// readBudget bounds the whole reply of a read: MAXCOUNT entries, or MAXSIZE bytes, which the last entry may
// exceed. The first entry is always there.
type readBudget struct {
	count, bytes int64 // 0 = any number
	sent         int64
	begun        int // the length of the output before the reply
}

// spent says whether no more entries may be replied.
func (b *readBudget) spent(r *Reply) bool {
	if b.sent == 0 {
		return false
	}
	return b.count > 0 && b.sent >= b.count || b.bytes > 0 && int64(len(r.buf)-b.begun) >= b.bytes
}
