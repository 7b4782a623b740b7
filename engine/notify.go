package engine

// Keyspace notifications: what happens to keys, published as messages. Events are off unless
// notify-keyspace-events asks for them.

// notifyClass is a set of event classes; the letters are those of notify-keyspace-events.
type notifyClass uint32

const (
	notifyKeyspace notifyClass = 1 << iota // K: to __keyspace@db__:key
	notifyKeyevent                         // E: to __keyevent@db__:event
	notifyGeneric                          // g
	notifyString                           // $
	notifyList                             // l
	notifySet                              // s
	notifyHash                             // h
	notifyZSet                             // z
	notifyExpired                          // x
	notifyEvicted                          // e
	notifyStream                           // t
	notifyMissed                           // m
	notifyModule                           // d
	notifyNew                              // n
)

// Notify publishes that event happened to a key of the running command's database.
func (c *Ctx) Notify(class notifyClass, event string, key []byte) {
	if c.e.settings.notify&class != 0 {
		c.e.notify(class, event, c.DB.id, key)
	}
}

func (e *Engine) notify(class notifyClass, event string, db int, key []byte) {
	if e.settings.notify&class == 0 || e.replaying {
		return
	}
	number := itoa(int64(db))
	if e.settings.notify&notifyKeyspace != 0 {
		e.publish([]byte("__keyspace@"+number+"__:"+string(key)), []byte(event))
	}
	if e.settings.notify&notifyKeyevent != 0 {
		e.publish([]byte("__keyevent@"+number+"__:"+event), key)
	}
}

// notifyMiss tells those who asked for it that a key was not found.
func (e *Engine) notifyMiss(db int, key []byte) {
	if e.settings.notify&notifyMissed != 0 {
		e.notify(notifyMissed, "keymiss", db, key)
	}
}
