//go:build linux

package main

import "context"

func soak(ctx context.Context, args []string) error                                  { return nil }
func lean(ctx context.Context, args []string) error                                  { return nil }
func (b *bench) page(ctx context.Context) error                                      { return nil }
func (b *bench) comparison(ctx context.Context) error                                { return nil }
