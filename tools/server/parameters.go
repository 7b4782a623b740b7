package main

import (
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
		protected:   h.parameter("protected-mode") == "yes",
		growPercent: h.number("auto-aof-rewrite-percentage"),
		growBytes:   h.number("auto-aof-rewrite-min-size"),
	}
	if h.log != nil {
		h.log.Policy = policy
	}
	h.logger.setLevel(h.parameter("loglevel"))
}

// configured puts a parameter that CONFIG SET has changed to work.
func (h *host) configured(name string) {
	h.refresh()
	switch name {
	case "appendonly":
		h.switchLog(h.parameter(name) == "yes")
	case "dir":
		h.changeDirectory()
	case "port", "bind":
		if err := h.loop.listen(); err != nil {
			h.logger.log(warning, "Failed listening on the new address, staying with none: %v", err)
		}
	case "maxclients":
		h.fitDescriptors()
	}
}

func (h *host) changeDirectory() {
	dir := h.parameter("dir")
	release, err := persist.Lock(dir)
	if err != nil {
		h.logger.log(warning, "Can't use the directory: %v", err)
		return
	}
	h.release()
	h.release, h.files = release, persist.Directory(dir)
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
		if name == "save" {
			initial = defaultSave
		}
		all = append(all, settings.Parameter{Name: name, Value: value, Initial: initial})
	})
	if err := persist.Replace(path, []byte(settings.Rewrite(string(before), all))); err != nil {
		return "Rewriting config file: " + err.Error()
	}
	return ""
}
