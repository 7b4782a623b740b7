//go:build unix

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine/dict"
)

func TestPagePool(t *testing.T) {
	pool := newPagePool()
	pages := pool.pages()
	seen := map[*byte]bool{}
	var out [][]byte
	for i := range 200 {
		page := pages.Get()
		assert.Len(t, page, dict.PageSize)
		assert.Equal(t, dict.PageSize, cap(page))
		assert.False(t, seen[&page[0]], "no page is handed out twice")
		seen[&page[0]] = true
		page[0], page[dict.PageSize-1] = byte(i), byte(i)
		out = append(out, page)
	}
	for i, page := range out {
		assert.Equal(t, byte(i), page[0])
		pages.Put(page)
	}
	assert.Len(t, pool.kept, keptPages)
	pool.purge()
	assert.Empty(t, pool.kept)
	for range 200 {
		page := pages.Get()
		assert.True(t, seen[&page[0]], "what was given back is used first")
		assert.Zero(t, page[0], "and its memory is gone")
		delete(seen, &page[0])
	}
}
