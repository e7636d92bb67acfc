package sums

import "testing"

func TestRight(t *testing.T) {}

func TestWrong(t *testing.T) {
	t.Errorf("got %d, want %d", 2, 3)
}

func TestSkipped(t *testing.T) { t.Skip("not here") }

func TestTable(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Fatal("a part fails") })
}
