package engine

import "riffle/engine/rdb"

// families lists the commands that every build has, a family a file. A new command adds a row to its
// family's slice; a new family adds a line here, or in tables_full.go if a newcomer's page can do without
// its code at first.
var families = [...]family{
	{"connection", connectionCommands},
	{"generic", genericCommands},
	{"hash", hashCommands},
	{"list", listCommands},
	{"pubsub", pubsubCommands},
	{"server", serverCommands},
	{"set", setCommands},
	{"sorted-set", sortedSetCommands},
	{"stream", streamCommands},
	{"string", stringCommands},
	{"transactions", transactionCommands},
}

// kinds lists the types a key may hold. A new type adds a line here.
var kinds = [kindCount]kindRow{
	KindHash: {"hash", makeHash, []byte{
		rdb.TypeHash, rdb.TypeHashListpack, rdb.TypeHashZiplist, rdb.TypeHashZipmap, rdb.TypeHashMetadata,
		rdb.TypeHashListpackEx, rdb.TypeHash2,
	}},
	KindList: {"list", makeList, []byte{
		rdb.TypeList, rdb.TypeListZiplist, rdb.TypeListQuicklist, rdb.TypeListQuicklist2,
	}},
	KindSet: {"set", makeSet, []byte{rdb.TypeSet, rdb.TypeSetIntset, rdb.TypeSetListpack}},
	KindStream: {"stream", makeStream, []byte{
		rdb.TypeStreamListpacks, rdb.TypeStreamListpacks2, rdb.TypeStreamListpacks3, rdb.TypeStreamListpacks4,
		rdb.TypeStreamListpacks5,
	}},
	KindString: {"string", makeString, []byte{rdb.TypeString}},
	KindZSet: {"zset", makeZSet, []byte{
		rdb.TypeZset, rdb.TypeZset2, rdb.TypeZsetListpack, rdb.TypeZsetZiplist,
	}},
}
