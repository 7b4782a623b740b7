package persist

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// memory is a disk with a power switch. It keeps what each file and directory holds now, and what would
// be left of it: the content at the last Sync, the names at the last SyncDir.
type memory struct {
	mu      sync.Mutex
	names   map[string]*node
	durable map[string]*node
	calls   int
	fault   func(call int, operation, path string) error // nil = no faults
	short   int                                          // bytes that a failing Write still writes
}

type node struct{ content, durable []byte }

var errPower = errors.New("the power is off")
var errFull = errors.New("no space left on device")

func newMemory() *memory {
	return &memory{names: map[string]*node{}, durable: map[string]*node{}}
}

// after is the disk as a crash leaves it. lossy: only what was synced; otherwise everything written.
func (m *memory) after(lossy bool) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := newMemory()
	names := m.names
	if lossy {
		names = m.durable
	}
	for name, n := range names {
		content := n.content
		if lossy {
			content = n.durable
		}
		kept := &node{slices.Clone(content), slices.Clone(content)}
		next.names[name], next.durable[name] = kept, kept
	}
	return next
}

func (m *memory) enter(operation, path string) error {
	m.calls++
	if m.fault == nil {
		return nil
	}
	return m.fault(m.calls, operation, path)
}

func (m *memory) put(path, content string) {
	n := &node{[]byte(content), []byte(content)}
	m.names[path], m.durable[path] = n, n
}

func (m *memory) get(path string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.names[path]; n != nil {
		return string(n.content)
	}
	return "(absent)"
}

func (m *memory) list() []string {
	names := []string{}
	for name := range m.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (m *memory) find(operation, path string) (*node, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter(operation, path); err != nil {
		return nil, err
	}
	if n := m.names[path]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("%s: %w", path, os.ErrNotExist)
}

func (m *memory) Open(path string) (File, error) {
	n, err := m.find("open", path)
	return &handle{disk: m, node: n, path: path}, err
}

func (m *memory) Append(path string) (File, error) {
	n, err := m.find("append", path)
	return &handle{disk: m, node: n, path: path}, err
}

func (m *memory) Create(path string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter("create", path); err != nil {
		return nil, err
	}
	n := m.names[path]
	if n == nil {
		n = &node{}
		m.names[path] = n
	}
	n.content = nil
	return &handle{disk: m, node: n, path: path}, nil
}

func (m *memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter("rename", to); err != nil {
		return err
	}
	if m.names[from] == nil {
		return os.ErrNotExist
	}
	m.names[to] = m.names[from]
	delete(m.names, from)
	return nil
}

func (m *memory) Remove(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter("remove", path); err != nil {
		return err
	}
	delete(m.names, path)
	return nil
}

func (m *memory) Mkdir(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.enter("mkdir", path)
}

func (m *memory) List(path string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.names {
		rest, in := strings.CutPrefix(name, path+"/")
		if path == "" && !strings.Contains(name, "/") {
			rest, in = name, true
		}
		if in {
			names = append(names, rest)
		}
	}
	return names, m.enter("list", path)
}

func (m *memory) Size(path string) (int64, error) {
	n, err := m.find("size", path)
	if err != nil {
		return 0, err
	}
	return int64(len(n.content)), nil
}

func (m *memory) SyncDir(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.enter("syncdir", path); err != nil {
		return err
	}
	in := func(name string) bool {
		return path == "" && !strings.Contains(name, "/") || strings.HasPrefix(name, path+"/")
	}
	for name := range m.durable {
		if in(name) && m.names[name] == nil {
			delete(m.durable, name)
		}
	}
	for name, n := range m.names {
		if in(name) {
			m.durable[name] = n
		}
	}
	return nil
}

type handle struct {
	disk *memory
	node *node
	path string
	at   int
}

func (h *handle) Read(p []byte) (int, error) {
	if h.at == len(h.node.content) {
		return 0, io.EOF
	}
	n := copy(p, h.node.content[h.at:])
	h.at += n
	return n, nil
}

func (h *handle) Write(p []byte) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	err := h.disk.enter("write", h.path)
	if err != nil {
		p = p[:min(len(p), h.disk.short)]
	}
	h.node.content = append(h.node.content, p...)
	return len(p), err
}

func (h *handle) Truncate(size int64) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.enter("truncate", h.path); err != nil {
		return err
	}
	h.node.content = h.node.content[:size]
	return nil
}

func (h *handle) Sync() error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.enter("sync", h.path); err != nil {
		return err
	}
	h.node.durable = slices.Clone(h.node.content)
	return nil
}

func (h *handle) Close() error { return nil }
