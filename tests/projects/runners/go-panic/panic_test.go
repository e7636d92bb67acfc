package panics

import (
	"os"
	"testing"
)

func TestFirst(t *testing.T) {}

func TestLeaves(t *testing.T) { os.Exit(3) }
