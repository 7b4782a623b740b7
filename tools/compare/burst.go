package main

import (
	"errors"
	"strings"
	"time"
)

// Most of a comparison's time is spent in waiting for the oracle after every command. Where only one client speaks its
// commands run in their order anyway, so a case is first played in bursts: commands that are sent at once. This can
// only find that both sides agree. In doubt, which is when bytes differ in a way that the commands one by one might
// explain, the case is played again step by step, and that counts.

// burstMost is how many commands a burst has at most. The engine reads further ahead in a long one.
const burstMost = 40

// agree plays a case in bursts and reports whether both sides agree. If it is false, that means nothing.
func (p *pair) agree(steps []step) (ok bool, err error) {
	if !alone(steps) {
		return false, nil
	}
	defer func() {
		if recover() != nil { // the case is played again, and panics again
			ok = false
		}
	}()
	if err := p.reset(steps); err != nil {
		return false, err
	}
	speakers := map[string]*speaker{}
	for len(steps) > 0 {
		n := burst(steps)
		name := steps[0].client
		if speakers[name] == nil {
			speakers[name] = &speaker{tally: p.tally}
			if err := p.greet(name); err != nil {
				return false, err
			}
		}
		if err := p.playBurst(steps[:n], speakers[name]); err != nil {
			return false, err
		}
		if !p.judgeBurst(name, speakers[name]) {
			return false, nil
		}
		time.Sleep(steps[n-1].pause)
		steps = steps[n:]
	}
	return p.digests() == "" && p.differentData() == "", nil
}

// alone reports whether the steps are commands of one client, but for those that let keys expire.
func alone(steps []step) bool {
	for _, s := range steps {
		if s.args == nil || s.client != steps[0].client && s.client != passing {
			return false
		}
	}
	return true
}

// burst is how many of the next steps can be sent at once: one client's, up to a pause, or to where a side has to be
// asked for what the other gets.
func burst(steps []step) int {
	for i, s := range steps {
		switch {
		case i > 0 && (s.client != steps[0].client || asks(s.args)):
			return i
		case s.pause > 0 || i+1 == burstMost:
			return i + 1
		}
	}
	return len(steps)
}

// asks reports whether a command has words that stand for something which a side must be asked for first.
func asks(args []string) bool {
	for _, word := range args {
		if strings.HasPrefix(word, "@dump:") || word == "@functions" {
			return true
		}
	}
	return false
}

func (p *pair) playBurst(steps []step, speaker *speaker) error {
	var ours, theirs []byte
	for _, s := range steps {
		ours, theirs = p.spell(s, speaker, ours, theirs)
	}
	name := steps[0].client
	return errors.Join(p.ours.send(name, ours), p.theirs.send(name, theirs))
}

// judgeBurst compares what both sides answered to a burst. Messages between the replies could belong to any of them.
func (p *pair) judgeBurst(name string, speaker *speaker) bool {
	ours, oursClosed := p.ours.take(name)
	theirs, theirsClosed := p.theirs.take(name)
	if oursClosed != theirsClosed || string(ours) != string(theirs) && (pushes(ours) || pushes(theirs)) {
		return false
	}
	return speaker.judge(ours, theirs) == ""
}

// pushes reports whether there may be a push among replies.
func pushes(replies []byte) bool {
	return len(replies) > 0 && replies[0] == '>' || strings.Contains(string(replies), "\n>")
}
