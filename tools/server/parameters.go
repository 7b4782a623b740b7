package main

import (
	"errors"
	"os"
	"strconv"

	"riffle/tools/server/persist"
	"riffle/tools/server/settings"
)

func (h *host) parameter(name string) string {
	value, _ := h.engine.ConfigGet(name)
	return value
}

func (h *host) number(name string) int64 {
	n, _ := strconv.ParseInt(h.parameter(name), 10, 64) // the engine has checked it
	return n
}

// refresh reads the parameters that the loop looks at.
func (h *host) refresh() {
	policy, _ := persist.ParsePolicy(h.parameter("appendfsync"))
	h.limits = limits{
		maxClients:  int(h.number("maxclients")),
		timeout:     h.number("timeout") * 1e6,
		keepAlive:   int(h.number("tcp-keepalive")),
		policy:      policy,
		holdSync:    h.parameter("no-appendfsync-on-rewrite") == "yes",
		protected:   h.parameter("protected-mode") == "yes",
		growPercent: h.number("auto-aof-rewrite-percentage"),
		growBytes:   h.number("auto-aof-rewrite-min-size"),
	}
	if h.log != nil {
		h.log.Policy = policy
	}
	h.logger.setLevel(h.parameter("loglevel"))
}

// configured puts a parameter that CONFIG SET has changed to work. A value that cannot be had is taken
// back, and the client hears why.
func (h *host) configured(name string) (failure string) {
	h.refresh()
	switch name {
	case "appendonly":
		h.switchLog(h.parameter(name) == "yes")
	case "dir":
		if err := h.changeDirectory(); err != nil {
			h.engine.ConfigSet("dir", h.directory)
			return err.Error()
		}
	case "port", "bind":
		return h.changeAddresses()
	case "maxclients":
		h.fitDescriptors()
	case "shutdown-on-sigint", "shutdown-on-sigterm":
		if failure = refuse(name, h.parameter(name)); failure != "" {
			h.engine.ConfigSet(name, "default")
		}
	}
	return failure
}

// changeDirectory moves everything to another directory, or nothing: the files of a log or a snapshot
// being written would be torn apart.
func (h *host) changeDirectory() error {
	dir := h.parameter("dir")
	switch {
	case dir == h.directory:
		return nil
	case h.log.On() || h.saving.owed:
		return errors.New("it cannot change while the append only file is on")
	case h.saving.work != nil:
		return errors.New("it cannot change while a snapshot is written")
	}
	release, err := persist.Lock(dir)
	if err != nil {
		return err
	}
	h.release()
	h.release, h.directory, h.files = release, dir, persist.Directory(dir)
	return nil
}

// rewriteConfiguration writes the current values back to the configuration file.
func (h *host) rewriteConfiguration() (failure string) {
	path := h.options.configFile
	if path == "" {
		return "The server is running without a config file"
	}
	before, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return "Rewriting config file: " + err.Error()
	}
	var all []settings.Parameter
	h.engine.ConfigEach(func(name, value, initial string) {
		switch name {
		case "save":
			initial = defaultSave
		case "io-threads":
			initial = defaultThreads()
		}
		all = append(all, settings.Parameter{Name: name, Value: value, Initial: initial})
	})
	if err := persist.Replace(path, []byte(settings.Rewrite(string(before), all, h.userLines()))); err != nil {
		return "Rewriting config file: " + err.Error()
	}
	return ""
}
