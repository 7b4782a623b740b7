// Package engine is Riffle's deterministic core: a Redis-compatible engine that performs nothing.
//
// It owns no socket, file, clock, goroutine or source of randomness. A host hands it bytes and the
// time, and takes back a Ready: what the world is owed before the next bytes are fed. The same core
// runs behind a TCP server, in a browser worker and in a test, and behaves the same in each.
//
// # The host's duties
//
//  1. Before anything else, load what was kept: the snapshot with Load, then the log with Apply.
//  2. Give the time (microseconds since 1970) with every call. The engine ignores steps backwards.
//  3. Open a Client for each connection; Feed it the connection's bytes in order; Close it when
//     the connection is gone.
//  4. After each batch of calls, take Ready, once.
//  5. Append Ready.Journal to the log; under the policy "always" make it durable before step 6.
//     If that fails, call Refuse: writes are answered with MISCONF, reads go on.
//  6. Send every Ready.Clients' Out, tell the client what was Sent, and close the connection of
//     a client that is Closing once its Out is empty.
//  7. Carry out Ready.Requests (a snapshot, a rewrite of the log, a shutdown) and Finish each.
//  8. Keep one timer, set to Ready.Wake, and Tick when it rings.
//
// # The loop, written out
//
//	e := engine.New(engine.Config{Seed: secret})
//	e.Load(now(), snapshot)
//	e.Apply(now(), log)
//	for {
//		switch event := wait(wake); event.kind {
//		case opened:
//			event.conn.client = e.Open(now(), engine.Peer{Address: event.conn.address})
//		case arrived:
//			e.Feed(now(), event.conn.client, event.bytes)
//		case closed:
//			e.Close(now(), event.conn.client)
//		case timer:
//			e.Tick(now())
//		}
//		ready := e.Ready()
//		appendToLog(ready.Journal)
//		for _, client := range ready.Clients {
//			client.Sent(write(client, client.Out()))
//		}
//		for _, request := range ready.Requests {
//			e.Finish(now(), request, carryOut(request))
//		}
//		wake = ready.Wake
//	}
//
// A slice that the engine returns is the engine's: it is valid until the next call.
package engine
