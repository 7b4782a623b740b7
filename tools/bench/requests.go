package main

import (
	"math/rand/v2"
	"strconv"
	"sync"

	"riffle/engine/enginetest"
)

// appendHead begins a command of args arguments, the name included.
func appendHead(p []byte, args int) []byte {
	p = append(p, '*')
	p = strconv.AppendInt(p, int64(args), 10)
	return append(p, "\r\n"...)
}

// appendBulk appends one argument.
func appendBulk(p []byte, arg string) []byte {
	p = append(p, '$')
	p = strconv.AppendInt(p, int64(len(arg)), 10)
	p = append(p, "\r\n"...)
	p = append(p, arg...)
	return append(p, "\r\n"...)
}

// appendNumbered appends one argument: a prefix and a number of twelve digits.
func appendNumbered(p []byte, prefix string, number int) []byte {
	p = append(p, '$')
	p = strconv.AppendInt(p, int64(len(prefix))+12, 10)
	p = append(p, "\r\n"...)
	p = append(p, prefix...)
	digits := strconv.Itoa(number)
	p = append(p, "000000000000"[:12-len(digits)]...)
	p = append(p, digits...)
	return append(p, "\r\n"...)
}

// command is a request that is always the same.
func command(args ...string) request {
	fixed := enginetest.AppendCommand(nil, args...)
	return func(p []byte, _ int, _ *rand.Rand) []byte { return append(p, fixed...) }
}

// part writes arguments of a request.
type part = request

// words are fixed arguments.
func words(args ...string) part {
	var fixed []byte
	for _, arg := range args {
		fixed = appendBulk(fixed, arg)
	}
	return func(p []byte, _ int, _ *rand.Rand) []byte { return append(p, fixed...) }
}

// numbered is one argument that counts the requests.
func numbered(prefix string) part {
	return func(p []byte, i int, _ *rand.Rand) []byte { return appendNumbered(p, prefix, i) }
}

// anyOf is one argument with a random number below count.
func anyOf(count int, prefix string) part {
	return func(p []byte, _ int, random *rand.Rand) []byte {
		return appendNumbered(p, prefix, random.IntN(count))
	}
}

// build puts a request of so many arguments together.
func build(args int, parts ...part) request {
	return func(p []byte, i int, random *rand.Rand) []byte {
		p = appendHead(p, args)
		for _, part := range parts {
			p = part(p, i, random)
		}
		return p
	}
}

// repeat writes parts several times.
func repeat(times int, parts ...part) part {
	return func(p []byte, i int, random *rand.Rand) []byte {
		for range times {
			for _, part := range parts {
				p = part(p, i, random)
			}
		}
		return p
	}
}

// alternate sends the requests in turn; each counts its own.
func alternate(requests ...request) request {
	return func(p []byte, i int, random *rand.Rand) []byte {
		return requests[i%len(requests)](p, i/len(requests), random)
	}
}

// manyOf writes NAME key:I and count elements of width arguments each.
func manyOf(name string, count int, element func(p []byte, i, k int) []byte, width int) request {
	return func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendNumbered(appendBulk(appendHead(p, 2+count*width), name), "", i)
		for k := range count {
			p = element(p, i, k)
		}
		return p
	}
}

// mixed gets a key four times and sets one once. The k-th most frequent key comes about 1/k times as often
// as the first.
func mixed(count int) request {
	draw := sync.OnceValue(func() []int {
		zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.01, 1, uint64(count-1))
		keys := make([]int, count)
		for i := range keys {
			keys[i] = int(zipf.Uint64())
		}
		return keys
	})
	return func(p []byte, i int, random *rand.Rand) []byte {
		key := draw()[random.IntN(count)]
		if i%5 != 0 {
			return appendNumbered(appendBulk(appendHead(p, 2), "GET"), "key:", key)
		}
		return appendNumbered(appendNumbered(appendBulk(appendHead(p, 3), "SET"), "key:", key), "val:", i)
	}
}
