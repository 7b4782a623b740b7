package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// point is a cost, in microseconds, at a size.
type point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// series is the line of one command on one server.
type series struct {
	Name   string  `json:"name"`
	Theirs bool    `json:"redis,omitempty"`
	Points []point `json:"points"`
}

// curve is costs over sizes: sizes in powers of ten, costs from zero on, so that what is flat looks flat.
type curve struct {
	Name   string   `json:"name"` // of the file too
	X      string   `json:"x"`    // what grows
	Series []series `json:"series"`
}

// A drawing's measures in pixels; the legend stands in the margin to the right.
const (
	drawingWidth, drawingHeight = 720, 360
	left, right, top, bottom    = 56, 190, 44, 50
	plotWidth, plotHeight       = drawingWidth - left - right, drawingHeight - top - bottom
)

// colours are legible on white and on black, as is the grey of the text. Both lines of a command share one;
// the reference's is dashed.
var colours = []string{"#2f8f9d", "#d9822b", "#8a7ff0", "#5a9e3a"}

// drawing is an SVG being written, and the scales of its axes.
type drawing struct {
	strings.Builder
	lowest, highest float64 // powers of ten
	cost            float64 // where the vertical axis ends
}

// svg draws the curve.
func (c *curve) svg() string {
	d := &drawing{}
	d.fit(c)
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"`+
		` font-family="system-ui, sans-serif" font-size="12" fill="#808080" stroke-linejoin="round">`+"\n",
		drawingWidth, drawingHeight)
	d.axes(c)
	for i, s := range c.Series {
		d.line(s, i)
	}
	d.WriteString("</svg>\n")
	return d.String()
}

// fit makes the axes hold every point: whole powers of ten across, a round cost up.
func (d *drawing) fit(c *curve) {
	d.lowest, d.highest = math.Inf(1), math.Inf(-1)
	for _, s := range c.Series {
		for _, p := range s.Points {
			d.lowest = min(d.lowest, math.Floor(math.Log10(p.X)))
			d.highest = max(d.highest, math.Ceil(math.Log10(p.X)))
			d.cost = max(d.cost, p.Y)
		}
	}
	d.highest = max(d.highest, d.lowest+1)
	d.cost = roundUp(max(d.cost, 0.01))
}

// roundUp is the next number whose quarters are short to write.
func roundUp(cost float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(cost)))
	for _, digit := range []float64{1, 2, 3, 4, 6, 8} {
		if cost <= digit*power {
			return digit * power
		}
	}
	return 10 * power
}

func (d *drawing) across(x float64) float64 {
	return left + (math.Log10(x)-d.lowest)/(d.highest-d.lowest)*plotWidth
}

func (d *drawing) up(y float64) float64 { return top + plotHeight*(1-y/d.cost) }

func (d *drawing) axes(c *curve) {
	d.text(left, 22, "start", c.Name+": server CPU per command in microseconds")
	d.text(left+plotWidth/2, drawingHeight-10, "middle", "number of "+c.X)
	for power := d.lowest; power <= d.highest; power++ {
		x := d.across(math.Pow(10, power))
		d.rule(x, top, x, top+plotHeight)
		d.text(x, top+plotHeight+18, "middle", powerOfTen(int(power)))
	}
	for part := range 5 {
		y := d.cost * float64(part) / 4
		d.rule(left, d.up(y), left+plotWidth, d.up(y))
		d.text(left-8, d.up(y)+4, "end", threeDigits(y))
	}
}

// line draws the i-th series and its row of the legend.
func (d *drawing) line(s series, i int) {
	style := fmt.Sprintf(`fill="none" stroke="%s" stroke-width="2"`, colours[i/2%len(colours)])
	if s.Theirs {
		style += ` stroke-dasharray="5 4" stroke-opacity="0.8"`
	}
	fmt.Fprintf(d, `  <path %s d="`, style)
	for k, p := range s.Points {
		fmt.Fprintf(d, "%c%.1f %.1f", "ML"[min(k, 1)], d.across(p.X), d.up(p.Y))
	}
	y := float64(top + 6 + 18*i)
	fmt.Fprintf(d, "\"/>\n  <path %s d=\"M%d %.1fh20\"/>\n", style, left+plotWidth+14, y)
	d.text(left+plotWidth+40, y+4, "start", s.label())
}

func (s series) label() string {
	if s.Theirs {
		return "redis"
	}
	return s.Name
}

func (d *drawing) rule(x1, y1, x2, y2 float64) {
	fmt.Fprintf(d, `  <path d="M%.1f %.1fL%.1f %.1f" stroke="#808080" stroke-opacity="0.3"/>`, x1, y1, x2, y2)
	d.WriteByte('\n')
}

func (d *drawing) text(x, y float64, anchor, words string) {
	fmt.Fprintf(d, `  <text x="%.1f" y="%.1f" text-anchor="%s">`, x, y, anchor)
	_ = xml.EscapeText(d, []byte(words)) // a Builder takes everything
	d.WriteString("</text>\n")
}

// powerOfTen is a size as people say it: 100, 10 k, 1 M.
func powerOfTen(power int) string {
	unit := []string{"", " k", " M", " G"}[min(power/3, 3)]
	return fmt.Sprintf("%.0f%s", math.Pow(10, float64(power%3)), unit)
}

// draw writes each curve into its own file.
func (r *report) draw(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, c := range r.Curves {
		name := strings.ReplaceAll(strings.ToLower(c.Name), " ", "-") + ".svg"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(c.svg()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
