package main

import _ "github.com/fluxion-go/fluxion/dl/gorgonia/engine" // dl.Use("gorgonia")
