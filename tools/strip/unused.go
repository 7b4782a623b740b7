package main

import (
	"bytes"
	"strings"
)

// Go's linker keeps what somebody may call. It cannot know that in a browser nobody traces, profiles or
// sets GODEBUG, that there is no C, and that this program calls no method by reflection. What only that
// would need keeps its place but becomes a trap, a twentieth of the code. A name stands for all that begin
// with it.
var unused = []string{
	// Execution traces.
	"runtime.traceAcquireEnabled", "runtime.traceAdvance", "runtime.traceEventWriter", "runtime.traceLocker.",
	"runtime.traceReadCPU", "runtime.traceRegisterLabelsAndReasons", "runtime.traceStack",
	"runtime.traceStopReadCPU", "runtime.traceSyncBatch", "runtime.traceWriter.", "runtime.makeTraceFrames",
	"runtime.(*traceMap).", "runtime.(*traceRegionAlloc).", "runtime.(*traceStackTable).",
	"runtime.(*traceStringTable).", "runtime.(*traceTypeTable).",
	// Profiles.
	"runtime.(*profBuf).", "runtime.doRecordGoroutineProfile", "runtime.tryRecordGoroutineProfile",
	"runtime.saveBlockEventStack", "runtime.saveblockevent", "runtime.findGoroutineLeaks",
	// What GODEBUG asks for, and what is printed of a broken runtime.
	"runtime.checkFinalizersAndCleanups", "runtime.dumpScanStats", "runtime.dumpStacksRec", "runtime.dumpTypesRec",
	"runtime.gcDumpObject", "runtime.(*hexdumper).", "runtime.hexdump", "runtime.printAncestorTraceback",
	"runtime.printScavTrace", "runtime.schedtrace", "runtime.tracebackHexdump",
	// C, arenas, synctest.
	"runtime.printCgoTraceback", "runtime.printOneCgoTraceback", "runtime.(*mspan).setUserArenaChunkToFault",
	"runtime.(*synctestBubble).",
	// Methods called by reflection.
	"reflect.(*abiSeq).", "reflect.callMethod", "reflect.funcLayout", "reflect.makeMethodValue",
	"reflect.methodReceiver", "reflect.newAbiDesc", "reflect.valueMethodName",
}

// trapBody is the code of a function that is never called: no locals, and an end that cannot be reached.
var trapBody = []byte{0x00, 0x00, opEnd}

// fieldName is where a function's record says where its name begins.
const fieldName = 4

// unused returns the numbers of the functions that are not used, in the order of the code.
func (t *tables) unused() map[int64]bool {
	found := map[int64]bool{}
	for i := range len(t.index)/bytesInIndex - 1 {
		entry := t.index[bytesInIndex*i:]
		record := t.functions[little.Uint32(entry[4:]):]
		name := t.names[little.Uint32(record[fieldName:]):]
		if isUnused(string(name[:bytes.IndexByte(name, 0)])) {
			found[int64(little.Uint32(entry))] = true
		}
	}
	return found
}

func isUnused(name string) bool {
	for _, beginning := range unused {
		if strings.HasPrefix(name, beginning) {
			return true
		}
	}
	return false
}
