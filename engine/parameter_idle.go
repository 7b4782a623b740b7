package engine

import "riffle/engine/num"

// idleGroup is parameters of the reference that change nothing here, and why. A configuration file or a
// program that sets them must not stumble: CONFIG GET answers what was set, or the reference's default, and
// CONFIG REWRITE keeps it.
//
// Names are followed by "=" and the reference's default, one a line, which also says what the value may be:
// yes or no, a number of 32 bits that is not negative, or any text. Where it may be something else, that
// follows after ";": "low..high", where no high means any, "low.. bytes" for sizes, or the words to choose from.
// A "!" in front means that CONFIG SET may not change it, a "~" that it has an older name with "slave" for
// "replica", and a "*" that it promises what is not kept, so that other values are refused.
type idleGroup struct{ reason, names string }

var idleGroups = [...]idleGroup{
	{"compaction needs no tuning", `
active-defrag-cycle-max=25;1..99
active-defrag-cycle-min=1;1..99
active-defrag-ignore-bytes=104857600;1.. bytes
active-defrag-max-scan-fields=1000;1..
active-defrag-threshold-lower=10;0..1000
active-defrag-threshold-upper=100;0..1000
activedefrag=no
jemalloc-bg-thread=yes
!disable-thp=yes`},
	{"files are written and cleaned up in one way", `
aof-disable-auto-gc=no
propagation-error-behavior=ignore;ignore panic panic-on-replicas
rdb-del-sync-files=no
rdb-save-incremental-fsync=yes`},
	{"the system looks after processes", `
!always-show-logo=no
!aof_rewrite_cpulist=
!bgsave_cpulist=
!bio_cpulist=
crash-log-enabled=yes
crash-memcheck-enabled=yes
ignore-warnings=
oom-score-adj=no;no yes relative absolute
oom-score-adj-values=0 200 800
proc-title-template={title} {listen-addr} {server-mode}
!server_cpulist=
!set-proc-title=yes
!supervised=no
!syslog-enabled=no
!syslog-facility=local0
!syslog-ident=redis`},
	{"the server makes no connections", `
bind-source-addr=
!socket-mark-id=0`},
	{"modules cannot be loaded", `
!enable-module-command=no`},
	{"this server is no cluster node", `
cluster-allow-pubsubshard-when-down=yes
cluster-allow-reads-when-down=no
cluster-allow-replica-migration=yes
cluster-announce-bus-port=0;0..65535
cluster-announce-hostname=
cluster-announce-ip=
cluster-announce-port=0;0..65535
cluster-announce-tls-port=0;0..65535
!cluster-config-file=nodes.conf
cluster-link-sendbuf-limit=0;0.. bytes
cluster-migration-barrier=1
cluster-node-timeout=15000;0..
!cluster-port=0
cluster-preferred-endpoint-type=ip;ip hostname unknown-endpoint
~cluster-replica-no-failover=no
~cluster-replica-validity-factor=10
cluster-require-full-coverage=yes`},
	{"there are no replicas", `
masterauth=
masteruser=
~min-replicas-max-lag=10
*~min-replicas-to-write=0
repl-backlog-size=1048576;1.. bytes
repl-backlog-ttl=3600;0..
repl-disable-tcp-nodelay=no
repl-diskless-load=disabled;disabled on-empty-db swapdb
repl-diskless-sync=yes
repl-diskless-sync-delay=5
repl-diskless-sync-max-replicas=0
~repl-ping-replica-period=10;1..2147483647
repl-timeout=60;1..2147483647
~replica-announce-ip=
~replica-announce-port=0;0..65535
replica-announced=yes
replica-ignore-disk-write-errors=no
~replica-ignore-maxmemory=yes
~replica-lazy-flush=no
~replica-priority=100
~replica-read-only=yes
~replica-serve-stale-data=yes
!~replicaof=`},
	{"TLS is not spoken", `
tls-auth-clients=yes;no yes optional
tls-ca-cert-dir=
tls-ca-cert-file=
tls-cert-file=
tls-ciphers=
tls-ciphersuites=
tls-client-cert-file=
tls-client-key-file=
tls-client-key-file-pass=
*tls-cluster=no
tls-dh-params-file=
tls-key-file=
tls-key-file-pass=
*tls-port=0;0..65535
tls-prefer-server-ciphers=no
tls-protocols=
*tls-replication=no
tls-session-cache-size=20480
tls-session-cache-timeout=300
tls-session-caching=yes`},
}

// idleParameters makes rows of the idle parameters.
func idleParameters() []parameter {
	rows := make([]parameter, 0, 112)
	for i := range idleGroups {
		group := &idleGroups[i]
		for start := 1; start < len(group.names); {
			end := start
			for end < len(group.names) && group.names[end] != '\n' {
				end++
			}
			rows = append(rows, idleParameter(group.names[start:end], group.reason))
			start = end + 1
		}
	}
	return rows
}

// idleParameter makes the row of one line of a group.
func idleParameter(line, reason string) parameter {
	p := parameter{idle: reason}
	older := false
	for ; ; line = line[1:] {
		switch line[0] {
		case '!':
			p.fixed = true
			continue
		case '~':
			older = true
			continue
		case '*':
			p.promise = true
			continue
		}
		break
	}
	at := 0
	for line[at] != '=' {
		at++
	}
	p.name, p.initial = line[:at], line[at+1:]
	if older {
		p.alias = olderName(p.name)
	}
	at = 0
	for at < len(p.initial) && p.initial[at] != ';' {
		at++
	}
	if at == len(p.initial) {
		p.kindOfInitial()
		return p
	}
	rule := p.initial[at+1:]
	p.initial = p.initial[:at]
	p.kindOfRule(rule)
	return p
}

// olderName puts "slave" in the place of "replica".
func olderName(name string) string {
	const word = "replica"
	at := 0
	for !hasPrefix(name[at:], word) {
		at++
	}
	return name[:at] + "slave" + name[at+len(word):]
}

// kindOfInitial tells what a parameter's value may be from its default.
func (p *parameter) kindOfInitial() {
	if p.initial == "yes" || p.initial == "no" {
		p.kind = boolParameter
	} else if _, ok := num.ParseInt([]byte(p.initial)); ok {
		p.kind, p.high = intParameter, maxInt32
	}
}

// kindOfRule reads what a parameter's value may be.
func (p *parameter) kindOfRule(rule string) {
	at := 0
	for rule[at] >= '0' && rule[at] <= '9' {
		at++
	}
	if at == 0 {
		p.kind, p.choices = choiceParameter, rule
		return
	}
	p.kind, p.low = intParameter, number(rule[:at])
	switch high := rule[at+len(".."):]; high {
	case "":
	case " bytes":
		p.kind = memoryParameter
	default:
		p.high = number(high)
	}
}

// Idle returns why a parameter of the reference changes nothing here, "" if it does or is none.
func Idle(name string) (reason string) {
	name = lowerString(name)
	for _, p := range idleParameters() {
		if p.name == name || p.alias == name {
			return p.idle
		}
	}
	return ""
}
