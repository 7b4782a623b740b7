package engine

import "riffle/engine/glob"

const listenFlags = PubSub | NoScript | Loading | Stale

var pubsubCommands = []Command{
	{
		Name: "PSUBSCRIBE", Syntax: "pattern [pattern ...]", Keys: "none", Flags: listenFlags,
		Since: "2.0.0", Complexity: "O(N) where N is the number of patterns to subscribe to.",
		Summary: "Listens for messages published to channels that match one or more patterns.",
		Example: `
> PSUBSCRIBE news.*
1) "psubscribe"
2) "news.*"
3) (integer) 1`,
		Run: func(c *Ctx) { c.subscribe(&patternListening) },
	},
	{
		Name: "PUBLISH", Syntax: "channel message", Keys: "none",
		Flags: PubSub | Loading | Stale | Fast | MayReplicate, Since: "2.0.0",
		Complexity: "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total " +
			"number of subscribed patterns (by any client).",
		Summary: "Posts a message to a channel.",
		Example: `
> PUBLISH news "nobody listens"
(integer) 0`,
		Run: publishCommand,
	},
	{
		Name: "PUBSUB", Since: "2.8.0", Complexity: "Depends on subcommand.",
		Summary: "A container for Pub/Sub commands.",
		Subs:    pubsubSubcommands,
	},
	{
		Name: "PUNSUBSCRIBE", Syntax: "[pattern [pattern ...]]", Keys: "none", Flags: listenFlags,
		Since: "2.0.0", Complexity: "O(N) where N is the number of patterns to unsubscribe.",
		Summary: "Stops listening to messages published to channels that match one or more patterns.",
		Example: `
> PUNSUBSCRIBE
1) "punsubscribe"
2) (nil)
3) (integer) 0`,
		Run: func(c *Ctx) { c.unsubscribe(&patternListening) },
	},
	{
		Name: "SPUBLISH", Syntax: "shardchannel message", Keys: "1 1 1",
		Flags: PubSub | Loading | Stale | Fast | MayReplicate, Since: "7.0.0",
		Complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.",
		Summary:    "Posts a message to a shard channel.",
		Example: `
> SPUBLISH orders "nobody listens"
(integer) 0`,
		Run: spublishCommand,
	},
	{
		Name: "SSUBSCRIBE", Syntax: "shardchannel [shardchannel ...]", Keys: "1 -1 1",
		Flags: listenFlags, Since: "7.0.0",
		Complexity: "O(N) where N is the number of shard channels to subscribe to.",
		Summary:    "Listens for messages published to shard channels.",
		Example: `
> SSUBSCRIBE orders
1) "ssubscribe"
2) "orders"
3) (integer) 1`,
		Run: func(c *Ctx) { c.subscribe(&shardListening) },
	},
	{
		Name: "SUBSCRIBE", Syntax: "channel [channel ...]", Keys: "none", Flags: listenFlags,
		Since: "2.0.0", Complexity: "O(N) where N is the number of channels to subscribe to.",
		Summary: "Listens for messages published to channels.",
		Example: `
> SUBSCRIBE news
1) "subscribe"
2) "news"
3) (integer) 1`,
		Run: func(c *Ctx) { c.subscribe(&channelListening) },
	},
	{
		Name: "SUNSUBSCRIBE", Syntax: "[shardchannel [shardchannel ...]]", Keys: "1 -1 1",
		Flags: listenFlags, Since: "7.0.0",
		Complexity: "O(N) where N is the number of shard channels to unsubscribe.",
		Summary:    "Stops listening to messages posted to shard channels.",
		Example: `
> SUNSUBSCRIBE
1) "sunsubscribe"
2) (nil)
3) (integer) 0`,
		Run: func(c *Ctx) { c.unsubscribe(&shardListening) },
	},
	{
		Name: "UNSUBSCRIBE", Syntax: "[channel [channel ...]]", Keys: "none", Flags: listenFlags,
		Since: "2.0.0", Complexity: "O(N) where N is the number of channels to unsubscribe.",
		Summary: "Stops listening to messages posted to channels.",
		Example: `
> UNSUBSCRIBE
1) "unsubscribe"
2) (nil)
3) (integer) 0`,
		Run: func(c *Ctx) { c.unsubscribe(&channelListening) },
	},
}

var pubsubSubcommands = []Command{
	{
		Name: "CHANNELS", Syntax: "[pattern]", Flags: PubSub | Loading | Stale, Since: "2.8.0",
		Complexity: "O(N) where N is the number of active channels, and assuming constant time pattern matching.",
		Summary:    "Returns the active channels.",
		Example: `
> PUBSUB CHANNELS
(empty array)`,
		Run: func(c *Ctx) { c.replyChannels(&c.e.channels.exact) },
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> PUBSUB HELP
 1) PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(pubsubHelp) },
	},
	{
		Name: "NUMPAT", Flags: PubSub | Loading | Stale, Since: "2.8.0", Complexity: "O(1)",
		Summary: "Returns a count of unique pattern subscriptions.",
		Example: `
> PUBSUB NUMPAT
(integer) 0`,
		Run: func(c *Ctx) { c.Reply.Int(int64(len(c.e.channels.patterns.list))) },
	},
	{
		Name: "NUMSUB", Syntax: "[channel [channel ...]]", Flags: PubSub | Loading | Stale, Since: "2.8.0",
		Complexity: "O(N) for the NUMSUB subcommand, where N is the number of requested channels.",
		Summary:    "Returns a count of subscribers to channels.",
		Example: `
> PUBSUB NUMSUB news
1) "news"
2) (integer) 0`,
		Run: func(c *Ctx) { c.replyAudiences(&c.e.channels.exact) },
	},
	{
		Name: "SHARDCHANNELS", Syntax: "[pattern]", Flags: PubSub | Loading | Stale, Since: "7.0.0",
		Complexity: "O(N) where N is the number of active shard channels, and assuming constant time pattern matching.",
		Summary:    "Returns the active shard channels.",
		Example: `
> PUBSUB SHARDCHANNELS
(empty array)`,
		Run: func(c *Ctx) { c.replyChannels(&c.e.channels.sharded) },
	},
	{
		Name: "SHARDNUMSUB", Syntax: "[shardchannel [shardchannel ...]]", Flags: PubSub | Loading | Stale,
		Since:      "7.0.0",
		Complexity: "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels.",
		Summary:    "Returns the count of subscribers of shard channels.",
		Example: `
> PUBSUB SHARDNUMSUB orders
1) "orders"
2) (integer) 0`,
		Run: func(c *Ctx) { c.replyAudiences(&c.e.channels.sharded) },
	},
}

var pubsubHelp = []string{
	"CHANNELS [<pattern>]",
	"    Return the currently active channels matching a <pattern> (default: '*').",
	"NUMPAT",
	"    Return number of subscriptions to patterns.",
	"NUMSUB [<channel> ...]",
	"    Return the number of subscribers for the specified channels, excluding",
	"    pattern subscriptions(default: no channels).",
	"SHARDCHANNELS [<pattern>]",
	"    Return the currently active shard level channels matching a <pattern> (default: '*').",
	"SHARDNUMSUB [<shardchannel> ...]",
	"    Return the number of subscribers for the specified shard level channel(s)",
}

// listening is one of the three ways to listen: to channels, to patterns, to sharded channels.
type listening struct {
	verb   string // prefix of the reply's kind: "", "p" or "s"
	crowd  func(*channels) *crowd
	mine   func(*subscription) *[]*listenerNote
	counts func(*subscription) int // the number that a reply tells the client
}

var (
	channelListening = listening{"", (*channels).exactCrowd, (*subscription).exactNotes, (*subscription).unsharded}
	patternListening = listening{"p", (*channels).patternCrowd, (*subscription).patternNotes, (*subscription).unsharded}
	shardListening   = listening{"s", (*channels).shardedCrowd, (*subscription).shardedNotes, (*subscription).shards}
)

// subscribe adds the client to the audience of each argument, and answers once for each.
func (c *Ctx) subscribe(way *listening) {
	client := c.Client
	if client.subs == nil {
		client.subs = &subscription{}
	}
	mine := way.mine(client.subs)
	for _, name := range c.Argv[1:] {
		a := way.crowd(&c.e.channels).audience(name)
		if a.find(client, *mine) == nil {
			a.join(client, mine)
		}
		c.replySubscription(way.verb+"subscribe", name, way.counts(client.subs))
	}
}

// unsubscribe takes the client out of the audiences named, or of all of that way; it always answers
// at least once.
func (c *Ctx) unsubscribe(way *listening) {
	subs := c.Client.subs
	if subs == nil {
		subs = &subscription{}
	}
	kind := way.verb + "unsubscribe"
	names := c.Argv[1:]
	if len(names) == 0 {
		for _, note := range *way.mine(subs) {
			names = append(names, []byte(note.audience.name))
		}
	}
	if len(names) == 0 {
		c.replySubscription(kind, nil, way.counts(subs))
		return
	}
	for _, name := range names {
		c.e.leave(c.Client, way, name)
		c.replySubscription(kind, name, way.counts(subs))
	}
}

// leave takes a client out of one audience, if it is in it.
func (e *Engine) leave(c *Client, way *listening, name []byte) {
	crowd := way.crowd(&e.channels)
	a := crowd.byName[string(name)]
	if a == nil || c.subs == nil {
		return
	}
	mine := way.mine(c.subs)
	if note := a.find(c, *mine); note != nil {
		crowd.part(note, mine)
	}
}

// unsubscribeAll forgets everything a client listens to.
func (e *Engine) unsubscribeAll(c *Client) {
	if c.subs == nil {
		return
	}
	for _, way := range listenings() {
		mine := way.mine(c.subs)
		for n := len(*mine); n > 0; n-- {
			way.crowd(&e.channels).part((*mine)[n-1], mine)
		}
	}
	c.subs = nil
}

// replySubscription writes the answer to one subscription change: a push, since it is not the one
// reply of a request. A nil name is a null.
func (c *Ctx) replySubscription(kind string, name []byte, count int) {
	c.Reply.Push(3)
	c.Reply.BulkString(kind)
	if name == nil {
		c.Reply.Null()
	} else {
		c.Reply.Bulk(name)
	}
	c.Reply.Int(int64(count))
}

func publishCommand(c *Ctx) {
	c.Reply.Int(c.e.publish(c.Argv[1], c.Argv[2]))
}

func spublishCommand(c *Ctx) {
	receivers := int64(0)
	if a := c.e.channels.sharded.byName[string(c.Argv[1])]; a != nil {
		receivers = c.e.tell(a, "smessage", c.Argv[1], c.Argv[2])
	}
	c.Reply.Int(receivers)
}

// replyChannels lists the names somebody listens to, within an optional pattern.
func (c *Ctx) replyChannels(of *crowd) {
	if len(c.Argv) > 3 {
		c.subcommandError()
		return
	}
	mark, n := c.Reply.Later(), 0
	for _, a := range of.list {
		if len(c.Argv) == 2 || glob.Match(c.Argv[2], []byte(a.name), false) {
			c.Reply.BulkString(a.name)
			n++
		}
	}
	c.Reply.ArrayAt(mark, n)
}

// replyAudiences tells how many clients listen to each name asked for.
func (c *Ctx) replyAudiences(of *crowd) {
	c.Reply.Array(2 * (len(c.Argv) - 2))
	for _, name := range c.Argv[2:] {
		n := 0
		if a := of.byName[string(name)]; a != nil {
			n = len(a.seats)
		}
		c.Reply.Bulk(name)
		c.Reply.Int(int64(n))
	}
}

// allowedWhileListening reports whether a RESP2 client that has subscribed to something may run cmd.
func allowedWhileListening(cmd *entry) bool {
	if cmd.parent != nil {
		return false
	}
	switch cmd.Name {
	case "PING", "QUIT", "RESET", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE",
		"SSUBSCRIBE",
		"SUNSUBSCRIBE":
		return true
	}
	return false
}

func listeningError(cmd *entry) string {
	return "ERR Can't execute '" + cmd.full + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET" +
		" are allowed in this context"
}
