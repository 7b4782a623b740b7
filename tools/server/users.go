package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"riffle/tools/server/persist"
)

// Users are kept in the ACL file if the parameter aclfile names one, else in the "user" lines of the
// configuration file.

// startUsers reads the ACL file, if there is one, before clients come.
func (h *host) startUsers() error {
	if h.parameter("aclfile") == "" {
		return nil
	}
	if len(h.options.users) > 0 {
		return errors.New("Users are defined in the configuration file, which also names an ACL file. This is very " +
			"likely to lead to errors and security holes: keep them in one of the two.")
	}
	if failure := h.loadUsers(); failure != "" {
		return errors.New("Aborting startup because of ACL errors: " + failure)
	}
	return nil
}

// usersPath is where the ACL file is; its name is relative to the data directory.
func (h *host) usersPath() string {
	name := h.parameter("aclfile")
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(h.parameter("dir"), name)
}

// loadUsers replaces the users by those of the ACL file.
func (h *host) loadUsers() (failure string) {
	name := h.parameter("aclfile")
	text, err := os.ReadFile(h.usersPath())
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		reason := err.Error()
		return "Error loading ACLs, opening file '" + name + "': " + strings.ToUpper(reason[:1]) + reason[1:]
	}
	return h.engine.LoadUsers(name, string(text))
}

// saveUsers replaces the ACL file by the users there are.
func (h *host) saveUsers() (failure string) {
	text := strings.Join(h.engine.UserLines(), "\n") + "\n"
	if err := persist.Replace(h.usersPath(), []byte(text)); err != nil {
		h.logger.log(warning, "The ACL file could not be saved: %v", err)
		return "There was an error trying to save the ACLs. Please check the server logs for more information"
	}
	return ""
}

// userLines are the lines that the configuration file gets.
func (h *host) userLines() []string {
	if h.parameter("aclfile") != "" {
		return nil
	}
	return h.engine.UserLines()
}
