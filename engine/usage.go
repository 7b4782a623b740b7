package engine

// Keys is the number of keys in all databases, those that have expired and still stand included.
func (e *Engine) Keys() int64 {
	var n int64
	for _, db := range e.dbs {
		n += int64(db.keys.Len())
	}
	return n
}

// Memory is what the data takes, in bytes: what maxmemory is compared with.
func (e *Engine) Memory() int64 { return e.usedMemory() }
