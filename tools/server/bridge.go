package main

import (
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"

	"riffle/engine"
)

// maxFrame bounds one WebSocket message, in bytes; a request may span any number of them.
const maxFrame = 1 << 20

// bridge makes a WebSocket one client of the engine: the bytes of its binary messages are RESP, cut anywhere.
func (h *host) bridge(w http.ResponseWriter, r *http.Request) {
	// The guard has compared Origin and Host already.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true,
		CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	conn.SetReadLimit(maxFrame)
	local := false
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		local = net.ParseIP(host).IsLoopback()
	}
	h.serveLine(&webLine{conn}, engine.Peer{Address: r.RemoteAddr, LocalAddress: r.Host}, local)
}

// webLine is a line over a WebSocket.
type webLine struct{ conn *websocket.Conn }

func (l *webLine) Read() ([]byte, error) {
	_, p, err := l.conn.Read(context.Background())
	return p, err
}

func (l *webLine) Write(p []byte) error {
	return l.conn.Write(context.Background(), websocket.MessageBinary, p)
}

func (l *webLine) Close() { l.conn.Close(websocket.StatusNormalClosure, "") }
