package insight_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/insight"
	"github.com/parleyhq/parley/routing"
)

// shop is a board over a real database.
type shop struct {
	*insight.Board
	t  *testing.T
	db *store.DB
	at time.Time // of what is said next
}

func newShop(t *testing.T, db *store.DB) *shop {
	s := &shop{t: t, db: db, at: time.Now().UTC().Truncate(time.Second)} // what the help centre keeps has a clock of its own: now
	library := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex(), Now: func() time.Time { return s.at }}
	s.Board = &insight.Board{Store: store.Insight{DB: db}, Library: library, Now: func() time.Time { return s.at }}
	return s
}

func each(t *testing.T, f func(s *shop)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(newShop(t, db)) })
}

func (s *shop) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// said is a line of a conversation: words of the customer, or a mark.
type said struct {
	text string
	mark desk.Mark
}

func says(text string) said             { return said{text: text} }
func mark(k desk.MarkKind) said         { return said{mark: desk.Mark{Kind: k}} }
func answered(slug string) said         { return said{mark: desk.Mark{Kind: desk.MarkAnswered, Value: slug}} }
func human(reason string) said          { return said{mark: desk.Mark{Kind: desk.MarkHuman, Value: reason}} }
func (s *shop) later(d time.Duration)   { s.at = s.at.Add(d) }
func (s *shop) asked(q ...said) desk.ID { return s.talk(desk.Closed, desk.English, q...) }

// talk stores a conversation.
func (s *shop) talk(status desk.Status, lang desk.Lang, lines ...said) desk.ID {
	s.t.Helper()
	ctx := context.Background()
	who := desk.Contact{ID: desk.NewID(), Name: "Ann Lee", Phone: "+4930901820", CreatedAt: s.at, UpdatedAt: s.at}
	rec := routing.Record{}
	rec.ID, rec.ContactID, rec.Status, rec.Lang, rec.Playbook, rec.Channel = desk.NewID(), who.ID, status, lang, "coffee", desk.Webchat
	rec.CreatedAt, rec.UpdatedAt, rec.Version = s.at, s.at, 1
	s.check(s.db.Routing().Write(ctx, func(ctx context.Context, tx routing.Tx) error {
		if _, err := tx.AddContact(ctx, who, desk.Identity{Channel: desk.Webchat, Address: string(who.ID)}); err != nil {
			return err
		}
		seq := int64(0)
		var add []func() error
		for _, l := range lines {
			seq++
			s.later(time.Second)
			n, at := seq, s.at
			if l.text != "" {
				m := desk.Message{ID: desk.NewID(), ConversationID: rec.ID, Seq: n, Author: desk.Author{Kind: desk.ByCustomer}, Channel: desk.Webchat, Content: desk.Content{Text: l.text}, At: at}
				add = append(add, func() error { _, err := tx.AddMessage(ctx, m, string(m.ID)); return err })
				continue
			}
			data, err := json.Marshal(l.mark)
			if err != nil {
				return err
			}
			add = append(add, func() error {
				return tx.AddEvent(ctx, desk.Event{ID: desk.NewID(), ConversationID: rec.ID, Seq: n, Kind: desk.EventMark, Data: data, At: at})
			})
		}
		rec.Seq, rec.LastAt = seq, s.at
		if err := tx.Start(ctx, rec); err != nil {
			return err
		}
		for _, f := range add {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	}))
	return rec.ID
}

func (s *shop) write(slug, title, body string, questions ...string) kb.Article {
	return s.writeIn(desk.English, slug, title, body, questions...)
}

func (s *shop) writeIn(lang desk.Lang, slug, title, body string, questions ...string) kb.Article {
	s.t.Helper()
	a, err := s.Library.Save(context.Background(), "eve", kb.Draft{Playbook: "coffee", Slug: slug, Lang: lang, Publish: true,
		Content: kb.Content{Title: title, Body: body, Questions: questions}})
	s.check(err)
	return a
}

// gather lets an hour pass and gathers.
func (s *shop) gather() {
	s.t.Helper()
	s.later(time.Hour)
	s.check(s.Gather(context.Background()))
}

func (s *shop) questions(status insight.QuestionStatus) []insight.Question {
	s.t.Helper()
	list, _, err := s.Questions(context.Background(), insight.QuestionFilter{Status: status})
	s.check(err)
	return list
}
