//go:build !race

package main_test

// buildFlags build the server under test as the test itself is built.
var buildFlags []string
