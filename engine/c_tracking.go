package engine

import (
	"bytes"
	"slices"
)

// CLIENT TRACKING and what belongs to it; tracking.go says how it works.

const (
	errCachingOff = "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT" +
		" mode enabled"
	errSwitchMode = " before disabling tracking for this client, and then re-enabling it with a different mode."
)

func clientCaching(c *Ctx) {
	if !c.Client.has(flagTracking) {
		c.Reply.Error(errCachingOff)
		return
	}
	options := c.Client.tracker.options
	switch yes, no := c.is(2, "YES"), c.is(2, "NO"); {
	case yes && options&trackOptIn == 0:
		c.Reply.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
	case no && options&trackOptOut == 0:
		c.Reply.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
	case !yes && !no:
		c.syntaxError()
	default:
		c.Client.set(flagCaching, true)
		c.Reply.OK()
	}
}

// trackingRequest is what CLIENT TRACKING asks for.
type trackingRequest struct {
	options  trackingOptions
	redirect int64
	prefixes [][]byte
}

func clientTracking(c *Ctx) {
	var q trackingRequest
	for i := 3; i < len(c.Argv); {
		n := c.trackingOption(&q, i)
		if n == 0 {
			return
		}
		i += n
	}
	switch {
	case c.is(2, "OFF"):
		c.e.untrack(c.Client)
	case !c.is(2, "ON"):
		c.syntaxError()
		return
	default:
		failure := q.conflict(c.Client)
		if failure == "" && q.options&trackBroadcast != 0 {
			failure = q.overlap(c.Client.tracker)
		}
		if failure != "" {
			c.Reply.Error(failure)
			return
		}
		c.e.track(c.Client, q.options, q.redirect, q.prefixes)
	}
	c.Reply.OK()
}

// trackingOption reads one option and returns how many words it took; 0 if it has replied.
func (c *Ctx) trackingOption(q *trackingRequest, i int) (words int) {
	more := i+1 < len(c.Argv)
	switch {
	case c.is(i, "REDIRECT") && more:
		if q.redirect != 0 {
			c.Reply.Error("ERR A client can only redirect to a single other client")
			return 0
		}
		id, ok := c.int(i + 1)
		if !ok {
			return 0
		}
		if to := c.e.clientByID(id); to == nil || to.has(flagClosing) {
			c.Reply.Error("ERR The client ID you want redirect to does not exist")
			return 0
		}
		q.redirect = id
		return 2
	case c.is(i, "PREFIX") && more:
		q.prefixes = append(q.prefixes, c.Argv[i+1])
		return 2
	case c.is(i, "BCAST"):
		q.options |= trackBroadcast
	case c.is(i, "OPTIN"):
		q.options |= trackOptIn
	case c.is(i, "OPTOUT"):
		q.options |= trackOptOut
	case c.is(i, "NOLOOP"):
		q.options |= trackNoLoop
	default:
		c.syntaxError()
		return 0
	}
	return 1
}

// conflict says which options go against each other or against the mode that the client is in.
func (q *trackingRequest) conflict(c *Client) string {
	const opt = trackOptIn | trackOptOut
	changed := trackingOptions(0)
	if c.has(flagTracking) {
		changed = c.tracker.options ^ q.options
	}
	switch {
	case q.options&trackBroadcast == 0 && len(q.prefixes) > 0:
		return "ERR PREFIX option requires BCAST mode to be enabled"
	case changed&trackBroadcast != 0:
		return "ERR You can't switch BCAST mode on/off" + errSwitchMode
	case q.options&trackBroadcast != 0 && q.options&opt != 0:
		return "ERR OPTIN and OPTOUT are not compatible with BCAST"
	case q.options&opt == opt:
		return "ERR You can't specify both OPTIN mode and OPTOUT mode"
	case changed&opt == opt:
		return "ERR You can't switch OPTIN/OPTOUT mode" + errSwitchMode
	}
	return ""
}

// overlap says which two prefixes would tell of the same key twice. The reference enables tracking all the
// same, and replies twice, when two new ones overlap and neither is the first of all.
func (q *trackingRequest) overlap(mine *tracker) string {
	first := firstOverlap(q.prefixes)
	for i, text := range q.prefixes {
		if p := mine.overlapping(text); p != nil {
			return overlapError(text, "an existing prefix '"+upToNul([]byte(p.text)))
		}
		if i != first {
			continue
		}
		for _, other := range q.prefixes[i+1:] {
			if overlaps(other, text) {
				return overlapError(text, "another provided prefix '"+upToNul(other))
			}
		}
	}
	return ""
}

// overlapping returns the first of a client's prefixes that overlaps with text. They do not overlap themselves,
// save with the empty one, which no check keeps out. So the last one below text may begin it, and the next
// one may begin with it.
func (t *tracker) overlapping(text []byte) *prefix {
	if t == nil || len(t.prefixes) == 0 {
		return nil
	}
	if all := t.prefixes[0]; all.text == "" {
		return all
	}
	at, _ := seekPrefix(t.prefixes, text)
	for i := max(at-1, 0); i <= at && i < len(t.prefixes); i++ {
		if p := t.prefixes[i]; commonPrefix(p.text, text) == min(len(p.text), len(text)) {
			return p
		}
	}
	return nil
}

// firstOverlap returns the first of texts that overlaps with another, -1 if none does: those that begin with
// the same text follow it in sorted order.
func firstOverlap(texts [][]byte) int {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return bytes.Compare(texts[i], texts[j]) })
	first := -1
	for k, root := 1, 0; k < len(order); k++ {
		if !bytes.HasPrefix(texts[order[k]], texts[order[root]]) {
			root = k
			continue
		}
		for _, i := range [...]int{order[root], order[k]} {
			if first < 0 || i < first {
				first = i
			}
		}
	}
	return first
}

func overlaps(a, b []byte) bool { return bytes.HasPrefix(a, b) || bytes.HasPrefix(b, a) }

func overlapError(text []byte, other string) string {
	return "ERR Prefix '" + upToNul(text) + "' overlaps with " + other +
		"'. Prefixes for a single client must not overlap."
}

// redirection is where a client's messages go: a client's id, 0 for itself, -1 if it does not track.
func (c *Client) redirection() int64 {
	if !c.has(flagTracking) {
		return -1
	}
	return c.tracker.redirect
}

func clientTrackingInfo(c *Ctx) {
	r, client := c.Reply, c.Client
	t := client.tracker
	if t == nil {
		t = &tracker{}
	}
	caching := client.has(flagCaching)
	r.Map(3)
	r.BulkString("flags")
	mark, n := r.Later(), 0
	for _, f := range [...]struct {
		name string
		on   bool
	}{
		{"off", !client.has(flagTracking)},
		{"on", client.has(flagTracking)},
		{"bcast", t.options&trackBroadcast != 0},
		{"optin", t.options&trackOptIn != 0},
		{"caching-yes", t.options&trackOptIn != 0 && caching},
		{"optout", t.options&trackOptOut != 0},
		{"caching-no", t.options&trackOptOut != 0 && caching},
		{"noloop", t.options&trackNoLoop != 0},
		{"broken_redirect", t.broken},
	} {
		if f.on {
			r.BulkString(f.name)
			n++
		}
	}
	r.SetAt(mark, n)
	r.BulkString("redirect")
	r.Int(client.redirection())
	r.BulkString("prefixes")
	r.Array(len(t.prefixes))
	for _, p := range t.prefixes {
		r.BulkString(p.text)
	}
}
