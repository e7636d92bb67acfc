package store

import (
	"database/sql"
	"testing"
)

func TestStore(t *testing.T) {
	if _, err := sql.Open("postgres", ""); err != nil {
		t.Fatal(err)
	}
}
