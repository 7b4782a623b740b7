//go:build !unix

package main

import "riffle/engine/dict"

// pagePool leaves the memory of the keyspaces to Go's heap.
type pagePool struct{}

func newPagePool() *pagePool { return &pagePool{} }

func (*pagePool) pages() *dict.Pages { return nil }

func (*pagePool) purge() {}
