package main

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"riffle/engine/enginetest"
)

type reply = enginetest.Reply

// treatment says how two replies to the same command are compared.
type treatment struct {
	kind   treatmentKind
	within float64 // treatNumber: how far numbers may be apart
	ours   string  // treatOurs: what we print, as redis-cli does
}

type treatmentKind uint8

const (
	treatExact    treatmentKind = iota
	treatSorted                 // the elements have no order
	treatDeep                   // nor have theirs
	treatPairs                  // the elements are pairs without order
	treatShape                  // same kinds and counts, whatever they say
	treatKind                   // same kind of reply, or both errors
	treatNumber                 // numbers may differ a little
	treatAny                    // not compared
	treatOurs                   // a later version's reply is meant; the oracle's is not looked at
	treatPage                   // a cursor and a page of elements without order
	treatBegin                  // the reply to MULTI
	treatWords                  // the words of texts have no order
	treatRules                  // rules about single commands in a row have no order
	treatEncoding               // names of encodings, of which there are more since 7.2
	treatExec                   // the reply to EXEC: its elements are treated as the queued commands
)

// alike reports whether our reply agrees with the oracle's.
func alike(ours, theirs reply, how treatment) bool {
	switch how.kind {
	case treatAny:
		return true
	case treatOurs:
		return enginetest.Format(ours) == how.ours
	case treatKind:
		return kindOf(ours) == kindOf(theirs)
	case treatEncoding:
		return alikeItems(ours, theirs, treatment{}) || ours.Kind == theirs.Kind && ours.Text == "listpack" &&
			(theirs.Text == "quicklist" || theirs.Text == "hashtable")
	case treatSorted:
		return alikeItems(sortItems(ours, 1), sortItems(theirs, 1), how)
	case treatDeep:
		return alikeItems(sortDeep(ours), sortDeep(theirs), how)
	case treatPairs:
		return alikeItems(sortItems(ours, 2), sortItems(theirs, 2), how)
	case treatPage:
		return alikePage(ours, theirs)
	}
	return alikeItems(ours, theirs, how)
}

func alikeItems(ours, theirs reply, how treatment) bool {
	if ours.Kind != theirs.Kind || ours.Null != theirs.Null || len(ours.Items) != len(theirs.Items) {
		return false
	}
	for i := range ours.Items {
		if !alikeItems(ours.Items[i], theirs.Items[i], how) {
			return false
		}
	}
	return how.kind == treatShape || alikeText(ours, theirs, how)
}

// alikeText compares leaves. Doubles may be printed with 17 digits by the oracle and the shortest way
// by us, which is what servers since 7.2 do.
func alikeText(ours, theirs reply, how treatment) bool {
	if ours.Text == theirs.Text {
		return true
	}
	if how.kind == treatWords {
		return sortedWords(ours.Text) == sortedWords(theirs.Text)
	}
	if how.kind == treatRules && sortedRules(ours.Text) == sortedRules(theirs.Text) {
		return true
	}
	if ours.Kind == '-' {
		return slices.ContainsFunc(newerTexts, func(row struct{ theirs, ours, reason string }) bool {
			return row.theirs == theirs.Text && strings.HasPrefix(ours.Text, row.ours)
		})
	}
	x, err1 := strconv.ParseFloat(ours.Text, 64)
	y, err2 := strconv.ParseFloat(theirs.Text, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if how.kind == treatNumber && math.Abs(x-y) <= how.within {
		return true
	}
	return ours.Kind != ':' && seventeen(x) == theirs.Text
}

func sortedWords(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()", r) })
	slices.Sort(words)
	return strings.Join(words, " ")
}

// sortedRules sorts the rules of a user as far as their order means nothing: those about single commands that stand
// in a row. A command comes before its sub-commands, as it has to.
func sortedRules(text string) string {
	words := strings.Split(text, " ")
	single := func(i int) bool {
		return len(words[i]) > 1 && (words[i][0] == '+' || words[i][0] == '-') && words[i][1] != '@'
	}
	for i := 0; i < len(words); i++ {
		first := i
		for i < len(words) && single(i) {
			i++
		}
		if !undone(words[first:i]) {
			slices.SortFunc(words[first:i], func(a, b string) int { return strings.Compare(a[1:], b[1:]) })
		}
	}
	return strings.Join(words, " ")
}

// undone reports whether a rule about a command comes after one about a sub-command of it.
func undone(rules []string) bool {
	for i, rule := range rules {
		command, _, isSub := strings.Cut(rule[1:], "|")
		if isSub && slices.ContainsFunc(rules[i:], func(later string) bool { return later[1:] == command }) {
			return true
		}
	}
	return false
}

// alikePage compares replies of the SCAN family when both hold everything; otherwise pages legally differ.
func alikePage(ours, theirs reply) bool {
	if len(ours.Items) != 2 || len(theirs.Items) != 2 {
		return alikeItems(ours, theirs, treatment{})
	}
	if ours.Items[0].Text != "0" || theirs.Items[0].Text != "0" {
		return true
	}
	return alikeItems(sortItems(ours.Items[1], 1), sortItems(theirs.Items[1], 1), treatment{}) ||
		alikeItems(sortItems(ours.Items[1], 2), sortItems(theirs.Items[1], 2), treatment{})
}

// seventeen prints a double as C's %.17g does.
func seventeen(x float64) string {
	s := strconv.FormatFloat(x, 'g', 17, 64)
	mantissa, exponent, has := strings.Cut(s, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	if !has {
		return mantissa
	}
	return mantissa + "e" + exponent
}

func kindOf(r reply) string {
	switch {
	case r.Null:
		return "null"
	case r.Kind == '-':
		word, _, _ := strings.Cut(r.Text, " ")
		return "-" + word
	}
	return string(r.Kind)
}

// sortItems sorts a reply's elements, or its groups of step elements.
func sortItems(r reply, step int) reply {
	if len(r.Items)%step != 0 {
		return r
	}
	groups := make([][]reply, 0, len(r.Items)/step)
	for i := 0; i < len(r.Items); i += step {
		groups = append(groups, r.Items[i:i+step])
	}
	sort.SliceStable(groups, func(i, k int) bool { return fmt.Sprint(groups[i]) < fmt.Sprint(groups[k]) })
	sorted := make([]reply, 0, len(r.Items))
	for _, group := range groups {
		sorted = append(sorted, group...)
	}
	r.Items = sorted
	return r
}

// sortDeep sorts a reply's elements, and theirs.
func sortDeep(r reply) reply {
	items := make([]reply, len(r.Items))
	for i, item := range r.Items {
		items[i] = sortDeep(item)
	}
	if r.Items != nil {
		r.Items = items
	}
	return sortItems(r, 1)
}

// speaker follows one connection's transaction, so that each reply meets the treatment of its command.
type speaker struct {
	waiting []expected // replies that have not come yet, oldest first
	queue   []expected // the commands queued since MULTI
	tally   func(args []string, failed bool)
}

// expected is a reply to come: how it is compared, and to what it is one.
type expected struct {
	how  treatment
	args []string
}

// judge compares what both sides wrote to one connection. It returns a description of the first
// difference, or nothing.
func (s *speaker) judge(ours, theirs []byte) string {
	if string(ours) == string(theirs) {
		s.consume(theirs)
		return ""
	}
	a, restA, errA := enginetest.ParseReplies(ours)
	b, restB, errB := enginetest.ParseReplies(theirs)
	if errA != nil || errB != nil || string(restA) != string(restB) {
		return fmt.Sprintf("ours %q, theirs %q", ours, theirs)
	}
	a, b = orderly(a), orderly(b)
	for i := 0; i < max(len(a), len(b)); i++ {
		switch {
		case i >= len(a):
			return "ours: nothing more; theirs: " + show(b[i])
		case i >= len(b):
			return "theirs: nothing more; ours: " + show(a[i])
		}
		if !s.alike(a[i], b[i]) {
			return "ours: " + show(a[i]) + "; theirs: " + show(b[i])
		}
	}
	return ""
}

// orderly puts replies into an order that both sides share: what comes unasked behind the replies, since from 7.2
// on a client who publishes to itself is answered first; last the keys that a client is told to forget, each by
// itself, whatever groups they came in; and which of a client's patterns is served first is not laid down.
func orderly(replies []reply) []reply {
	var answers, messages, invalid []reply
	for _, r := range replies {
		switch {
		case isInvalidation(r):
			invalid = append(invalid, oneByOne(r)...)
		case r.Kind == '>':
			messages = append(messages, r)
		default:
			answers = append(answers, r)
		}
	}
	byText := func(x, y reply) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) }
	slices.SortFunc(invalid, byText)
	invalid = slices.CompactFunc(invalid, func(x, y reply) bool { return byText(x, y) == 0 }) // told once or twice
	for _, list := range [][]reply{answers, messages} {
		for first := 0; first < len(list); {
			next := first + 1
			for next < len(list) && sameMessage(list[first], list[next]) {
				next++
			}
			slices.SortFunc(list[first:next], byText)
			first = next
		}
	}
	return slices.Concat(answers, messages, invalid)
}

// oneByOne makes an invalidation of each key in one.
func oneByOne(r reply) (all []reply) {
	last := len(r.Items) - 1
	if len(r.Items[last].Items) < 2 {
		return []reply{r}
	}
	for _, key := range r.Items[last].Items {
		one := r
		one.Items = slices.Clone(r.Items)
		one.Items[last].Items = []reply{key}
		all = append(all, one)
	}
	return all
}

// sameMessage reports whether two patterns brought one message.
func sameMessage(x, y reply) bool {
	return len(x.Items) == 4 && len(y.Items) == 4 && x.Items[0].Text == "pmessage" && y.Items[0].Text == "pmessage" &&
		x.Items[2].Text == y.Items[2].Text && x.Items[3].Text == y.Items[3].Text
}

// isInvalidation recognises what a client is told that caches, as a push or as a message.
func isInvalidation(r reply) bool {
	return len(r.Items) == 2 && r.Items[0].Text == "invalidate" ||
		len(r.Items) == 3 && r.Items[1].Text == "__redis__:invalidate" && r.Items[0].Text == "message"
}

// alike takes the treatment of the next reply and applies it.
func (s *speaker) alike(ours, theirs reply) bool {
	how := s.next(theirs)
	if how.kind != treatExec {
		return alike(ours, theirs, how)
	}
	if len(theirs.Items) != len(s.queue) || len(ours.Items) != len(theirs.Items) {
		return alike(ours, theirs, treatment{})
	}
	for i, queued := range s.queue {
		if !alike(ours.Items[i], theirs.Items[i], unlessError(queued.how, theirs.Items[i])) {
			return false
		}
	}
	return ours.Kind == theirs.Kind
}

// unlessError is how a reply is compared that may be an error: most are the same, whatever the command.
func unlessError(how treatment, theirs reply) treatment {
	if theirs.Kind == '-' && how.kind != treatAny && how.kind != treatKind && how.kind != treatOurs {
		return treatment{}
	}
	return how
}

// next returns the treatment for a reply and follows MULTI and EXEC. A push comes unasked.
func (s *speaker) next(theirs reply) treatment {
	if theirs.Kind == '>' || len(s.waiting) == 0 {
		return treatment{}
	}
	first := s.waiting[0]
	s.waiting = s.waiting[1:]
	if theirs.Kind == '+' && theirs.Text == "QUEUED" {
		s.queue = append(s.queue, first)
		return treatment{}
	}
	s.count(first.args, theirs)
	switch kind := first.how.kind; {
	case kind == treatBegin && theirs.Kind == '+':
		s.queue = nil
		return treatment{}
	case kind == treatExec && theirs.Kind == '*' && !theirs.Null:
		for i := range min(len(s.queue), len(theirs.Items)) {
			s.count(s.queue[i].args, theirs.Items[i])
		}
		return first.how
	case kind == treatExec || kind == treatBegin:
		return treatment{}
	}
	return unlessError(first.how, theirs)
}

func (s *speaker) count(args []string, theirs reply) {
	if s.tally != nil {
		s.tally(args, theirs.Kind == '-')
	}
}

// consume follows replies that were equal byte for byte.
func (s *speaker) consume(p []byte) {
	replies, _, _ := enginetest.ParseReplies(p)
	for _, r := range replies {
		s.next(r)
	}
}

// depthShown is how deep a reply may be nested that is printed: the indentation grows with the square.
const depthShown = 60

func show(r reply) string {
	if n, last := innermost(r); n > depthShown {
		return fmt.Sprintf("%c, nested %d deep, with %c %q inside", r.Kind, n, last.Kind, last.Text)
	}
	text := strings.ReplaceAll(enginetest.Format(r), "\n", "\n      ")
	if len(text) > 1500 {
		text = text[:1500] + " ..."
	}
	return string(r.Kind) + " " + text
}

// innermost follows the last elements of a reply to the end, and counts them.
func innermost(r reply) (depth int, last reply) {
	for len(r.Items) > 0 {
		r = r.Items[len(r.Items)-1]
		depth++
	}
	return depth, r
}
