//go:build js && wasm

// Command probe uses what the tables of functions are there for, and prints what came of it.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
)

type node struct {
	next *node
	text string
}

// deep grows the stack with live pointers on it, and collects while it is deep.
func deep(depth int, before *node) int {
	mine := &node{before, fmt.Sprint(depth)}
	if depth == 0 {
		runtime.GC()
	}
	sum := 0
	if depth > 0 {
		sum = deep(depth-1, mine)
	}
	if mine.text != fmt.Sprint(depth) || mine.next != before {
		panic("a pointer on the stack was lost")
	}
	return sum + len(mine.text)
}

// caught recovers from a panic two calls below, after deferred calls in a loop.
func caught() (message string, unwound int, trace []uintptr) {
	defer func() {
		message = fmt.Sprint(recover())
		trace = functions()
	}()
	for range 5 {
		defer func() { unwound++ }()
	}
	explode([]int{}, 3)
	return
}

// functions lists the numbers of those on the stack from explode on, without those that were inlined.
func functions() []uintptr {
	var stack [64]uintptr
	numbers := stack[:runtime.Callers(0, stack[:])]
	for i, counter := range numbers {
		numbers[i] = counter >> 16
	}
	numbers = slices.Compact(numbers)
	return numbers[slices.Index(numbers, entry(explode)):]
}

// entry is the number of a function.
func entry(f func([]int, int)) uintptr { return reflect.ValueOf(f).Pointer() >> 16 }

//go:noinline
func explode(empty []int, i int) { empty[i]++ }

// notCaught shows that recover does nothing when a deferred function's callee calls it.
func notCaught() (outer any) {
	defer func() { outer = recover() }()
	defer func() { func() { recover() }() }()
	panic(errors.New("through"))
}

// crowd passes values through goroutines while garbage is made and collected.
func crowd() (total int) {
	answers := make(chan map[string][]byte)
	for i := range 50 {
		go func() {
			m := map[string][]byte{}
			for j := range 200 {
				m[fmt.Sprint(i, "-", j)] = make([]byte, 100)
			}
			runtime.Gosched()
			answers <- m
		}()
	}
	for range 50 {
		total += len(<-answers)
	}
	return total
}

func main() {
	fmt.Println("deep", deep(20000, nil))
	message, unwound, trace := caught()
	fmt.Println("caught", message, unwound, "trace", trace)
	fmt.Println("through", notCaught())
	fmt.Println("crowd", crowd())
	panic("the last words")
}
