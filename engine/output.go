package engine

// Output lies in its client's buffer until the host has sent it. A small buffer stays with its client; a
// larger one goes, once it is drained, to whoever has something to write next: connections that are idle hold
// none, and pipelines of large replies allocate none.
type outputs struct {
	spare [][]byte
	bytes int // cap of all of spare
}

const (
	ownOutput   = 256     // bytes of the largest buffer that stays with its client
	spareOutput = 4 << 20 // bytes of drained buffers that are kept for reuse
)

// take returns a buffer to write into, nil if there is none to reuse.
func (o *outputs) take() []byte {
	last := len(o.spare) - 1
	if last < 0 {
		return nil
	}
	p := o.spare[last]
	o.spare[last] = nil
	o.spare = o.spare[:last]
	o.bytes -= cap(p)
	return p
}

// give keeps a drained buffer, as far as there is room.
func (o *outputs) give(p []byte) {
	if o.bytes+cap(p) <= spareOutput {
		o.spare = append(o.spare, p[:0])
		o.bytes += cap(p)
	}
}

// borrow makes sure that the client has a buffer, if there is one to reuse.
func (c *Client) borrow() {
	if cap(c.reply.buf) == 0 && c.outputs != nil {
		c.reply.buf = c.outputs.take()
	}
}

// drained gives the client's buffer, whose output is all sent, to others.
func (c *Client) drained() {
	c.sent = 0
	c.reply.buf = c.reply.buf[:0]
	if cap(c.reply.buf) > ownOutput && c.outputs != nil {
		c.outputs.give(c.reply.buf)
		c.reply.buf = nil
	}
}

// Out is the output that the host has not yet reported as Sent.
func (c *Client) Out() []byte { return c.reply.buf[c.sent:] }

// Sent says that the first n bytes of Out have been handed to the connection. Out's bytes are not the
// host's to read any more once all of them are sent.
func (c *Client) Sent(n int) {
	c.sent += n
	c.netOut += int64(n)
	if c.sent == len(c.reply.buf) {
		c.drained()
	}
}

// dropOutput forgets unsent output, which a client over its limit will never read.
func (c *Client) dropOutput() {
	c.reply.buf, c.sent, c.pushes = nil, 0, nil
}
