package voice

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// rescueBack is how far back Rescue looks for recordings.
const rescueBack = 48 * time.Hour

// Rescue finds recordings in this node's folder that nothing knows of, because
// the node died during their calls: what was recorded is made whole and kept as
// any other. Recordings of calls that are up are left alone, so it may run at
// any time.
func (x *Exchange) Rescue(ctx context.Context) error {
	root := x.Config.path(Recordings)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || ctx.Err() != nil:
			return errors.Join(err, ctx.Err())
		}
		id, call, ok := recordingName(d.Name())
		info, err := d.Info()
		if !ok || d.IsDir() || err != nil || x.now().Sub(info.ModTime()) > rescueBack {
			return nil
		}
		r, err := x.Store.Call(ctx, call)
		if err != nil || r.EndedAt.IsZero() {
			return nil //nolint:nilerr // it is up, or was never stored: nobody may hear it
		}
		if err := media.RepairWAV(path); err != nil {
			x.log().WarnContext(ctx, "recording cannot be repaired", "path", path, "error", err)
			return nil
		}
		if info, err = d.Info(); err != nil {
			return nil //nolint:nilerr // deleted meanwhile
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		kept := Recording{
			ID: id, CallID: call, ConversationID: r.ConversationID, Path: filepath.ToSlash(rel), At: r.AnsweredAt,
			Seconds: media.Duration(info.Size() / 4).Seconds(), Kind: "call",
		}
		if keep := x.Config.Keep; keep > 0 {
			kept.KeepUntil = kept.At.Add(keep)
		}
		return x.Store.AddRecording(ctx, kept) // changes nothing when it is known
	})
}

// recordingName reads the ids in the name of a recording's file.
func recordingName(name string) (id, call desk.ID, ok bool) {
	name, wav := strings.CutSuffix(name, ".wav")
	a, b, two := strings.Cut(name, ".")
	return desk.ID(a), desk.ID(b), wav && two && len(a) == 36 && len(b) == 36
}
