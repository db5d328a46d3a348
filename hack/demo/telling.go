package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/scene"
	"github.com/evenkeel/evenkeel/hack/demo/screen"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

const (
	// frame is how often the picture is drawn, breath how long it rests between two acts.
	frame  = 250 * time.Millisecond
	breath = 4 * time.Second
	// reading is how often lines tell of the traffic.
	reading = 5 * time.Second
	// mostNews is how many news of an act are kept.
	mostNews = 8
)

// errQuit is that somebody pressed q.
var errQuit = errors.New("it was ended by hand")

// telling tells the story: as a picture when somebody watches a terminal, in lines otherwise.
type telling struct {
	demo *demo

	mu     sync.Mutex
	title  string
	told   string
	recent []string
	paused bool
	// next is sent to when somebody wants to go on.
	next chan struct{}
}

func newTelling(d *demo) *telling {
	t := &telling{demo: d, next: make(chan struct{}, 1)}
	d.world.Watcher.Changed = t.changed
	d.world.Watcher.Told = func(e stage.Event) { t.line("event " + e.About + " " + e.Reason + ": " + e.Detail) }
	return t
}

// open begins to tell, until the context ends.
func (t *telling) open(ctx context.Context) error {
	if !t.demo.out.Live {
		go t.read(ctx)
		return nil
	}
	keys, err := t.demo.out.Open()
	if err != nil {
		return err
	}
	go t.draw(ctx, keys)
	return nil
}

// act begins a chapter.
func (t *telling) act(title, told string) {
	t.mu.Lock()
	t.title, t.told, t.recent = title, told, nil
	t.mu.Unlock()
	t.demo.out.Say("\n" + t.demo.out.Bold(title) + "\n" + told)
}

// news tells what came of it.
func (t *telling) news(text string) {
	t.mu.Lock()
	t.recent = append(t.recent, text)
	t.recent = t.recent[max(0, len(t.recent)-mostNews):]
	t.mu.Unlock()
	t.line("→ " + text)
}

// line is told only where there is no picture.
func (t *telling) line(text string) {
	t.demo.out.Say(fmt.Sprintf("%6.1f s  %s", t.demo.world.Recorder.Since(time.Now()).Seconds(), text))
}

// changed tells that an object stands otherwise, once the controller has looked at it.
func (t *telling) changed(o scene.Object, gone bool) {
	switch {
	case gone:
		t.line(o.Ref + " is gone")
	case o.Ready != "-":
		t.line(o.Line())
	}
}

// read tells of the traffic from time to time.
func (t *telling) read(ctx context.Context) {
	ticker := time.NewTicker(reading)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := t.demo.world.Recorder.Since(time.Now())
		sent := t.demo.world.Recorder.Between(now-reading, now)
		if len(sent) == 0 {
			continue
		}
		seen, _ := t.demo.world.Watcher.Scene()
		text := fmt.Sprintf("traffic: %.0f requests/s over %d instances, %d failed", float64(len(sent))/reading.Seconds(), len(sent.ByInstance()), sent.Failed())
		for kind, n := range sent.Failures() {
			text += fmt.Sprintf(" (%d × %s)", n, kind)
		}
		t.line(text + "; " + scene.Tell(seen.ByState()))
	}
}

// draw draws the picture and takes keys.
func (t *telling) draw(ctx context.Context, keys <-chan rune) {
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case key := <-keys:
			t.press(key)
		case <-ticker.C:
		}
		t.demo.out.Draw(t.view(keys != nil))
	}
}

// press does what a key is for.
func (t *telling) press(key rune) {
	switch key {
	case screen.KeyQuit:
		t.demo.abort(errQuit)
	case screen.KeyPause:
		t.mu.Lock()
		t.paused = !t.paused
		t.mu.Unlock()
	case screen.KeyNext:
		t.mu.Lock()
		t.paused = false
		t.mu.Unlock()
		select {
		case t.next <- struct{}{}:
		default: // it was pressed before
		}
	}
}

// breathe rests between two acts: a moment, as long as it is paused, and not at all when somebody wants to go on.
func (t *telling) breathe(ctx context.Context) error {
	if !t.demo.out.Live {
		return context.Cause(ctx)
	}
	rested := time.Now().Add(breath)
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.next:
			return nil
		case <-ticker.C:
		}
		t.mu.Lock()
		paused := t.paused
		t.mu.Unlock()
		if !paused && time.Now().After(rested) {
			return nil
		}
	}
}

// view is the picture of this moment.
func (t *telling) view(keys bool) screen.View {
	world := t.demo.world
	now := world.Recorder.Since(time.Now())
	all := world.Recorder.Between(0, now)
	seen, _ := world.Watcher.Scene()
	t.mu.Lock()
	defer t.mu.Unlock()
	v := screen.View{
		Title: t.title, Told: t.told, News: append([]string{}, t.recent...), Elapsed: now, Scene: seen, Now: now,
		Recent: world.Recorder.Between(now-(screen.Charted+1)*time.Second, now), Versions: world.Stream.Versions(),
		Sent: len(all), Failed: all.Failed(),
	}
	if keys {
		v.Keys = "p pause · n next · q quit"
	}
	if t.paused {
		v.Keys = "PAUSED: p goes on · n next · q quit"
		v.News = append(v.News, "paused before the next act; try for yourself in another shell: . "+filepath.Join(t.demo.dir, environmentFile)+" && kubectl get evenkeel")
	}
	return v
}
