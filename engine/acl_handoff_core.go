//go:build core

package engine

// The core build has no ACL command, so that its only user is the default one, whose password is a parameter.
// Without these two the rules' code would be in every page.

func (e *Engine) writeUsers(*handoffWriter) {}

func (t *takeover) readUser() { t.broken = true }

func (t *takeover) readDenied() { t.broken = true }
