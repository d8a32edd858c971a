package opt

import "math"

// A Schedule says by what to multiply the initial learning rate at time t,
// which counts epochs or steps from 0; see nn.EveryEpoch and nn.EveryStep.
type Schedule func(t int) float64

// ConstantRate leaves the learning rate as it is.
func ConstantRate() Schedule { return func(int) float64 { return 1 } }

// StepDecay multiplies by factor after every so many: factor^⌊t/every⌋.
func StepDecay(every int, factor float64) Schedule {
	return func(t int) float64 { return math.Pow(factor, float64(t/max(every, 1))) }
}

// MultiStep multiplies by factor at each of the given times.
func MultiStep(factor float64, times ...int) Schedule {
	return func(t int) float64 {
		f := 1.0
		for _, at := range times {
			if t >= at {
				f *= factor
			}
		}
		return f
	}
}

// Exponential multiplies by factor each time: factorᵗ.
func Exponential(factor float64) Schedule {
	return func(t int) float64 { return math.Pow(factor, float64(t)) }
}

// Linear goes in a straight line from one factor to another, which it reaches
// at time total and keeps.
func Linear(from, to float64, total int) Schedule {
	return func(t int) float64 { return from + (to-from)*part(t, total) }
}

// Polynomial falls to 0 at time total: (1 − t/total)^power.
func Polynomial(power float64, total int) Schedule {
	return func(t int) float64 { return math.Pow(1-part(t, total), power) }
}

// Cosine falls along half a cosine to least, which it reaches at time total
// and keeps: least + (1−least)·(1 + cos(π·t/total))/2.
func Cosine(total int, least float64) Schedule {
	return func(t int) float64 { return least + (1-least)*(1+math.Cos(math.Pi*part(t, total)))/2 }
}

// CosineRestarts is [Cosine] that begins anew after first, and then after
// times as long each time: Loshchilov and Hutter, "SGDR: stochastic gradient
// descent with warm restarts" (2017).
func CosineRestarts(first, times int, least float64) Schedule {
	return func(t int) float64 {
		length := max(first, 1)
		for t >= length {
			t -= length
			length *= max(times, 1)
		}
		return Cosine(length, least)(t)
	}
}

// OneCycle rises along half a cosine from 1/25 of the initial learning rate to
// all of it, in the first 30 % of the time, and falls likewise to 1/250,000
// until time total − 1: Smith and Topin, "Super-convergence" (2018), with the
// numbers of PyTorch's OneCycleLR.
func OneCycle(total int) Schedule {
	const low, end, rise = 1.0 / 25, 1.0 / 25 / 1e4, 0.3
	between := func(a, b, p float64) float64 { return b + (a-b)/2*(1+math.Cos(math.Pi*p)) }
	top := rise*float64(total) - 1
	return func(t int) float64 {
		if x := float64(t); x <= top {
			return between(low, 1, x/top)
		}
		return between(1, end, min(1, (float64(t)-top)/(float64(total)-1-top)))
	}
}

// InverseRoot rises in a straight line for so many, and then falls with the
// root of time, as "Attention is all you need" (2017) does it: the factor is
// min((t+1)/warm, √(warm/(t+1))).
func InverseRoot(warm int) Schedule {
	return func(t int) float64 {
		x, w := float64(t+1), float64(max(warm, 1))
		return min(x/w, math.Sqrt(w/x))
	}
}

// WarmUp rises in a straight line for so many, from 1/(warm+1), and goes on
// with another schedule, whose time begins then.
func WarmUp(warm int, then Schedule) Schedule {
	return func(t int) float64 {
		if t < warm {
			return float64(t+1) / float64(warm+1)
		}
		return then(t - warm)
	}
}

// part returns how much of total has gone by, from 0 to 1.
func part(t, total int) float64 { return min(float64(t)/float64(max(total, 1)), 1) }
