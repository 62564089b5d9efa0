package store

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// AddFile keeps what is known of an upload.
func (s *Access) AddFile(ctx context.Context, f access.File) error {
	return s.exec(ctx, "INSERT INTO files (id, owner, name, type, size, path, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		f.ID, f.Owner, f.Name, f.Type, f.Size, f.Path, micros(f.CreatedAt))
}

// File finds an upload.
func (s *Access) File(ctx context.Context, id desk.ID) (access.File, error) {
	scan := func(row Scanner) (f access.File, err error) {
		err = row.Scan(&f.ID, &f.Owner, &f.Name, &f.Type, &f.Size, &f.Path, timeInto(&f.CreatedAt))
		return f, err
	}
	return One(ctx, s.db.Read(), scan, "SELECT id, owner, name, type, size, path, created_at FROM files WHERE id = $1", id)
}
