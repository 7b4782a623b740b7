//go:build js && wasm && !core

package main

// takeOver continues another engine from n bytes of the input, which that one has handed off. It returns 1,
// or 0 if they do not make sense.
//
//go:wasmexport takeOver
func takeOver(n int32) int32 {
	defer guard()
	if broken() {
		return 0
	}
	clients, err := home.engine.TakeOver(home.input[:n])
	if err != nil {
		home.loading.failure = err.Error()
		return 0
	}
	for _, client := range clients {
		number := int32(client.Number())
		for int(number) >= len(home.clients) {
			home.clients = append(home.clients, nil)
		}
		client.Host = number
		home.clients[number] = client
	}
	for number := len(home.clients) - 1; number > 0; number-- {
		if home.clients[number] == nil {
			home.free = append(home.free, int32(number))
		}
	}
	return 1
}
