package nn_test

import (
	"os"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	_ "github.com/fluxion-go/fluxion/dl/cpu"
)

func TestMain(m *testing.M) {
	dl.Use("cpu")
	os.Exit(m.Run())
}
