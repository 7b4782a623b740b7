package engine

// Passwords are not shown: MONITOR and SLOWLOG have another word in their place.

var redactedWord = []byte("(redacted)")

// redacted returns a request as others may see it.
func (en *entry) redacted(argv [][]byte) [][]byte {
	switch en.full {
	case "auth":
		return redactFrom(argv, 1)
	case "acl|setuser", "acl|deluser", "acl|getuser":
		return redactFrom(argv, 2)
	case "hello":
		for i := 2; i+2 < len(argv); i++ {
			if equalFold(argv[i], "AUTH") {
				return append(redactFrom(argv[:i+3], i+1), argv[i+3:]...)
			}
		}
	case "migrate":
		return redactMigrate(argv)
	case "config|set":
		return redactParameters(argv)
	}
	return argv
}

// redactMigrate hides how MIGRATE authenticates.
func redactMigrate(argv [][]byte) [][]byte {
	shown := append([][]byte(nil), argv...)
	for i := 6; i < len(shown); i++ {
		words := 0
		switch {
		case equalFold(shown[i], "AUTH"):
			words = 1
		case equalFold(shown[i], "AUTH2"):
			words = 2
		case equalFold(shown[i], "KEYS"):
			return shown
		}
		for ; words > 0 && i+1 < len(shown); words-- {
			i++
			shown[i] = redactedWord
		}
	}
	return shown
}

// redactFrom copies a request and hides its arguments from one on.
func redactFrom(argv [][]byte, first int) [][]byte {
	shown := append([][]byte(nil), argv...)
	for i := first; i < len(shown); i++ {
		shown[i] = redactedWord
	}
	return shown
}

// redactParameters hides the values of secret parameters.
func redactParameters(argv [][]byte) [][]byte {
	shown := argv
	for i := 2; i+1 < len(argv); i += 2 {
		if isSecret(lowerString(string(argv[i]))) {
			if &shown[0] == &argv[0] {
				shown = append([][]byte(nil), argv...)
			}
			shown[i+1] = redactedWord
		}
	}
	return shown
}

// isSecret says whether a parameter's value is a password.
func isSecret(name string) bool {
	for i := range parameters {
		if parameters[i].name == name {
			return parameters[i].secret
		}
	}
	switch name {
	case "masterauth", "masteruser", "tls-client-key-file-pass", "tls-key-file-pass":
		return true
	}
	return false
}
