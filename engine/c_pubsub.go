package engine

// allowedWhileListening reports whether a RESP2 client that has subscribed to something may run cmd.
func allowedWhileListening(cmd *entry) bool {
	switch cmd.Name {
	case "PING", "QUIT", "RESET", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE":
		return cmd.parent == nil
	}
	return false
}

func listeningError(cmd *entry) string {
	return "ERR Can't execute '" + cmd.full + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET" +
		" are allowed in this context"
}

// unsubscribeAll forgets everything a client listens to.
func (e *Engine) unsubscribeAll(c *Client) {
	c.subs = nil
}
