package engine

// Keys is the number of keys in all databases, those that have expired and still stand included.
func (e *Engine) Keys() int64 {
	var n int64
	for _, db := range e.dbs {
		n += int64(db.keys.Len())
	}
	return n
}

// Memory is what is held for the data, in bytes, holes in its pages included.
func (e *Engine) Memory() int64 {
	held := int64(0)
	for _, db := range e.dbs {
		held += db.size()
	}
	return held
}
