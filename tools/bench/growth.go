package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// subject is something that grows, and what is asked of a server meanwhile.
type subject struct {
	name        string
	x           string // what grows
	least, most int
	grow        func(p *process, from, to int) error
	asked       []asked
}

// asked is a kind of command that leaves the size as it is, and the server's CPU time for one of them in
// microseconds.
type asked struct {
	name string
	cost func(p *process, size int) (float64, error)
}

// subjects are made anew for each server, since some count what they have sent.
func subjects(o options) []subject {
	send, most := sent(o.scaled(6000, 300)), func(count int) int { return o.scaled(count, 100) }
	many := most(1_000_000)
	return []subject{
		{"Keys", "keys", 1000, max(1000, most(10_000_000)), by(setNumbered), []asked{
			{"GET", send.play(func(n int) request { return build(2, words("GET"), anyOf(n, "key:")) })},
			{"SET", send.play(func(n int) request { return build(3, words("SET"), anyOf(n, "key:"), words("yyy")) })},
		}},
		{"Hash", "fields", 10, many, by(build(4, words("HSET", "k"), numbered(""), words("xxx"))), []asked{
			{"HGET", send.play(func(n int) request { return build(3, words("HGET", "k"), anyOf(n, "")) })},
			{"HSET", send.play(func(n int) request {
				return build(4, words("HSET", "k"), anyOf(n, ""), words("yyy"))
			})},
		}},
		{"Set", "members", 10, many, by(build(3, words("SADD", "k"), numbered("m"))), []asked{
			{"SISMEMBER", send.play(func(n int) request { return build(3, words("SISMEMBER", "k"), anyOf(n, "m")) })},
			{"SADD", send.play(func(n int) request { return build(3, words("SADD", "k"), anyOf(n, "m")) })},
		}},
		{"Sorted set", "members", 10, many, by(build(4, words("ZADD", "k"), numbered(""), numbered("m"))), []asked{
			{"ZADD", send.play(func(n int) request {
				return build(4, words("ZADD", "k"), anyOf(n, ""), anyOf(n, "m"))
			})},
			{"ZRANK", send.play(func(n int) request { return build(3, words("ZRANK", "k"), anyOf(n, "m")) })},
			{"ZRANGEBYSCORE of 10", send.play(func(n int) request {
				return build(7, words("ZRANGEBYSCORE", "k"), anyOf(n, ""), words("+inf", "LIMIT", "0", "10"))
			})},
		}},
		{"List", "elements", 10, many, by(build(3, words("RPUSH", "k"), numbered("e"))), []asked{
			{"LINDEX in the middle", send.play(func(n int) request {
				return command("LINDEX", "k", strconv.Itoa(n/2))
			})},
			{"LPUSH and RPOP", send.play(func(int) request {
				return alternate(command("LPUSH", "k", "e000000000000"), command("RPOP", "k"))
			})},
		}},
		streamSubject(most(10_000_000)),
		{"Clients", "connections", 1, most(10_000), nil, []asked{{"GET, no pipeline", send.overClients}}},
		blockedSubject(send, most(10_000)),
		{"Subscribers", "subscribers", 1, most(10_000), func(p *process, from, to int) error {
			return p.subscribe(to - from)
		}, []asked{{"PUBLISH, a delivery", send.delivery}}},
	}
}

// growth draws a curve for each subject, and then looks for pauses.
func growth(o options, r *report) error {
	r.begin("growth", "how many times dearer a command is at the largest size than at the smallest")
	for i, shape := range subjects(o) {
		if !o.wants(shape.name) {
			continue
		}
		ours, err1 := curveOf(o.riffle(), subjects(o)[i])
		theirs, err2 := curveOf(o.redis(), subjects(o)[i])
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: %w", shape.name, err)
		}
		c := &curve{Name: shape.name, X: shape.x}
		for k := range ours {
			r.add(figure{Group: r.group, Name: shape.name + ", " + ours[k].Name, Measure: "times",
				Ours: []float64{ours[k].rise()}, Theirs: []float64{theirs[k].rise()}})
			r.say("  riffle %s\n  redis  %s", ours[k].text(), theirs[k].text())
			theirs[k].Theirs = true
			c.Series = append(c.Series, ours[k], theirs[k])
		}
		r.Curves = append(r.Curves, c)
	}
	return pauses(o, r)
}

// rise is how many times the last point is as high as the first.
func (s series) rise() float64 { return s.Points[len(s.Points)-1].Y / s.Points[0].Y }

func (s series) text() string {
	var words []string
	for _, p := range s.Points {
		words = append(words, fmt.Sprintf("%.0f: %s us", p.X, threeDigits(p.Y)))
	}
	return strings.Join(words, ", ")
}

// curveOf measures one server at every power of ten.
func curveOf(s side, shape subject) ([]series, error) {
	lines := make([]series, len(shape.asked))
	p, err := s.launch()
	if err != nil {
		return nil, err
	}
	defer p.stop()
	for before, size := 0, shape.least; size <= shape.most; before, size = size, size*10 {
		if shape.grow != nil {
			if err := shape.grow(p, before, size); err != nil {
				return nil, err
			}
		}
		for i, command := range shape.asked {
			cost, err := command.cost(p, size)
			if err != nil {
				return nil, fmt.Errorf("%s: %s at %d: %w", s.name, command.name, size, err)
			}
			lines[i].Name = command.name
			lines[i].Points = append(lines[i].Points, point{float64(size), cost})
		}
	}
	return lines, nil
}

// by grows data one request at a time.
func by(r request) func(p *process, from, to int) error {
	return func(p *process, from, to int) error {
		_, err := load{first: from, count: to - from, connections: 1, pipeline: 200, request: r}.run(p.address)
		return err
	}
}

// sent is how many commands are sent for a point, three times; the middle cost counts.
type sent int

// play costs requests that know the size.
func (s sent) play(sized func(size int) request) func(p *process, size int) (float64, error) {
	return func(p *process, size int) (float64, error) {
		return p.middleCost(load{count: int(s), connections: 1, pipeline: 16, request: sized(size)}, 1)
	}
}

// middleCost is the median of three loads' CPU microseconds per command, when each counts for several.
func (p *process) middleCost(l load, each int) (float64, error) {
	var costs []float64
	for range 3 {
		cpu, _, _, err := p.cost(l)
		if err != nil {
			return 0, err
		}
		costs = append(costs, perCommand(cpu, l.count*each))
	}
	return median(costs), nil
}

// overClients costs a GET when that many clients ask in turn.
func (s sent) overClients(p *process, size int) (float64, error) {
	return p.middleCost(load{count: max(int(s), 2*size), connections: size, pipeline: 1,
		request: command("GET", "k")}, 1)
}

// delivery costs one of the messages that a PUBLISH becomes.
func (s sent) delivery(p *process, size int) (float64, error) {
	return p.middleCost(load{count: max(10, int(s)/size), connections: 1, pipeline: 1,
		request: command("PUBLISH", "news", "xxx")}, size)
}

// blockedSubject are clients that wait, each for a list of its own.
func blockedSubject(send sent, most int) subject {
	waiting := &fleet{skim: skimmer{buffer: make([]byte, 1<<10)}}
	pop := build(3, words("BLPOP"), numbered("q:"), words("0"))
	grow := func(p *process, from, to int) error {
		more, err := dial(p.address, to-from)
		if err != nil {
			return err
		}
		p.crowd = append(p.crowd, more)
		waiting.wires = append(waiting.wires, more.wires...)
		for i := from; i < to; i++ {
			if _, err := waiting.wires[i].Write(pop(nil, i, nil)); err != nil {
				return err
			}
		}
		return nil
	}
	// wake pushes to one list after another; who was woken waits again.
	wake := func(p *process, size int) (float64, error) {
		f, err := dial(p.address, 1)
		if err != nil {
			return 0, err
		}
		defer f.close()
		before, _, err := p.cpu()
		if err != nil {
			return 0, err
		}
		for i := range int(send) {
			l := load{first: i % size, count: 1, connections: 1, pipeline: 1,
				request: build(3, words("LPUSH"), numbered("q:"), words("xxx"))}
			if _, err := f.play(l); err != nil {
				return 0, err
			}
			if err := waiting.skim.replies(waiting.wires[i%size], 1); err != nil {
				return 0, err
			}
			if _, err := waiting.wires[i%size].Write(pop(nil, i%size, nil)); err != nil {
				return 0, err
			}
		}
		after, _, err := p.cpu()
		return perCommand(after-before, int(send)), err
	}
	return subject{"Blocked clients", "clients that wait", 1, most, grow, []asked{
		{"GET meanwhile", send.play(func(int) request { return command("GET", "k") })},
		{"LPUSH that wakes one", wake},
	}}
}

// streamSubject is one stream with a group of up to a thousand consumers, who have up to a hundred thousand
// entries pending at each size.
func streamSubject(most int) subject {
	entries := 0
	id := func() string { return strconv.Itoa(entries) + "-1" }
	add := func(p []byte, _ int, _ *rand.Rand) []byte {
		entries++
		p = appendBulk(appendBulk(appendBulk(appendHead(p, 5), "XADD"), "k"), id())
		return appendBulk(appendBulk(p, "field"), "xxx")
	}
	acknowledge := func(p []byte, _ int, _ *rand.Rand) []byte {
		return appendBulk(appendBulk(appendBulk(appendBulk(appendHead(p, 4), "XACK"), "k"), "g"), id())
	}
	grow := func(p *process, _, to int) error {
		for _, l := range []load{
			fill(to-entries, add),
			fill(1, command("XGROUP", "DESTROY", "k", "g")),
			fill(1, command("XGROUP", "CREATE", "k", "g", "0")),
			fill(min(1000, to/100), build(9, words("XREADGROUP", "GROUP", "g"), numbered("c"),
				words("COUNT", "100", "STREAMS", "k", ">"))),
			fill(1, command("XGROUP", "SETID", "k", "g", "$")),
		} {
			if _, err := l.run(p.address); err != nil {
				return err
			}
		}
		return nil
	}
	read := command("XREADGROUP", "GROUP", "g", "c000000000001", "COUNT", "1", "STREAMS", "k", ">")
	claim := command("XAUTOCLAIM", "k", "g", "c000000000002", "0", "0", "COUNT", "10", "JUSTID")
	return subject{"Stream", "entries", 1000, max(1000, most), grow, []asked{
		{"XADD, XREADGROUP, XACK", few(alternate(add, read, acknowledge))},
		{"XAUTOCLAIM of 10", few(claim)},
	}}
}

// few costs requests of which so few are sent that a stream hardly grows by them.
func few(r request) func(p *process, size int) (float64, error) {
	return func(p *process, size int) (float64, error) {
		return p.middleCost(load{count: min(size/20, 3000) / 3 * 3, connections: 1, pipeline: 15, request: r}, 1)
	}
}
