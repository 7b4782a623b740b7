package main

import "strings"

// refusals are the parameters that promise what this server does not keep: data elsewhere, doors that
// are locked. To ignore one would be to break the promise in silence.
var refusals = map[string]struct{ harmless, reason string }{
	"cluster-enabled": {"no", "This server is no cluster node. Set it to no, or remove the line."},
	"loadmodule":      {"", "Modules cannot be loaded. Remove the line."},
	"rename-command": {"", "Commands cannot be renamed or taken away. Remove the line; " +
		"requirepass and bind keep strangers out."},
	"replicaof": {"no one", noReplica},
	"slaveof":   {"no one", noReplica},
	"tls-port": {"0", "TLS is not spoken here. Set it to 0 or remove the line, " +
		"and put a proxy that speaks TLS before port."},
}

const (
	noReplica = "This server cannot be a replica: it would take writes and keep data of its own. " +
		"Remove the line."
)

// refuse returns why a parameter's value cannot be obeyed, or "".
func refuse(name, value string) (reason string) {
	if name == "shutdown-on-sigint" || name == "shutdown-on-sigterm" {
		_, reason = parseShutdown(value)
		return reason
	}
	refusal, listed := refusals[name]
	if !listed || strings.EqualFold(value, refusal.harmless) {
		return ""
	}
	return refusal.reason
}
