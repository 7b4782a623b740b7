package enginetest

import "riffle/engine"

func configSet(e *engine.Engine, name, value string) string {
	if x, ok := any(e).(interface{ ConfigSet(a, b string) string }); ok {
		return x.ConfigSet(name, value)
	}
	return ""
}
