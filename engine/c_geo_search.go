package engine

import "riffle/engine/geo"

// GEOSEARCH and its elder sisters: places within a circle or a box, measured, sorted, and shown or stored.

// geoSearch is one of them at work.
type geoSearch struct {
	search bool // GEOSEARCH or GEOSEARCHSTORE, whose words say what the others' positions do
	store  bool // GEOSEARCHSTORE
	stores bool // may have STORE and STOREDIST
	source *ZSet

	shape       geo.Shape
	unit        float64 // metres, of the distances shown
	hasCenter   bool
	byMember    bool
	hasShape    bool
	keeps       bool // the places become the content of destination
	destination []byte
	storeDist   bool
	withCoord   bool
	withDist    bool
	withHash    bool
	sorted      bool
	descending  bool
	any         bool
	count       int64 // 0 = all

	places []geo.Place
	texts  copies
}

func georadiusCommand(c *Ctx)           { c.georadius(false, true) }
func georadiusroCommand(c *Ctx)         { c.georadius(false, false) }
func georadiusbymemberCommand(c *Ctx)   { c.georadius(true, true) }
func georadiusbymemberroCommand(c *Ctx) { c.georadius(true, false) }

// georadius is GEORADIUS and GEORADIUSBYMEMBER, which name the circle in fixed places.
func (c *Ctx) georadius(byMember, stores bool) {
	q := geoSearch{stores: stores}
	var ok bool
	if q.source, ok = c.zset(c.Argv[1]); !ok {
		return
	}
	i := 4
	if byMember {
		i = 3
		ok = !q.source.Exists() || q.centerOn(c, 2)
	} else {
		q.shape.Center, ok = c.coordinates(2)
	}
	if !ok {
		return
	}
	if !byMember || q.source.Exists() {
		if !q.circle(c, i) {
			return
		}
	}
	if q.options(c, i+2) && q.check(c) {
		q.run(c)
	}
}

func geosearchCommand(c *Ctx) {
	q := geoSearch{search: true}
	q.geosearch(c, 1)
}

func geosearchstoreCommand(c *Ctx) {
	q := geoSearch{search: true, store: true, keeps: true, destination: c.Argv[1]}
	q.geosearch(c, 2)
}

func (q *geoSearch) geosearch(c *Ctx, source int) {
	var ok bool
	if q.source, ok = c.zset(c.Argv[source]); ok && q.options(c, source+1) && q.check(c) {
		q.run(c)
	}
}

// centerOn makes the place of the member that argument i names the centre.
func (q *geoSearch) centerOn(c *Ctx, i int) bool {
	slot := q.source.find(c.Argv[i])
	if !slot.found {
		c.Reply.Error("ERR could not decode requested zset member")
		return false
	}
	q.shape.Center = geo.Locate(slot.score)
	return true
}

// circle reads "radius unit" from argument i on.
func (q *geoSearch) circle(c *Ctx, i int) bool {
	radius, ok := c.length(i, "ERR need numeric radius")
	if !ok {
		return false
	}
	if radius < 0 {
		c.Reply.Error("ERR radius cannot be negative")
		return false
	}
	if q.unit, ok = c.unit(i + 1); !ok {
		return false
	}
	q.shape.Box, q.shape.Radius = false, radius*q.unit
	return true
}

// box reads "width height unit" from argument i on.
func (q *geoSearch) box(c *Ctx, i int) bool {
	width, ok := c.length(i, "ERR need numeric width")
	if !ok {
		return false
	}
	height, ok := c.length(i+1, "ERR need numeric height")
	if !ok {
		return false
	}
	if width < 0 || height < 0 {
		c.Reply.Error("ERR height or width cannot be negative")
		return false
	}
	if q.unit, ok = c.unit(i + 2); !ok {
		return false
	}
	q.shape.Box, q.shape.Width, q.shape.Height = true, width*q.unit, height*q.unit
	return true
}

// options reads the options from argument i on.
func (q *geoSearch) options(c *Ctx, i int) (ok bool) {
	for i < len(c.Argv) {
		left := len(c.Argv) - i - 1
		next := i + 1
		switch {
		case c.is(i, "WITHDIST"):
			q.withDist = true
		case c.is(i, "WITHHASH"):
			q.withHash = true
		case c.is(i, "WITHCOORD"):
			q.withCoord = true
		case c.is(i, "ANY"):
			q.any = true
		case c.is(i, "ASC"):
			q.sorted, q.descending = true, false
		case c.is(i, "DESC"):
			q.sorted, q.descending = true, true
		case c.is(i, "COUNT") && left >= 1:
			if q.count, ok = c.int(i + 1); !ok {
				return false
			}
			if q.count <= 0 {
				c.Reply.Error("ERR COUNT must be > 0")
				return false
			}
			next++
		default:
			if next, ok = q.option(c, i, left); !ok {
				return false
			}
		}
		i = next
	}
	return true
}

// option reads an option that only some of the commands have.
func (q *geoSearch) option(c *Ctx, i, left int) (next int, ok bool) {
	switch {
	case q.stores && left >= 1 && c.is(i, "STORE"):
		q.keeps, q.destination, q.storeDist = true, c.Argv[i+1], false
		return i + 2, true
	case q.stores && left >= 1 && c.is(i, "STOREDIST"):
		q.keeps, q.destination, q.storeDist = true, c.Argv[i+1], true
		return i + 2, true
	case q.store && c.is(i, "STOREDIST"):
		q.storeDist = true
		return i + 1, true
	case q.search && left >= 1 && !(q.hasCenter && !q.byMember) && c.is(i, "FROMMEMBER"):
		ok = !q.source.Exists() || q.centerOn(c, i+1)
		q.hasCenter, q.byMember = true, true
		return i + 2, ok
	case q.search && left >= 2 && !q.byMember && c.is(i, "FROMLONLAT"):
		q.shape.Center, ok = c.coordinates(i + 1)
		q.hasCenter = true
		return i + 3, ok
	case q.search && left >= 2 && !(q.hasShape && q.shape.Box) && c.is(i, "BYRADIUS"):
		q.hasShape = true
		return i + 3, q.circle(c, i+1)
	case q.search && left >= 3 && !(q.hasShape && !q.shape.Box) && c.is(i, "BYBOX"):
		q.hasShape = true
		return i + 4, q.box(c, i+1)
	}
	c.syntaxError()
	return 0, false
}

// check refuses options that do not go together.
func (q *geoSearch) check(c *Ctx) bool {
	name := clip(c.Argv[0], maxShownName)
	switch {
	case q.keeps && (q.withDist || q.withHash || q.withCoord):
		command := "STORE option in GEORADIUS"
		if q.store {
			command = "GEOSEARCHSTORE"
		}
		c.Reply.Error("ERR " + command + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
	case q.search && !q.hasCenter:
		c.Reply.Error("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + name)
	case q.search && !q.hasShape:
		c.Reply.Error("ERR exactly one of BYRADIUS and BYBOX can be specified for " + name)
	case q.any && q.count == 0:
		c.Reply.Error("ERR the ANY argument requires COUNT argument")
	default:
		return true
	}
	return false
}

// run searches, and shows or stores what it has found.
func (q *geoSearch) run(c *Ctx) {
	found := 0
	if q.source.Exists() {
		q.collect()
		found = len(q.places)
		if q.count > 0 {
			found = int(min(q.count, int64(found)))
		}
		if q.sorted || q.count > 0 && !q.any {
			geo.Sort(q.places, found, q.descending) // COUNT alone means the nearest
		}
	}
	if q.keeps {
		q.keep(c, q.places[:found])
		return
	}
	q.show(c, q.places[:found])
}

// collect finds the places, with ANY no more than wanted.
func (q *geoSearch) collect() {
	var room [geo.MaxRanges]geo.Range
	for _, r := range q.shape.Ranges(&room) {
		if q.any && int64(len(q.places)) >= q.count {
			return
		}
		first := q.source.search(func(_ []byte, score float64) bool { return score < r.From })
		q.source.walk(first, q.source.Len(), false, func(member []byte, score float64) bool {
			if !(score < r.To) {
				return false
			}
			point := geo.Locate(score)
			if metres, inside := q.shape.Contains(point); inside {
				q.places = append(q.places, geo.Place{
					Member: q.texts.keep(member), Score: score, Point: point, Metres: metres,
				})
			}
			return !q.any || int64(len(q.places)) < q.count
		})
	}
}

// show replies the places, each with what the options ask for.
func (q *geoSearch) show(c *Ctx, places []geo.Place) {
	parts := 1 + int(boolInt(q.withDist)+boolInt(q.withHash)+boolInt(q.withCoord))
	c.Reply.Array(len(places))
	for i := range places {
		place := &places[i]
		if parts > 1 {
			c.Reply.Array(parts)
		}
		c.Reply.Bulk(place.Member)
		if q.withDist {
			c.replyDistance(place.Metres / q.unit)
		}
		if q.withHash {
			c.Reply.Int(geo.Truncate(place.Score))
		}
		if q.withCoord {
			c.replyPoint(place.Point)
		}
	}
}

// keep makes the places the content of the destination: a sorted set by geohash, or by distance.
func (q *geoSearch) keep(c *Ctx, places []geo.Place) {
	result := c.newZSet()
	for i := range places {
		score := places[i].Score
		if q.storeDist {
			score = places[i].Metres / q.unit
		}
		result.set(places[i].Member, score)
	}
	event := "georadiusstore"
	if q.search {
		event = "geosearchstore"
	}
	c.zstore(q.destination, result, event)
}
