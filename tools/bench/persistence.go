package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// persistence measures what keeping data on disk costs.
func persistence(o options, r *report) error {
	r.begin("persistence", "the log, snapshots and rewrites, loading and files; strings of 16 bytes")
	for _, step := range []func(options, *report) error{everysec, alwaysSynced, snapshots, files, loads} {
		if err := step(o, r); err != nil {
			return err
		}
	}
	return nil
}

// randomSet sets one of the keys that fillKeys makes.
func randomSet(count int) request {
	return build(3, words("SET"), anyOf(count, "key:"), numbered("val:"))
}

func fillKeys(count int) load {
	return load{count: count, connections: 1, pipeline: 200,
		request: build(3, words("SET"), numbered("key:"), numbered("val:"))}
}

// everysec compares each server's CPU under writes with the log to its own without.
func everysec(o options, r *report) error {
	space := o.scaled(100_000, 1000)
	tests := []serverTest{
		{name: "SET", request: randomSet(space), begins: "+OK"},
		{name: "LPUSH", request: command("LPUSH", "mylist", "xxx"), begins: ":"},
	}
	for _, test := range tests {
		for _, pipeline := range []int{1, 16} {
			name := fmt.Sprintf("%s with everysec, pipeline %d", test.name, pipeline)
			limit := []measure{{name: "CPU / without", limit: 1.15}}
			err := r.measure(o, name, limit, func(s side) ([]float64, error) {
				without, err1 := test.run(s, o, pipeline)
				with, err2 := test.run(s, o, pipeline, "--appendonly", "yes", "--appendfsync", "everysec")
				return []float64{with[0] / without[0]}, errors.Join(err1, err2)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// alwaysSynced measures commands that are answered when they are on disk.
func alwaysSynced(o options, r *report) error {
	for _, connections := range []int{1, 50} {
		l := load{count: o.scaled(1000*connections, connections), connections: connections, pipeline: 1,
			request: randomSet(o.scaled(100_000, 1000)), begins: "+OK"}
		name := fmt.Sprintf("SET with always, %d connections", connections)
		err := r.measure(o, name, []measure{{name: "time us", bar: 1}}, func(s side) ([]float64, error) {
			p, err := s.launch("--appendonly", "yes", "--appendfsync", "always")
			if err != nil {
				return nil, err
			}
			defer p.stop()
			went, err := l.run(p.address)
			if err != nil {
				return nil, err
			}
			return []float64{perCommand(went.elapsed, l.count)}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// snapshots measures what a client feels and what memory is taken while the data are written down.
func snapshots(o options, r *report) error {
	measures := []measure{
		{name: "worst ms", limit: 10}, {name: "quiet worst ms"}, {name: "peak / before", limit: 1.2},
	}
	for _, millions := range []int{1, 5} {
		for _, command := range []string{"BGSAVE", "BGREWRITEAOF"} {
			name := fmt.Sprintf("%s of %d M keys", command, millions)
			err := r.measure(o, name, measures, func(s side) ([]float64, error) {
				return snapshot(s, command, o.scaled(millions*1_000_000, 1000))
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// quiet is how long a client looks at an undisturbed server.
const quiet = 2 * time.Second

// snapshot runs a command that writes the data in the background, beside a client that gets and sets about
// once a millisecond. What a child of the server copied counts to its memory.
func snapshot(s side, command string, keys int) ([]float64, error) {
	p, err := s.launch("--appendonly", "yes", "--auto-aof-rewrite-percentage", "0")
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if _, err := fillKeys(keys).run(p.address); err != nil {
		return nil, err
	}
	before, err := p.settled()
	if err != nil {
		return nil, err
	}
	undisturbed := time.Now().Add(min(quiet, time.Duration(keys)*time.Microsecond))
	calm, err := p.probe(keys, func() (bool, error) { return time.Now().After(undisturbed), nil })
	if err != nil {
		return nil, err
	}
	if err := p.forgetPeak(); err != nil {
		return nil, err
	}
	if _, err := p.do(command); err != nil {
		return nil, err
	}
	busy, err := p.probe(keys, p.saved)
	if err != nil {
		return nil, err
	}
	peak, err := p.status("VmHWM")
	if err != nil {
		return nil, err
	}
	copied, err := p.info("aof_last_cow_size")
	if command == "BGSAVE" {
		copied, err = p.info("rdb_last_cow_size")
	}
	growth := float64(peak+copied) / float64(before)
	return []float64{milliseconds(busy.worst), milliseconds(calm.worst), growth}, err
}

// forgetPeak resets the high-water mark of resident memory.
func (p *process) forgetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.command.Process.Pid), []byte("5"), 0)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// saved says whether nothing is being written in the background.
func (p *process) saved() (bool, error) {
	reply, err := p.do("INFO", "persistence")
	return strings.Contains(reply.Text, "rdb_bgsave_in_progress:0") &&
		strings.Contains(reply.Text, "aof_rewrite_in_progress:0") &&
		strings.Contains(reply.Text, "aof_rewrite_scheduled:0"), err
}

// info returns a number of INFO, 0 if there is none of that name.
func (p *process) info(field string) (int64, error) {
	reply, err := p.do("INFO", "everything")
	_, value, found := strings.Cut(reply.Text, "\n"+field+":")
	if err != nil || !found {
		return 0, err
	}
	value, _, _ = strings.Cut(value, "\r")
	return strconv.ParseInt(value, 10, 64)
}

// probe gets and sets keys in turn, with a millisecond between, until done, which is asked every 50th time.
func (p *process) probe(keys int, done func() (bool, error)) (*histogram, error) {
	f, err := dial(p.address, 1)
	if err != nil {
		return nil, err
	}
	defer f.close()
	var chunk batches
	went, random := &played{}, rand.New(rand.NewPCG(3, 4))
	requests := alternate(build(2, words("GET"), anyOf(keys, "key:")), randomSet(keys))
	for i := 0; ; i++ {
		if i%50 == 0 {
			if over, err := done(); over || err != nil {
				return &went.latency, err
			}
		}
		chunk.prepare(load{pipeline: 1, request: requests}, i, 1, random)
		if err := f.playChunk(&chunk, went); err != nil {
			return nil, err
		}
		time.Sleep(time.Millisecond)
	}
}

// files measures the files that a million keys make, and how long a server takes to read its own.
func files(o options, r *report) error {
	keys := o.scaled(1_000_000, 1000)
	measures := []measure{
		{name: "dump.rdb MB", bar: 1}, {name: "log MB", bar: 1},
		{name: "rdb load ms", bar: 1}, {name: "log load ms", bar: 1},
	}
	return r.measure(o, "files of 1 M keys", measures, func(s side) ([]float64, error) {
		p, err := s.launch("--appendonly", "yes", "--auto-aof-rewrite-percentage", "0")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(p.dir)
		_, err1 := fillKeys(keys).run(p.address)
		_, err2 := p.do("SAVE")
		_, _ = p.do("SHUTDOWN", "NOSAVE") // the answer is the end of the connection
		_ = p.command.Wait()
		dump, err3 := sizeOf(filepath.Join(p.dir, "dump.rdb"))
		log, err4 := sizeOf(filepath.Join(p.dir, "appendonlydir"))
		_, rdbTime, err5 := s.loading(p.dir, strconv.Itoa(keys), "--appendonly", "no")
		_, logTime, err6 := s.loading(p.dir, strconv.Itoa(keys), "--appendonly", "yes")
		return []float64{dump / 1e6, log / 1e6, rdbTime, logTime}, errors.Join(err1, err2, err3, err4, err5, err6)
	})
}

// loads measures how long a server takes to read a snapshot of its own of each data set.
func loads(o options, r *report) error {
	for _, set := range dataSets {
		fill := fill(o.scaled(set.commands, 1), set.request)
		err := r.measure(o, "load "+set.name, []measure{{name: "CPU ms", bar: 1}, {name: "time ms", bar: 1}},
			func(s side) ([]float64, error) {
				p, err := s.launch()
				if err != nil {
					return nil, err
				}
				defer p.stop()
				if _, err := fill.run(p.address); err != nil {
					return nil, err
				}
				keys, err1 := p.do("DBSIZE")
				_, err2 := p.do("SAVE")
				if err := errors.Join(err1, err2); err != nil {
					return nil, err
				}
				p.kill()
				cpu, took, err := s.loading(p.dir, keys.Text, "--appendonly", "no")
				return []float64{cpu, took}, err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// sizeOf is the bytes of a file, or of all files in a folder.
func sizeOf(path string) (bytes float64, err error) {
	err = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += float64(info.Size())
		}
		return err
	})
	return bytes, err
}

// loading is the CPU time that a server has spent, and the time that has passed, from its start on a folder
// to its first answer, in milliseconds.
func (s side) loading(dir, keys string, flags ...string) (cpu, took float64, err error) {
	began := time.Now()
	p, err := s.launchIn(dir, flags...)
	if err != nil {
		return 0, 0, err
	}
	defer p.kill()
	took = milliseconds(time.Since(began))
	spent, _, err1 := p.cpu()
	size, err2 := p.do("DBSIZE")
	if err = errors.Join(err1, err2); err == nil && size.Text != keys {
		err = fmt.Errorf("%s keys were loaded instead of %s", size.Text, keys)
	}
	return milliseconds(spent), took, err
}
