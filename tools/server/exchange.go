package main

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"strconv"
	"time"

	"riffle/engine"
)

// exchange is MIGRATE's way to another server. Each step may take as long as the timeout: connecting, a piece of
// what is written, a line that is read.
func exchange(ask engine.Exchange) (replies [][]byte, failure engine.ExchangeFailure) {
	timeout := time.Duration(min(ask.Timeout, maxExchange)) * time.Millisecond
	conn, failure := reach(ask, timeout)
	if conn == nil {
		return nil, failure
	}
	defer conn.Close()
	const piece = 64 << 10
	for rest := ask.Requests; len(rest) > 0; {
		part := rest[:min(piece, len(rest))]
		conn.SetWriteDeadline(time.Now().Add(timeout))
		if _, err := conn.Write(part); err != nil {
			return nil, engine.FailedWriting
		}
		rest = rest[len(part):]
	}
	lines := bufio.NewReaderSize(conn, longestAnswer)
	for len(replies) < ask.Replies {
		conn.SetReadDeadline(time.Now().Add(timeout))
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return replies, engine.FailedReading
		}
		replies = append(replies, bytes.Clone(bytes.TrimRight(line, "\r\n")))
	}
	return replies, engine.Exchanged
}

// longestAnswer is the longest line in bytes that another server may reply: a client chooses which server that is,
// and must not fill our memory by one that sends a line without end.
const longestAnswer = 4 << 10

// maxExchange is the longest timeout, in milliseconds: a day.
const maxExchange = 86400e3

// reach connects. A host that refuses is one that cannot be written to, as the reference has it, which notices only
// then.
func reach(ask engine.Exchange, timeout time.Duration) (conn net.Conn, failure engine.ExchangeFailure) {
	port, _ := strconv.Atoi(ask.Port)
	address := net.JoinHostPort(ask.Host, strconv.Itoa(int(uint16(port))))
	conn, err := net.DialTimeout("tcp", address, timeout)
	var unknown *net.DNSError
	var slow net.Error
	switch {
	case err == nil:
		return conn, engine.Exchanged
	case errors.As(err, &unknown), errors.As(err, &slow) && slow.Timeout():
		return nil, engine.FailedConnecting
	}
	return nil, engine.FailedWriting
}
