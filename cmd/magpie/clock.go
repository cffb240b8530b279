//go:build !testclock

package main

import "time"

// clock is the time of this machine.
func clock([]string) func() time.Time { return time.Now }
