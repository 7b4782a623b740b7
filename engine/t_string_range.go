package engine

// Parts of strings. What changes a string changes it in its block: only the bytes named are written,
// and a string that must move takes an eighth more room than it needs, so that growing it byte by
// byte is amortised O(1) a byte.

func strlenCommand(c *Ctx) {
	if text, ok := c.getString(c.Argv[1]); ok {
		c.Reply.Int(int64(len(text)))
	}
}

func appendCommand(c *Ctx) {
	key, more := c.Argv[1], c.Argv[2]
	ref, ok := c.findString(key)
	if !ok {
		return
	}
	if ref == 0 {
		c.putString(key, 0, more, formPlain, false)
		c.appended(key, len(more))
		return
	}
	length := len(c.DB.payload(ref))
	if !c.fits(int64(length), int64(len(more))) {
		return
	}
	copy(c.growString(key, ref, length+len(more))[length:], more)
	c.appended(key, length+len(more))
}

func (c *Ctx) appended(key []byte, length int) {
	c.Propagate()
	c.Notify(notifyString, "append", key)
	c.Reply.Int(int64(length))
}

func setrangeCommand(c *Ctx) {
	key, text := c.Argv[1], c.Argv[3]
	offset, ok := c.int(2)
	if !ok {
		return
	}
	if offset < 0 {
		c.Reply.Error("ERR offset is out of range")
		return
	}
	ref, ok := c.findString(key)
	if !ok {
		return
	}
	if len(text) == 0 {
		length := 0
		if ref != 0 {
			length = len(c.DB.payload(ref))
		}
		c.Reply.Int(int64(length))
		return
	}
	if !c.fits(offset, int64(len(text))) {
		return
	}
	c.e.beforeText(c.DB.keyspace, ref, int(offset), int(offset)+len(text))
	whole := c.growString(key, ref, int(offset)+len(text))
	copy(whole[offset:], text)
	c.Propagate()
	c.Notify(notifyString, "setrange", key)
	c.Reply.Int(int64(len(whole)))
}

func getrangeCommand(c *Ctx) {
	start, ok := c.int(2)
	if !ok {
		return
	}
	end, ok := c.int(3)
	if !ok {
		return
	}
	text, ok := c.getString(c.Argv[1])
	if ok {
		c.Reply.Bulk(substring(text, start, end))
	}
}

// substring returns the bytes from start to end inclusive; negative indexes count from the end.
func substring(text []byte, start, end int64) []byte {
	length := int64(len(text))
	if start < 0 && end < 0 && start > end {
		return nil
	}
	start, end = fromEnd(start, length), min(fromEnd(end, length), length-1)
	if start > end {
		return nil
	}
	return text[start : end+1]
}

// fromEnd makes an index that counts from the end one that counts from the start, 0 at least.
func fromEnd(i, length int64) int64 {
	if i < 0 {
		i += length
	}
	return max(i, 0)
}
