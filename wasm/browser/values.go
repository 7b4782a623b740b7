//go:build js && wasm

package main

import (
	"syscall/js"

	"github.com/norunners/vert"
)

// options come from the host as a plain object. They are read without vert, which works by reflection: code
// that is not needed otherwise before the engine answers, and so would have to be compiled for this alone.
type options struct {
	seed       uint64
	journal    bool
	parameters []parameter // as in a configuration file
}

// status is what a person is shown about the engine.
type status struct {
	Keys   float64 `js:"keys"`   // in all databases
	Memory float64 `js:"memory"` // bytes in use by the data
}

// parameter is one line of the configuration or of INFO.
type parameter struct {
	Name  string `js:"name"`
	Value string `js:"value"`
}

// readOptions takes the options apart. A member of the wrong type is a mistake of the host.
func readOptions(value js.Value) options {
	result := options{
		seed:    uint64(value.Get("seedHigh").Float())<<32 | uint64(value.Get("seedLow").Float()),
		journal: value.Get("journal").Bool(),
	}
	list := value.Get("parameters")
	for i := range list.Length() {
		line := list.Index(i)
		name, content := line.Get("name").String(), line.Get("value").String()
		result.parameters = append(result.parameters, parameter{name, content})
	}
	return result
}

// configure applies parameters. Those that the engine refuses are told to the host and must not keep
// it from starting: they may come from a CONFIG REWRITE of another version.
func configure(parameters []parameter) {
	for _, line := range parameters {
		if failure := home.engine.ConfigSet(line.Name, line.Value); failure != "" {
			home.refused = append(home.refused, line.Name+": "+failure)
		}
	}
}

// hostInfo adds to INFO what only the host knows: the browser, the program's memory, the storage.
// It calls JavaScript from inside a command, which may do anything but wait.
func hostInfo(door js.Value) func(section string, add func(name, value string)) {
	return func(section string, add func(name, value string)) {
		var lines []parameter
		answer := door.Call("info", section)
		if err := (vert.Value{Value: answer}).AssignTo(&lines); err != nil {
			return
		}
		for _, line := range lines {
			add(line.Name, line.Value)
		}
	}
}

func takeStatus() status {
	if broken() {
		return status{}
	}
	return status{Keys: float64(home.engine.Keys()), Memory: float64(home.engine.Memory())}
}

// register hangs the comfortable functions into the host's object.
func register(door js.Value) {
	offer(door, "fault", func(js.Value) any { return home.fault })
	offer(door, "loadFault", func(js.Value) any { return home.loading.failure })
	offer(door, "refused", func(js.Value) any { return append([]string{}, home.refused...) })
	offer(door, "status", func(js.Value) any { return takeStatus() })
	offer(door, "config", func(name js.Value) any { return readParameter(name.String()) })
	offer(door, "configure", func(value js.Value) any { return writeParameter(value) })
	offer(door, "changes", func(js.Value) any { return changedParameters() })
}

// offer makes a function of one argument callable by the host.
func offer(door js.Value, name string, handle func(js.Value) any) {
	door.Set(name, js.FuncOf(func(_ js.Value, arguments []js.Value) any {
		defer guard()
		argument := js.Undefined()
		if len(arguments) > 0 {
			argument = arguments[0]
		}
		return vert.ValueOf(handle(argument)).JSValue()
	}))
}

// readParameter is empty for a parameter that does not exist.
func readParameter(name string) string {
	value, _ := home.engine.ConfigGet(name)
	return value
}

// writeParameter sets {name, value} and returns the reason if the engine does not want it.
func writeParameter(value js.Value) string {
	var wanted parameter
	if err := (vert.Value{Value: value}).AssignTo(&wanted); err != nil {
		return err.Error()
	}
	return home.engine.ConfigSet(wanted.Name, wanted.Value)
}

// changedParameters lists what differs from the engine's own defaults, for CONFIG REWRITE.
func changedParameters() []parameter {
	changed := []parameter{}
	home.engine.ConfigEach(func(name, value, initial string) {
		if value != initial {
			changed = append(changed, parameter{name, value})
		}
	})
	return changed
}
