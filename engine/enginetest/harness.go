package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"riffle/engine"
	"riffle/engine/dict"
	"riffle/engine/lua"
)

// Start is the virtual time at which every harness begins, in microseconds since 1970.
const Start = int64(1_700_000_000_000_000)

// T is what the harness needs of a *testing.T; a program passes its own.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Harness is a host made for tests: it holds an engine, named clients, a clock that only moves when
// told, and everything the engine wrote to its journal. It remembers its inputs, so that the law can
// run them again, cut otherwise.
type Harness struct {
	Engine  *engine.Engine
	Now     int64  // virtual time, microseconds since 1970
	Journal []byte // all effects since Base
	Base    []byte // the snapshot that the journal continues, nil at first
	Offset  int64  // what the engine last said its journal's offset is
	Failure string // what Finish answers to requests; empty = they succeed
	Saved   []byte // the last snapshot a request asked for
	Users   string // the text of the ACL file

	settings [][2]string // parameters given to every engine the harness makes
	initial  int         // how many of them were there from the start

	seed    uint64
	wake    int64
	clients map[string]*Client
	order   []*Client // the open ones, in the order they were opened
	history []*Client // all that ever were, since the engine was made
	inputs  []input
	resumed bool // the engine began with data, not with the inputs alone
	stopped bool // a SHUTDOWN was carried out
}

// Client is one named connection of a harness.
type Client struct {
	Name   string
	Closed bool
	client *engine.Client
	output []byte // written by the engine and not yet taken
	total  []byte // written by the engine since the connection was opened
}

// input is one call into the engine, kept to be run again.
type input struct {
	kind   inputKind
	now    int64
	client string
	bytes  []byte
}

type inputKind uint8

const (
	inputOpen inputKind = iota
	inputFeed
	inputClose
	inputTick
	inputSet    // client and bytes are name and value
	inputRefuse // bytes are the failure
)

// New returns a harness around a fresh engine. Settings are parameters as name, value, name, value.
func New(seed uint64, settings ...string) *Harness {
	h := &Harness{Now: Start, seed: seed, clients: map[string]*Client{}}
	for i := 0; i+1 < len(settings); i += 2 {
		h.settings = append(h.settings, [2]string{settings[i], settings[i+1]})
	}
	h.initial = len(h.settings)
	h.Engine = h.fresh()
	return h
}

// Set gives the engine a parameter, as a configuration file does; so it does to the engines that
// later replay the journal. It returns the engine's objection, if any.
func (h *Harness) Set(name, value string) (failure string) {
	h.settings = append(h.settings, [2]string{name, value})
	h.inputs = append(h.inputs, input{inputSet, h.Now, name, []byte(value)})
	return configSet(h.Engine, name, value)
}

// Refuse tells the engine that persistence broke, or with an empty failure that it is mended.
func (h *Harness) Refuse(failure string) {
	h.inputs = append(h.inputs, input{inputRefuse, h.Now, "", []byte(failure)})
	h.Engine.Refuse(failure)
}

// recycled supplies pages that are written over when they are given back, and then handed out again: a
// view or a Ref that an engine uses too long reads nonsense.
func recycled() *dict.Pages {
	var pages [][]byte
	return &dict.Pages{
		Get: func() []byte {
			if len(pages) == 0 {
				return make([]byte, dict.PageSize)
			}
			page := pages[len(pages)-1]
			pages = pages[:len(pages)-1]
			return page
		},
		Put: func(page []byte) {
			for i := range page {
				page[i] = 0xdb
			}
			pages = append(pages, page)
		},
	}
}

// empty makes an engine that can do all that one can.
func empty(seed uint64) *engine.Engine {
	return engine.New(engine.Config{
		Seed: seed, Journal: true, Pages: recycled(), Scripts: lua.New(), ScriptSteps: 200 << 20,
	})
}

// fresh makes an empty engine with the harness's seed and settings.
func (h *Harness) fresh() *engine.Engine {
	e := empty(h.seed)
	for _, setting := range h.settings {
		if failure := configSet(e, setting[0], setting[1]); failure != "" {
			panic(fmt.Sprintf("parameter %s %q: %s", setting[0], setting[1], failure))
		}
	}
	return e
}

// Client returns the connection called name and opens it on first use.
func (h *Harness) Client(name string) *Client {
	if c := h.clients[name]; c != nil {
		return c
	}
	h.inputs = append(h.inputs, input{inputOpen, h.Now, name, nil})
	peer := engine.Peer{Address: "127.0.0.1:" + fmt.Sprint(50001+len(h.history)), LocalAddress: "127.0.0.1:6379"}
	c := &Client{Name: name, client: h.Engine.Open(h.Now, peer)}
	h.clients[name] = c
	h.order = append(h.order, c)
	h.history = append(h.history, c)
	return c
}

// Clients returns all connections in the order they were opened.
func (h *Harness) Clients() []*Client { return h.order }

// Feed gives bytes to a connection and carries out what the engine owes the world.
func (h *Harness) Feed(name string, p []byte) {
	c := h.Client(name)
	if c.Closed {
		return
	}
	h.inputs = append(h.inputs, input{inputFeed, h.Now, name, append([]byte(nil), p...)})
	h.Engine.Feed(h.Now, c.client, p)
	h.Settle()
}

// Send sends one command and does not wait for its reply.
func (h *Harness) Send(name string, args ...string) {
	h.Feed(name, AppendCommand(nil, args...))
}

// Do sends one command and returns its reply; without one (the client is blocked) or with more than
// one it panics.
func (h *Harness) Do(name string, args ...string) Reply {
	h.Send(name, args...)
	replies := h.Take(name)
	if len(replies) != 1 {
		panic(fmt.Sprintf("%s: %d replies instead of one", Quote(args), len(replies)))
	}
	return replies[0]
}

// Take returns the replies a connection has received since it was last asked.
func (h *Harness) Take(name string) []Reply {
	p := h.TakeBytes(name)
	replies, rest, err := ParseReplies(p)
	if err != nil || len(rest) > 0 {
		panic(fmt.Sprintf("client %s: %q is not whole RESP: %v", name, p, err))
	}
	return replies
}

// TakeBytes is Take for those who want to see the bytes.
func (h *Harness) TakeBytes(name string) []byte {
	c := h.Client(name)
	p := c.output
	c.output = nil
	return p
}

// Hang closes a connection as if its peer had gone.
func (h *Harness) Hang(name string) {
	c := h.clients[name]
	if c == nil || c.Closed {
		return
	}
	h.inputs = append(h.inputs, input{inputClose, h.Now, name, nil})
	h.Engine.Close(h.Now, c.client)
	c.Closed = true
	h.Settle()
}

// Forget drops a connection that is closed, so that its name can be used anew.
func (h *Harness) Forget(name string) {
	if h.clients[name] == nil {
		return
	}
	h.Hang(name)
	delete(h.clients, name)
	for i, c := range h.order {
		if c.Name == name {
			h.order = append(h.order[:i:i], h.order[i+1:]...)
			return
		}
	}
}

// wakesMax bounds how often the engine may ask to be woken within one Advance: more means that it
// asks for a time that has passed, for ever.
const wakesMax = 1_000_000

// Advance lets virtual time pass, rings the engine's timer as often as it asks for it, and once at the end.
func (h *Harness) Advance(d time.Duration) {
	h.At(h.Now + d.Microseconds())
	h.tick()
}

// At sets the clock to now and rings the engine's timer for every time it asked to be woken until
// then. A clock that goes back rings nothing.
func (h *Harness) At(now int64) {
	for wakes := 0; h.wake != 0 && h.wake <= now; wakes++ {
		if wakes == wakesMax {
			panic("the engine asks to be woken without end")
		}
		h.Now = max(h.Now, h.wake)
		h.tick()
	}
	h.Now = now
}

func (h *Harness) tick() {
	h.inputs = append(h.inputs, input{inputTick, h.Now, "", nil})
	h.Engine.Tick(h.Now)
	h.Settle()
}

// Settle takes Ready until nothing is owed: it keeps the journal, collects output, carries out requests.
func (h *Harness) Settle() {
	for {
		ready := h.Engine.Ready()
		h.wake, h.Offset = ready.Wake, ready.Offset
		h.Journal = append(h.Journal, ready.Journal...)
		for _, client := range ready.Clients {
			h.collect(client)
		}
		if len(ready.Requests) == 0 {
			return
		}
		requests := append([]engine.Request(nil), ready.Requests...)
		for _, request := range requests {
			h.carryOut(request)
		}
	}
}

// collect takes a client's output and closes it if the engine is done with it.
func (h *Harness) collect(client *engine.Client) {
	for _, c := range h.order {
		if c.client != client {
			continue
		}
		out := client.Out()
		c.output = append(c.output, out...)
		c.total = append(c.total, out...)
		client.Sent(len(out))
		if client.Closing() && !c.Closed {
			c.Closed = true
			h.Engine.Close(h.Now, client)
		}
	}
}

func (h *Harness) carryOut(request engine.Request) {
	failure := h.Failure
	if failure == "" {
		switch request.Kind {
		case engine.RequestLoadUsers:
			failure = h.Engine.LoadUsers("users.acl", h.Users)
		case engine.RequestSaveUsers:
			h.Users = strings.Join(h.Engine.UserLines(), "\n")
		case engine.RequestSave, engine.RequestBackgroundSave, engine.RequestRewrite:
			h.Saved = h.Snapshot()
		case engine.RequestShutdown:
			h.stopped = true
		}
	}
	h.Engine.Finish(h.Now, request, failure)
}

// Stopped reports whether a SHUTDOWN was carried out.
func (h *Harness) Stopped() bool { return h.stopped }

// Snapshot returns the engine's data as RDB.
func (h *Harness) Snapshot() []byte {
	return Snapshot(h.Engine, h.Now)
}

// Snapshot drains a snapshot of e in one go and returns its RDB bytes.
func Snapshot(e *engine.Engine, now int64) []byte {
	s := e.Snapshot(now)
	defer s.Close()
	var out []byte
	for {
		chunk, done := s.Next(1 << 16)
		out = append(out, chunk...)
		if done {
			return out
		}
	}
}

// Load feeds an RDB image to e in chunks of the given size.
func Load(e *engine.Engine, now int64, image []byte, chunk int) error {
	_, err := e.Load(now, func() ([]byte, error) {
		n := min(chunk, len(image))
		p := image[:n]
		image = image[n:]
		if n == 0 {
			return nil, nil
		}
		return p, nil
	})
	return err
}

// Restart replaces the engine by a fresh one that has loaded Base and applied Journal, as a host does
// after a crash. All connections are gone.
func (h *Harness) Restart() error {
	e, err := h.Replay()
	if err != nil {
		return err
	}
	h.Engine = e
	h.clients = map[string]*Client{}
	h.order, h.history = nil, nil
	h.inputs = nil
	h.resumed = true
	h.wake = 0
	h.Settle()
	return nil
}

// HandOver moves everything to a fresh engine while connections are open, as a host does that exchanges a
// small engine for a full one. Nobody may notice.
func (h *Harness) HandOver() error {
	h.Settle()
	next := empty(h.seed + 1)
	clients, err := next.TakeOver(h.Engine.Handoff())
	if err != nil {
		return err
	}
	if err := Load(next, h.Now, h.Snapshot(), 1000); err != nil {
		return err
	}
	moved := map[int64]*engine.Client{}
	for _, client := range clients {
		moved[client.ID()] = client
	}
	for _, c := range h.order {
		if !c.Closed {
			c.client = moved[c.client.ID()]
		}
	}
	h.Engine = next
	h.tick()
	return nil
}

// Replay returns a fresh engine that has loaded Base and applied the whole Journal.
func (h *Harness) Replay() (*engine.Engine, error) {
	e := h.fresh()
	if h.Base != nil {
		if err := Load(e, h.Now, h.Base, 1<<16); err != nil {
			return nil, fmt.Errorf("loading the base: %w", err)
		}
	}
	n, err := e.Apply(h.Now, h.Journal)
	if err != nil {
		return nil, fmt.Errorf("applying the journal at byte %d of %d: %w", n, len(h.Journal), err)
	}
	if n != len(h.Journal) {
		return nil, errors.New("the journal does not end with a whole unit: " + fmt.Sprintf("%q", h.Journal[n:]))
	}
	return e, nil
}

// Compact makes the present data the base of an empty journal.
func (h *Harness) Compact() {
	h.Base = h.Snapshot()
	h.Journal = nil
}

// WholeUnits returns how many bytes of the journal are whole units: what Apply takes of it after Base.
func (h *Harness) WholeUnits() (int, error) {
	e := h.fresh()
	if h.Base != nil {
		if err := Load(e, h.Now, h.Base, 1<<16); err != nil {
			return 0, fmt.Errorf("loading the base: %w", err)
		}
	}
	return e.Apply(h.Now, h.Journal)
}
