package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"riffle/engine"
	"riffle/tools/server/settings"
)

// options are what this host knows beside the engine's parameters.
type options struct {
	httpAsked   bool                 // the port was named, so that it must be had
	httpPort    int                  // 0 = no HTTP
	httpHosts   []string             // further names that a browser may use for this server
	site        string               // folder of the built console
	configFile  string               // absolute path, or ""
	anyHTTPPort bool                 // --http-port any
	anyPort     bool                 // --port any: the system chooses, for tests
	users       []settings.Directive // the lines that define users
	ignored     []string             // names of the reference's parameters that were given and mean nothing here
}

const (
	defaultHTTPPort = 8379
	defaultSave     = "3600 1 300 100 60 10000" // the engine alone has no save points
)

// configure reads the configuration file and the flags into the engine's parameters and the host's options.
func configure(e *engine.Engine, arguments []string, stdin io.Reader) (options, error) {
	o := options{httpPort: defaultHTTPPort, site: siteBesideBinary()}
	source := settings.FromArguments(arguments, stdin)
	all, err := source.Read()
	if err != nil {
		return o, err
	}
	if all, err = settings.Merge(all); err != nil {
		return o, err
	}
	if source.File != "" {
		if o.configFile, err = filepath.Abs(source.File); err != nil {
			return o, err
		}
	}
	e.ConfigSet("save", defaultSave)
	e.ConfigSet("io-threads", defaultThreads())
	for _, d := range all {
		if d.Name == "user" {
			o.users = append(o.users, d)
		} else if failure := o.set(e, d); failure != "" {
			return o, d.Refuse(failure)
		}
	}
	for _, d := range o.users { // the last word, also about the default user whom requirepass is about
		if failure := e.DefineUser(d.Args); failure != "" {
			return o, d.Refuse(failure)
		}
	}
	return o, nil
}

// defaultThreads is the parameter io-threads where nobody has set it. On fewer than four cores the
// kernel, the clients and the engine have use for all of them.
func defaultThreads() string {
	cores := runtime.NumCPU()
	if cores < 4 {
		return "1"
	}
	return strconv.Itoa(min(cores/2, 8))
}

// set obeys one directive and returns why it cannot, or "".
func (o *options) set(e *engine.Engine, d settings.Directive) (failure string) {
	switch d.Name {
	case "http-port":
		o.httpAsked = true
		if o.anyHTTPPort = d.Value() == "any"; o.anyHTTPPort {
			return ""
		}
		port, err := strconv.Atoi(d.Value())
		if err != nil || port < 0 || port > 65535 {
			return "argument must be between 0 and 65535 inclusive"
		}
		o.httpPort = port
	case "http-host":
		o.httpHosts = d.Args
	case "port":
		if o.anyPort = d.Value() == "any"; o.anyPort {
			return ""
		}
		return e.ConfigSet(d.Name, d.Value())
	case "site":
		o.site = d.Value()
	default:
		return o.setParameter(e, d.Name, d.Value())
	}
	return ""
}

// setParameter sets one of the reference's parameters, if it can be obeyed here or does no harm.
func (o *options) setParameter(e *engine.Engine, name, value string) (failure string) {
	if failure = refuse(name, value); failure != "" {
		return failure
	}
	if engine.Idle(name) != "" {
		o.ignored = append(o.ignored, name)
		e.ConfigSet(name, value) // for CONFIG GET and REWRITE, if it is a possible value
		return ""
	}
	return e.ConfigSet(name, value)
}

// siteBesideBinary is where the build leaves the console.
func siteBesideBinary() string {
	executable, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(executable), "site")
}

const usage = `Usage: riffle-server [/path/to/riffle.conf] [options] [-]
       riffle-server - (read config from stdin)
       riffle-server -v or --version
       riffle-server -h or --help

Options are the reference's configuration parameters, for example:
       riffle-server --port 7777 --bind 127.0.0.1 --dir /var/lib/riffle
       riffle-server --appendonly yes --appendfsync always
       riffle-server --save "3600 1" --dbfilename dump.rdb
       riffle-server --io-threads 4
       riffle-server /etc/riffle.conf --loglevel verbose

Riffle's own:
       --http-port 8379   port of the console and its WebSocket bridge (0 = none)
       --http-host name   another host name under which browsers may reach it
       --site folder      the built console (default: "site" beside this program)
`

func version() string {
	return fmt.Sprintf("Riffle server v=%s", engine.Version)
}
