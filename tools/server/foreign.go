package main

import "strings"

// foreignNames are the reference's parameters that mean nothing here: a configuration file written for
// it must start this server, and a misspelt name must not.
const foreignNames = `
active-defrag-cycle-max active-defrag-cycle-min
active-defrag-ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower
active-defrag-threshold-upper active-expire-effort activedefrag always-show-logo aof-disable-auto-gc
aof_rewrite_cpulist bgsave_cpulist bind-source-addr bio_cpulist cluster-allow-pubsubshard-when-down
cluster-allow-reads-when-down cluster-allow-replica-migration cluster-announce-bus-port
cluster-announce-hostname cluster-announce-ip cluster-announce-port cluster-announce-tls-port
cluster-config-file cluster-link-sendbuf-limit cluster-migration-barrier cluster-node-timeout
cluster-port cluster-preferred-endpoint-type cluster-replica-no-failover cluster-replica-validity-factor
cluster-require-full-coverage cluster-slave-no-failover cluster-slave-validity-factor crash-log-enabled
crash-memcheck-enabled disable-thp enable-module-command ignore-warnings
jemalloc-bg-thread
masterauth masteruser
min-replicas-max-lag min-replicas-to-write min-slaves-max-lag min-slaves-to-write oom-score-adj
oom-score-adj-values proc-title-template propagation-error-behavior rdb-del-sync-files
rdb-save-incremental-fsync repl-backlog-size repl-backlog-ttl repl-disable-tcp-nodelay
repl-diskless-load repl-diskless-sync repl-diskless-sync-delay repl-diskless-sync-max-replicas
repl-ping-replica-period repl-ping-slave-period repl-timeout replica-announce-ip replica-announce-port
replica-announced replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush
replica-priority replica-read-only replica-serve-stale-data replicaof server_cpulist set-proc-title
slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush slave-priority
slave-read-only slave-serve-stale-data slaveof socket-mark-id supervised syslog-enabled syslog-facility
syslog-ident tls-auth-clients tls-ca-cert-dir tls-ca-cert-file tls-cert-file tls-ciphers
tls-ciphersuites tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-cluster
tls-dh-params-file tls-key-file tls-key-file-pass tls-port tls-prefer-server-ciphers tls-protocols
tls-replication tls-session-cache-size tls-session-cache-timeout tls-session-caching
`

// foreign says whether the reference knows a parameter.
func foreign(name string) bool {
	for known := range strings.FieldsSeq(foreignNames) {
		if known == name {
			return true
		}
	}
	return false
}

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
