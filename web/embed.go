// Package web holds the built web pages: the console and the chat widget.
// Without a build their folders are empty and a placeholder is served.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:console/dist all:widget/dist
var files embed.FS

// Console is what the console's build made.
func Console() fs.FS { return folder("console/dist") }

// Widget is what the widget's build made.
func Widget() fs.FS { return folder("widget/dist") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic("web: " + err.Error()) // the name is a valid path
	}
	return sub
}
