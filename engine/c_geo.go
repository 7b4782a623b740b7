package engine

import (
	"strconv"

	"riffle/engine/geo"
	"riffle/engine/num"
	"riffle/engine/resp"
)

// Places are members of sorted sets whose scores are geohashes (see geo). GEOADD is a ZADD, and every command
// of sorted sets works on them too; the precision is that of a score, 0.6 metres.

// coordinates reads arguments i and i+1 as longitude and latitude.
func (c *Ctx) coordinates(i int) (p geo.Point, ok bool) {
	if p.Longitude, ok = c.float(i); !ok {
		return p, false
	}
	if p.Latitude, ok = c.float(i + 1); !ok {
		return p, false
	}
	if p.Longitude < -geo.MaxLongitude || p.Longitude > geo.MaxLongitude ||
		p.Latitude < -geo.MaxLatitude || p.Latitude > geo.MaxLatitude {
		text := append(appendSix(nil, p.Longitude), ',')
		c.Reply.Error("ERR invalid longitude,latitude pair " + string(appendSix(text, p.Latitude)))
		return p, false
	}
	return p, true
}

// appendSix appends a number as C's %f prints it.
func appendSix(dst []byte, f float64) []byte {
	if f-f != 0 {
		return num.AppendFloat(dst, f)
	}
	return strconv.AppendFloat(dst, f, 'f', 6, 64)
}

// unit reads argument i as a unit of length and returns its metres.
func (c *Ctx) unit(i int) (metres float64, ok bool) {
	switch {
	case c.is(i, "M"):
		return 1, true
	case c.is(i, "KM"):
		return 1000, true
	case c.is(i, "FT"):
		return 0.3048, true
	case c.is(i, "MI"):
		return 1609.34, true
	}
	c.Reply.Error("ERR unsupported unit provided. please use M, KM, FT, MI")
	return 0, false
}

// length reads argument i as a number that need not be positive; the caller's text says that it is none.
func (c *Ctx) length(i int, failure string) (f float64, ok bool) {
	f, ok = num.ParseFloat(c.Argv[i])
	if !ok || f != f {
		c.Reply.Error(failure)
		return 0, false
	}
	return f, true
}

// replyDistance writes a distance with four decimals.
func (c *Ctx) replyDistance(f float64) {
	var room [64]byte
	c.Reply.Bulk(strconv.AppendFloat(room[:0], f, 'f', 4, 64))
}

// replyPoint writes a point as a pair of coordinates with up to seventeen decimals.
func (c *Ctx) replyPoint(p geo.Point) {
	c.Reply.Array(2)
	for _, f := range [2]float64{p.Longitude, p.Latitude} {
		var room [32]byte
		text := strconv.AppendFloat(room[:0], f, 'f', 17, 64)
		for text[len(text)-1] == '0' {
			text = text[:len(text)-1]
		}
		if text[len(text)-1] == '.' {
			text = text[:len(text)-1]
		}
		c.replyDecimal(text)
	}
}

// replyDecimal writes a number that is printed already.
func (c *Ctx) replyDecimal(text []byte) {
	if c.Reply.proto == 3 {
		c.Reply.buf = resp.AppendDouble3(c.Reply.buf, text)
		return
	}
	c.Reply.Bulk(text)
}

func geoaddCommand(c *Ctx) {
	first, flags := 2, zaddFlags(0)
	for option := c.geoaddOption(first); option != 0; option = c.geoaddOption(first) {
		flags |= option
		first++
	}
	if (len(c.Argv)-first)%3 != 0 || flags&(zaddNX|zaddXX) == zaddNX|zaddXX {
		c.syntaxError()
		return
	}
	argv := append([][]byte{[]byte("ZADD")}, c.Argv[1:first]...)
	for i := first; i < len(c.Argv); i += 3 {
		p, ok := c.coordinates(i)
		if !ok {
			return
		}
		argv = append(argv, intBytes(int64(geo.Score(p))), c.Argv[i+2])
	}
	c.Argv = argv // the effect, too, is a ZADD
	c.zadd(0)
}

// geoaddOption returns the option that a word names, 0 if none.
func (c *Ctx) geoaddOption(i int) zaddFlags {
	if option := c.zaddOption(i); option&(zaddNX|zaddXX|zaddCH) != 0 {
		return option
	}
	return 0
}

func geodistCommand(c *Ctx) {
	metres, ok := 1.0, true
	switch {
	case len(c.Argv) > 5:
		c.syntaxError()
		return
	case len(c.Argv) == 5:
		metres, ok = c.unit(4)
	}
	if !ok {
		return
	}
	z, ok := c.zset(c.Argv[1])
	if !ok {
		return
	}
	from, to := z.find(c.Argv[2]), z.find(c.Argv[3])
	if !from.found || !to.found {
		c.Reply.Null()
		return
	}
	c.replyDistance(geo.Distance(geo.Locate(from.score), geo.Locate(to.score)) / metres)
}

func geohashCommand(c *Ctx) {
	c.eachPlace(func(slot zslot) {
		if !slot.found {
			c.Reply.Null()
			return
		}
		var room [16]byte
		c.Reply.Bulk(geo.AppendHash(room[:0], slot.score))
	})
}

func geoposCommand(c *Ctx) {
	c.eachPlace(func(slot zslot) {
		if !slot.found {
			c.Reply.NullArray()
			return
		}
		c.replyPoint(geo.Locate(slot.score))
	})
}

// eachPlace replies for each member that the request names.
func (c *Ctx) eachPlace(reply func(zslot)) {
	z, ok := c.zset(c.Argv[1])
	if !ok {
		return
	}
	c.Reply.Array(len(c.Argv) - 2)
	for _, member := range c.Argv[2:] {
		reply(z.find(member))
	}
}

// What searches may say behind their area, in the order of the reference's pages.
const (
	geoRadiusOptions = " [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]"
	geoSearchOptions = " [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]"
)

const geoSearchArea = " <FROMMEMBER member | FROMLONLAT longitude latitude>" +
	" <BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>>"

const geoSearchCost = "O(N+log(M)) where N is the number of places in the cells around the area and M is" +
	" the number of places in the set"

var geoCommands = []Command{
	{
		Name: "GEOADD", Syntax: "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
		Flags: Write | DenyOOM, Since: "3.2.0",
		Complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set",
		Summary:    "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEODIST Sicily Palermo Catania
"166274.1516"`,
		Run: geoaddCommand,
	},
	{
		Name: "GEODIST", Syntax: "key member1 member2 [M | KM | FT | MI]", Flags: ReadOnly, Since: "3.2.0",
		Complexity: "O(1)", Summary: "Returns the distance between two members of a geospatial index.",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEODIST Sicily Palermo Catania km
"166.2742"
> GEODIST Sicily Palermo Rome
(nil)`,
		Run: geodistCommand,
	},
	{
		Name: "GEOHASH", Syntax: "key [member [member ...]]", Flags: ReadOnly, Since: "3.2.0",
		Complexity: "O(1) for each member requested",
		Summary:    "Returns members from a geospatial index as geohash strings.",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEOHASH Sicily Palermo Catania
1) "sqc8b49rny0"
2) "sqdtr74hyu0"`,
		Run: geohashCommand,
	},
	{
		Name: "GEOPOS", Syntax: "key [member [member ...]]", Flags: ReadOnly, Since: "3.2.0",
		Complexity: "O(1) for each member requested",
		Summary:    "Returns the longitude and latitude of members from a geospatial index.",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo
(integer) 1
> GEOPOS Sicily Palermo Rome
1) 1) "13.36138933897018433"
   2) "38.11555639549629859"
2) (nil)`,
		Run: geoposCommand,
	},
	{
		Name: "GEORADIUS", Syntax: "key longitude latitude radius <M | KM | FT | MI>" + geoRadiusOptions +
			" [STORE key] [STOREDIST key]",
		Flags: Write | DenyOOM, Since: "3.2.0", Complexity: geoSearchCost,
		Summary: "Queries a geospatial index for members within a distance from a coordinate, optionally stores" +
			" the result.",
		Deprecated: "6.2.0", ReplacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUS Sicily 15 37 200 km ASC
1) "Catania"
2) "Palermo"`,
		Run: georadiusCommand,
	},
	{
		Name: "GEORADIUSBYMEMBER", Syntax: "key member radius <M | KM | FT | MI>" + geoRadiusOptions +
			" [STORE key] [STOREDIST key]",
		Flags: Write | DenyOOM, Since: "3.2.0", Complexity: geoSearchCost,
		Summary: "Queries a geospatial index for members within a distance from a member, optionally stores" +
			" the result.",
		Deprecated: "6.2.0",
		ReplacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUSBYMEMBER Sicily Palermo 200 km STORE near
(integer) 2`,
		Run: georadiusbymemberCommand,
	},
	{
		Name: "GEORADIUSBYMEMBER_RO", Syntax: "key member radius <M | KM | FT | MI>" + geoRadiusOptions,
		Flags: ReadOnly, Since: "3.2.10", Complexity: geoSearchCost,
		Summary:    "Returns members from a geospatial index that are within a distance from a member.",
		Deprecated: "6.2.0", ReplacedBy: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUSBYMEMBER_RO Sicily Palermo 100 km
1) "Palermo"`,
		Run: georadiusbymemberroCommand,
	},
	{
		Name: "GEORADIUS_RO", Syntax: "key longitude latitude radius <M | KM | FT | MI>" + geoRadiusOptions,
		Flags: ReadOnly, Since: "3.2.10", Complexity: geoSearchCost,
		Summary:    "Returns members from a geospatial index that are within a distance from a coordinate.",
		Deprecated: "6.2.0", ReplacedBy: "`GEOSEARCH` with the `BYRADIUS` argument",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUS_RO Sicily 15 37 100 km WITHDIST
1) 1) "Catania"
   2) "56.4413"`,
		Run: georadiusroCommand,
	},
	{
		Name: "GEOSEARCH", Syntax: "key" + geoSearchArea + geoSearchOptions, Flags: ReadOnly, Since: "6.2.0",
		Complexity: geoSearchCost,
		Summary:    "Queries a geospatial index for members inside an area of a box or a circle.",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST
1) 1) "Catania"
   2) "56.4413"
2) 1) "Palermo"
   2) "190.4424"`,
		Run: geosearchCommand,
	},
	{
		Name: "GEOSEARCHSTORE", Syntax: "destination source" + geoSearchArea + " [ASC | DESC] [COUNT count [ANY]]" +
			" [STOREDIST]",
		Flags: Write | DenyOOM, Since: "6.2.0", Complexity: geoSearchCost,
		Summary: "Queries a geospatial index for members inside an area of a box or a circle, optionally stores" +
			" the result.",
		Example: `
> GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEOSEARCHSTORE near Sicily FROMMEMBER Palermo BYRADIUS 100 km
(integer) 1
> ZRANGE near 0 -1
1) "Palermo"`,
		Run: geosearchstoreCommand,
	},
}
