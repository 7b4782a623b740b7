package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// figure is one row of a table, of which less is better: one number per round for each side.
type figure struct {
	Group   string    `json:"group"`
	Name    string    `json:"name"`
	Measure string    `json:"measure"` // with its unit
	Ours    []float64 `json:"riffle"`
	Theirs  []float64 `json:"redis"`
	Ratio   float64   `json:"ratio,omitempty"` // ours / theirs, median of the rounds'
	Bar     float64   `json:"bar,omitempty"`   // what the ratio should not exceed
	Limit   float64   `json:"limit,omitempty"` // what ours should not exceed
}

// measure is what a row shows, and what is aimed at.
type measure struct {
	name  string
	bar   float64 // for the ratio; 0 = none
	limit float64 // for ours, in the measure's unit; 0 = none
}

// report prints figures as they come and keeps them.
type report struct {
	out     io.Writer
	group   string
	name    string   // of the row printed last
	Figures []figure `json:"figures"`
	Curves  []*curve `json:"curves,omitempty"`
}

func (r *report) begin(group, explanation string) {
	r.group, r.name = group, ""
	fmt.Fprintf(r.out, "\n%s: %s\n%-38s %-14s %10s %10s %7s %8s\n",
		group, explanation, "", "", "riffle", "redis", "ratio", "bar")
}

// say prints a sentence instead of a row.
func (r *report) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

// sideRun measures one side once and returns one number for each measure.
type sideRun func(side) ([]float64, error)

// measure runs both sides in turns, the order swapped every round, and adds a row per measure.
func (r *report) measure(o options, name string, measures []measure, run sideRun) error {
	if !o.wants(name) {
		return nil
	}
	rows := make([]figure, len(measures))
	for round := range o.rounds {
		pair := []side{o.riffle(), o.redis()}
		if round%2 == 1 {
			slices.Reverse(pair)
		}
		for _, s := range pair {
			values, err := run(s)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", s.name, name, err)
			}
			for i, value := range values {
				rows[i].take(s, value)
			}
		}
	}
	for i, m := range measures {
		rows[i].Group, rows[i].Name, rows[i].Measure = r.group, name, m.name
		rows[i].Bar, rows[i].Limit = m.bar, m.limit
		r.add(rows[i])
	}
	return nil
}

func (f *figure) take(s side, value float64) {
	if s.ours {
		f.Ours = append(f.Ours, value)
	} else {
		f.Theirs = append(f.Theirs, value)
	}
}

func (r *report) add(f figure) {
	f.Ratio = medianRatio(f.Ours, f.Theirs)
	r.Figures = append(r.Figures, f)
	name := f.Name
	if name == r.name {
		name = ""
	}
	r.name = f.Name
	fmt.Fprintln(r.out, strings.TrimRight(fmt.Sprintf("%-38s %-14s %10s %10s %7s %8s",
		name, f.Measure, threeDigits(median(f.Ours)), threeDigits(median(f.Theirs)), f.ratio(), f.aim()), " "))
}

func (f figure) ratio() string {
	if f.Ratio == 0 {
		return "-"
	}
	return strconv.FormatFloat(f.Ratio, 'f', 2, 64)
}

// aim is the bar beside a ratio, or the limit with a sign: it stands for the first column.
func (f figure) aim() string {
	switch {
	case f.Limit > 0:
		return "<= " + threeDigits(f.Limit)
	case f.Bar > 0:
		return strconv.FormatFloat(f.Bar, 'f', 2, 64)
	}
	return ""
}

// threeDigits prints a number with three digits that count, or all before the point.
func threeDigits(value float64) string {
	decimals := 2
	for magnitude := max(value, -value); magnitude >= 10 && decimals > 0; magnitude /= 10 {
		decimals--
	}
	return strconv.FormatFloat(value, 'f', decimals, 64)
}

// medianRatio is the median of the rounds' ratios: a machine that slows down slows both of a pair.
func medianRatio(ours, theirs []float64) float64 {
	var ratios []float64
	for i := range min(len(ours), len(theirs)) {
		if theirs[i] > 0 {
			ratios = append(ratios, ours[i]/theirs[i])
		}
	}
	return median(ratios)
}

func median[T cmp.Ordered](values []T) (middle T) {
	if len(values) > 0 {
		middle = slices.Sorted(slices.Values(values))[(len(values)-1)/2]
	}
	return middle
}
