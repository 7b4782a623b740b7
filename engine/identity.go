package engine

// What the engine calls itself. Many clients refuse to start without a redis_version, so INFO and
// HELLO name the reference version whose behaviour is met, and Riffle's own beside it.
const (
	referenceVersion = "7.2.4"
	// Version is Riffle's own version.
	Version = "0.1.0"
)
