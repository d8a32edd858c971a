package preload

// MakeSymbols makes all tables anew, for the benchmark.
var MakeSymbols = makeSymbols
