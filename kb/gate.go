package kb

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// Gate is asked before somebody publishes an article.
type Gate interface {
	// MayPublish gets the article as it would be live. It refuses with an
	// error of Kind Conflict that says what would fail then.
	MayPublish(ctx context.Context, a Article) error
}

// Publish makes the newest version the one that is found and answered from,
// if the Gate lets it.
func (l *Library) Publish(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	return l.publish(ctx, by, id, version, l.Gate)
}

// PublishAnyway publishes whatever the Gate would say.
func (l *Library) PublishAnyway(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	return l.publish(ctx, by, id, version, nil)
}

func (l *Library) publish(ctx context.Context, by string, id desk.ID, version int, gate Gate) (Article, error) {
	return l.change(ctx, by, id, version, func(a *Article) error {
		if a.Status == Archived {
			return badMove("publish", a.Status)
		}
		changes := a.PublishedVersion != a.Version
		a.Status, a.PublishedVersion = Published, a.Version
		if gate == nil || !changes {
			return nil
		}
		return gate.MayPublish(ctx, *a)
	}, "")
}
