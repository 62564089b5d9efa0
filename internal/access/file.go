package access

import (
	"time"

	"github.com/parleyhq/parley/desk"
)

// File is an upload. Its bytes are in the folder of files, at Path.
type File struct {
	ID        desk.ID
	Owner     desk.ID // the contact or the user who sent it
	Name      string
	Type      string // found out from its content
	Size      int64
	Path      string // relative, with slashes
	CreatedAt time.Time
}
