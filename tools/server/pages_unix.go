//go:build unix

package main

import (
	"golang.org/x/sys/unix"

	"riffle/engine/dict"
)

// pagePool is the memory of the keyspaces: pages cut from mappings of its own. To Go's collector they do not
// exist, so it has only the index and the clients to look after, and the garbage it lets gather, a part
// of what it looks after, stays small however much data there is. A page that is given back leaves the
// process at once, but for a few that are kept for the next who asks.
type pagePool struct {
	kept  [][]byte // their memory is still there
	empty [][]byte // address space only
}

const (
	mappingBytes = 64 * dict.PageSize
	keptPages    = 16
)

func newPagePool() *pagePool { return &pagePool{} }

// pages is what the engine asks for.
func (p *pagePool) pages() *dict.Pages { return &dict.Pages{Get: p.get, Put: p.put} }

func (p *pagePool) get() []byte {
	if len(p.kept) > 0 {
		return takeLast(&p.kept)
	}
	if len(p.empty) == 0 {
		p.enlarge()
	}
	return takeLast(&p.empty)
}

func takeLast(pages *[][]byte) []byte {
	last := len(*pages) - 1
	page := (*pages)[last]
	*pages = (*pages)[:last]
	return page
}

// enlarge maps more address space. Without it the process ends, as it does when Go's heap cannot grow.
func (p *pagePool) enlarge() {
	const access, kind = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_ANON | unix.MAP_PRIVATE
	mapping, err := unix.Mmap(-1, 0, mappingBytes, access, kind)
	if err != nil {
		panic("out of memory: " + err.Error())
	}
	for end := mappingBytes; end > 0; end -= dict.PageSize {
		p.empty = append(p.empty, mapping[end-dict.PageSize:end:end])
	}
}

func (p *pagePool) put(page []byte) {
	if len(p.kept) < keptPages {
		p.kept = append(p.kept, page)
		return
	}
	p.abandon(page)
}

// abandon gives a page's memory back to the system and keeps its addresses.
func (p *pagePool) abandon(page []byte) {
	unix.Madvise(page, unix.MADV_DONTNEED)
	p.empty = append(p.empty, page)
}

// purge gives back what is kept.
func (p *pagePool) purge() {
	for len(p.kept) > 0 {
		p.abandon(takeLast(&p.kept))
	}
}
