package main

import (
	"slices"
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
	"runtime.(*traceStringTable).", "runtime.(*traceTypeTable).", "runtime.fpunwindExpand",
	// Profiles.
	"runtime.(*profBuf).", "runtime.doRecordGoroutineProfile", "runtime.tryRecordGoroutineProfile",
	"runtime.saveBlockEventStack", "runtime.saveblockevent", "runtime.findGoroutineLeaks", "runtime.saveg",
	"runtime.mProf_Free", "runtime.stkbucket",
	// What GODEBUG and other variables ask for, and what is printed of a broken runtime.
	"runtime.checkFinalizersAndCleanups", "runtime.dumpScanStats", "runtime.dumpStacksRec", "runtime.dumpTypesRec",
	"runtime.gcDumpObject", "runtime.(*hexdumper).", "runtime.hexdump", "runtime.printAncestorTraceback",
	"runtime.printScavTrace", "runtime.schedtrace", "runtime.tracebackHexdump", "runtime.setCheckmark",
	"runtime.startCheckmarks", "runtime.endCheckmarks", "runtime.runCheckmark", "runtime.fmtNSAsMS",
	"runtime.parseByteCount", "runtime.(*mspan).reportZombies", "runtime.badPointer",
	"runtime.setTinyBlockContext",
	// Threads, of which there is one, and preemption.
	"runtime.startm", "runtime.newm", "runtime.mexit", "runtime.handoffp", "runtime.stoplockedm",
	"runtime.startlockedm", "runtime.newextram", "runtime.(*p).destroy", "runtime.preemptPark",
	"runtime.scanConservative",
	// C, arenas, synctest, modules loaded later, cleanups.
	"runtime.printCgoTraceback", "runtime.printOneCgoTraceback", "runtime.(*mspan).setUserArenaChunkToFault",
	"runtime.(*synctestBubble).", "runtime.typesEqual", "runtime.(*cleanupQueue).enqueue",
	// Methods called by reflection, and conversions that no structure of the host's needs.
	"reflect.(*abiSeq).", "reflect.callMethod", "reflect.funcLayout", "reflect.makeMethodValue",
	"reflect.methodReceiver", "reflect.newAbiDesc", "reflect.valueMethodName", "reflect.addTypeBits",
	"reflect.cvtSliceArray", "reflect.cvtComplex",
	// Numbers of 32 bits, complex, hexadecimal and binary ones; numbers are parsed and shown with 64, decimally.
	"internal/strconv.AppendComplex", "internal/strconv.dboxFtoa32", "internal/strconv.atof32",
	"internal/strconv.fmtX", "internal/strconv.fmtB",
}

// Functions without results whose work nobody sees in a browser return at once: what checks the linker's
// and the compiler's work, what reads variables that a page does not set, what samples an allocation or two
// before profiling is off, and what prints traces and odd values when a fatal error has been printed.
var idle = []string{
	"runtime.check", "runtime.moduledataverify1", "runtime.typelinksinit",
	"runtime.parsegodebug", "internal/cpu.processOptions",
	"runtime.mProf_Malloc",
	"runtime.dumpgstatus", "runtime.goroutineheader", "runtime.printanycustomtype", "runtime.traceback1",
	"runtime.tracebacksomeothers",
}

// trapBody is the code of a function that is never called: no locals, and an end that cannot be reached.
var trapBody = []byte{0x00, 0x00, opEnd}

// idleBody takes the return address off the stack and says that the stack is not being unwound.
var idleBody = []byte{0x00, opGlobal, 0, opI32Const, 8, opAdd, opGlobalSet, 0, opI32Const, 0, opEnd}

// replaced returns the bodies of the functions that do not stay as they are, by their numbers.
func (t *tables) replaced() map[int64][]byte {
	bodies := map[int64][]byte{}
	for i := range t.count() {
		name, number := t.functionName(i), int64(firstFunction+i)
		switch {
		case slices.Contains(idle, name):
			bodies[number] = idleBody
		case isUnused(name):
			bodies[number] = trapBody
		}
	}
	return bodies
}

func isUnused(name string) bool {
	return slices.ContainsFunc(unused, func(beginning string) bool { return strings.HasPrefix(name, beginning) })
}
