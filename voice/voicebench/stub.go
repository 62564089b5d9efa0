//go:build linux

package main

import "context"

func soak(ctx context.Context, args []string) error { return nil }
