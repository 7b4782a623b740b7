package engine

import "riffle/engine/num"

// read checks a parameter's value and returns its canonical text, or why it is not possible.
func (p *parameter) read(value string) (canonical, failure string) {
	switch p.kind {
	case boolParameter:
		return p.readChoice(value, "yes no", "argument must be 'yes' or 'no'")
	case choiceParameter:
		return p.readChoice(value, p.choices, "argument(s) must be one of the following: "+commaSeparated(p.choices))
	case intParameter:
		n, ok := num.ParseInt([]byte(value))
		if !ok {
			return "", "argument couldn't be parsed into an integer"
		}
		return p.readNumber(n)
	case memoryParameter:
		n, ok := num.ParseMemory([]byte(value))
		if !ok || n < 0 {
			return "", "argument must be a memory value"
		}
		return p.readNumber(n)
	case shareParameter:
		return p.readShare(value)
	}
	return value, ""
}

// readShare reads bytes or a percentage.
func (p *parameter) readShare(value string) (canonical, failure string) {
	const complaint = "argument must be a memory or percent value"
	if n := len(value); n > 0 && value[n-1] == '%' {
		percent, ok := num.ParseInt([]byte(value[:n-1]))
		switch {
		case !ok || percent < 0:
			return "", complaint
		case percent > 100:
			return "", "percentage argument must be less or equal to 100"
		case percent > 0:
			return value, ""
		}
		return "0", ""
	}
	bytes, ok := num.ParseMemory([]byte(value))
	if !ok || bytes < 0 {
		return "", complaint
	}
	return p.readNumber(bytes)
}

// share reads what readShare has approved: a percentage is negative.
func share(value string) int64 {
	if n := len(value) - 1; value[n] == '%' {
		return -number(value[:n])
	}
	return number(value)
}

func (p *parameter) readNumber(n int64) (canonical, failure string) {
	high := p.high
	if high == 0 {
		high = maxInt64
	}
	if n < p.low || n > high {
		return "", "argument must be between " + itoa(p.low) + " and " + itoa(high) + " inclusive"
	}
	return itoa(n), ""
}

func (p *parameter) readChoice(value, choices, complaint string) (canonical, failure string) {
	for _, choice := range fields(choices) {
		if lowerString(value) == choice {
			return choice, ""
		}
	}
	return "", complaint
}

func commaSeparated(words string) string {
	text := ""
	for _, word := range fields(words) {
		if text != "" {
			text += ", "
		}
		text += word
	}
	return text
}

// number reads a canonical value that read has approved.
func number(value string) int64 {
	n, _ := num.ParseInt([]byte(value))
	return n
}

// largerThan reads a size from which on something is kept; what is negative keeps nothing.
func largerThan(value string) int64 {
	if n := number(value); n >= 0 {
		return n
	}
	return maxInt64
}

func applySave(e *Engine, value string) string {
	points, ok := parseSavePoints(value)
	if !ok {
		return "Invalid save parameters"
	}
	e.settings.savePoints = points
	return ""
}

func applySlowlogMax(e *Engine, value string) string {
	e.settings.slowlogMax = int(number(value))
	e.slowlog.trim(e.settings.slowlogMax)
	return ""
}

// notifyLetters are the letters of notify-keyspace-events in the order in which CONFIG GET shows
// them; A stands for all the classes of events but the two that are asked for by name.
const notifyLetters = "g$lshzxetdnKEm"

var notifyClasses = [len(notifyLetters)]notifyClass{
	notifyGeneric, notifyString, notifyList, notifySet, notifyHash, notifyZSet, notifyExpired, notifyEvicted,
	notifyStream, notifyModule, notifyNew, notifyKeyspace, notifyKeyevent, notifyMissed,
}

const notifyAll = notifyGeneric | notifyString | notifyList | notifySet | notifyHash | notifyZSet | notifyExpired |
	notifyEvicted | notifyStream | notifyModule

func applyNotify(e *Engine, value string) string {
	classes, ok := parseNotify(value)
	if !ok {
		return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
	}
	e.settings.notify = classes
	return ""
}

func parseNotify(value string) (notifyClass, bool) {
	classes := notifyClass(0)
	for i := 0; i < len(value); i++ {
		if value[i] == 'A' {
			classes |= notifyAll
			continue
		}
		at := 0
		for at < len(notifyLetters) && notifyLetters[at] != value[i] {
			at++
		}
		if at == len(notifyLetters) {
			return 0, false
		}
		classes |= notifyClasses[at]
	}
	return classes, true
}

// notifyText spells classes in the canonical order.
func notifyText(classes notifyClass) string {
	text := ""
	if classes&notifyAll == notifyAll {
		text, classes = "A", classes&^(notifyAll|notifyNew)
	}
	for i, class := range notifyClasses {
		if classes&class != 0 {
			text += notifyLetters[i : i+1]
		}
	}
	return text
}

// outputClassNames are the classes of client-output-buffer-limit, by their numbers.
var outputClassNames = [outputClasses]string{"normal", "slave", "pubsub"}

// applyOutputLimits reads groups of "class hard soft seconds"; classes not named keep their limits.
func applyOutputLimits(e *Engine, value string) string {
	words := fields(value)
	if len(words)%4 != 0 {
		return "Wrong number of arguments in buffer limit configuration."
	}
	limits := e.settings.output
	for i := 0; i < len(words); i += 4 {
		class := outputClass(words[i])
		if class < 0 {
			return "Invalid client class specified in buffer limit configuration."
		}
		hard, ok := num.ParseMemory([]byte(words[i+1]))
		soft, ok2 := num.ParseMemory([]byte(words[i+2]))
		seconds, ok3 := num.ParseInt([]byte(words[i+3]))
		if !ok || !ok2 || !ok3 || hard < 0 || soft < 0 || seconds < 0 {
			return "Error in hard, soft or soft_seconds setting in buffer limit configuration."
		}
		limits[class] = outputLimit{hard, soft, seconds}
	}
	e.settings.output, e.settings.leastOutput = limits, leastLimit(&limits)
	return ""
}

func outputClass(name string) int {
	name = lowerString(name)
	if name == "replica" {
		return outputReplica
	}
	for i, class := range outputClassNames {
		if class == name {
			return i
		}
	}
	return -1
}

// outputText spells the limits of all classes.
func outputText(limits *[outputClasses]outputLimit) string {
	text := ""
	for i, limit := range limits {
		if i > 0 {
			text += " "
		}
		text += outputClassNames[i] + " " + itoa(limit.hard) + " " + itoa(limit.soft) + " " + itoa(limit.softSeconds)
	}
	return text
}

// applyPercentiles reads the percentiles that INFO latencystats shows; there may be none.
func applyPercentiles(e *Engine, value string) string {
	const name = "latency-tracking-info-percentiles"
	var percentiles []float64
	for _, word := range fields(value) {
		percent, ok := num.ParseFloat([]byte(word))
		if !ok || percent != percent {
			return "Invalid " + name + " parameters"
		}
		if percent < 0 || percent > 100 {
			return name + " parameters should sit between [0.0,100.0]"
		}
		percentiles = append(percentiles, percent)
	}
	e.settings.percentiles = percentiles
	return ""
}

func percentilesText(percentiles []float64) string {
	text := ""
	for i, percent := range percentiles {
		if i > 0 {
			text += " "
		}
		text += string(num.AppendFloat(nil, percent))
	}
	return text
}
