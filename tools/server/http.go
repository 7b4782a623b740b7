package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"riffle/engine"
)

// serveHTTP serves the console and the bridge on the first address of bind.
func (h *host) serveHTTP() error {
	port := h.options.httpPort
	if h.options.anyHTTPPort {
		port = 0
	} else if port == 0 {
		return nil
	}
	address, _ := bindAddress(strings.Fields(h.parameter("bind") + " 127.0.0.1")[0])
	l, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil && !h.options.httpAsked {
		h.logger.log(warning, "No console: %v (choose another --http-port)", err)
		return nil
	}
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h.web(address), ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(l)
	h.options.httpPort = l.Addr().(*net.TCPAddr).Port
	shown := "127.0.0.1"
	if ip := net.ParseIP(address); ip != nil && !ip.IsUnspecified() {
		shown = address
	}
	h.logger.log(notice, "Console on http://%s/", net.JoinHostPort(shown, strconv.Itoa(h.options.httpPort)))
	return nil
}

// web is everything that the HTTP port answers.
func (h *host) web(bound string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /engine", h.bridge)
	mux.HandleFunc("GET /engine/info", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(map[string]string{"version": engine.Version, "home": "server"})
	})
	mux.Handle("GET /", site(h.options.site))
	names := append([]string{"localhost", bound}, h.options.httpHosts...)
	return guard{names, mux}
}

// guard turns away what another site could make a person's browser send. A page may open WebSockets
// to anywhere, so the Origin must be this host itself; and because a name that an attacker owns may be
// made to point here (DNS rebinding), the Host must be an address or a name that is known to be ours.
type guard struct {
	names []string
	next  http.Handler
}

func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.knows(r.Host) {
		http.Error(w, "This host name is not known here; add it with --http-host.", http.StatusForbidden)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		from, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(from.Host, r.Host) {
			http.Error(w, "Other sites may not use this engine.", http.StatusForbidden)
			return
		}
	}
	g.next.ServeHTTP(w, r)
}

// knows: a literal address cannot be rebound.
func (g guard) knows(host string) bool {
	name := host
	if withoutPort, _, err := net.SplitHostPort(host); err == nil {
		name = withoutPort
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	return net.ParseIP(name) != nil || slices.Contains(g.names, name)
}

// site serves the built console from a folder.
type site string

var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".wasm": "application/wasm",
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8", ".map": "application/json",
	".webmanifest": "application/manifest+json", ".xml": "application/xml",
}

// hashed are the names that a build derives from content, so what they name never changes.
var hashed = regexp.MustCompile(`[-.][A-Za-z0-9_-]{8,}\.(js|css|wasm|woff2|svg|png)$`)

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Clean("/" + r.URL.Path)
	file := filepath.Join(string(s), filepath.FromSlash(name))
	info, err := os.Stat(file)
	if err == nil && info.IsDir() {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, name+"/", http.StatusMovedPermanently)
			return
		}
		file = filepath.Join(file, "index.html")
		info, err = os.Stat(file)
	}
	if s == "" || err != nil || !info.Mode().IsRegular() {
		http.Error(w, "Nothing is here. The console is built by ./build.sh into dist/site.", http.StatusNotFound)
		return
	}
	headers := w.Header()
	headers.Set("X-Content-Type-Options", "nosniff")
	headers.Set("Vary", "Accept-Encoding")
	headers.Set("Cache-Control", "no-cache")
	if hashed.MatchString(name) {
		headers.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	kind := contentTypes[filepath.Ext(file)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	headers.Set("Content-Type", kind)
	serveFile(w, r, file, info)
}

// serveFile sends the smallest form of a file that the browser takes.
func serveFile(w http.ResponseWriter, r *http.Request, file string, info os.FileInfo) {
	for _, form := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), form.encoding) {
			continue
		}
		stored, err := os.Stat(file + form.suffix)
		if err != nil || stored.ModTime().Before(info.ModTime()) {
			continue
		}
		opened, err := os.Open(file + form.suffix)
		if err != nil {
			continue
		}
		defer opened.Close()
		if form.encoding != "" {
			w.Header().Set("Content-Encoding", form.encoding)
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x-%x%s"`, stored.ModTime().UnixNano(), stored.Size(), form.suffix))
		http.ServeContent(w, r, "", time.Time{}, opened)
		return
	}
	http.Error(w, "This file cannot be read.", http.StatusInternalServerError)
}
