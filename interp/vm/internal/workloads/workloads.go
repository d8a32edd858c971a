package workloads

import (
	"strconv"
	"strings"
)

// Fib makes 57,000 calls.
func Fib() int { return fib(22) }

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// Sieve counts primes.
func Sieve() int {
	composite := make([]bool, 50000)
	n := 0
	for i := 2; i < len(composite); i++ {
		if !composite[i] {
			n++
			for j := i * 2; j < len(composite); j += i {
				composite[j] = true
			}
		}
	}
	return n
}

// MatMul multiplies two matrices of 40×40 in the plainest way.
func MatMul() int {
	const n = 40
	a, c := make([]float64, n*n), make([]float64, n*n)
	for i := range a {
		a[i] = float64(i % 7)
	}
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			s := 0.0
			for k := 0; k < n; k++ {
				s += a[i*n+k] * a[k*n+j]
			}
			c[i*n+j] = s
		}
	}
	return int(c[n+1])
}

// Strings builds a string of numbers and splits it.
func Strings() int {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(strconv.Itoa(i))
		b.WriteByte(' ')
	}
	return len(strings.Fields(b.String()))
}

// Map inserts into a map.
func Map() int {
	m := map[int]int{}
	for i := range 10000 {
		m[i*7] += i
	}
	return len(m)
}

// Channel sends and receives between two goroutines.
func Channel() int {
	c := make(chan int)
	go func() {
		for i := range 2000 {
			c <- i
		}
		close(c)
	}()
	n := 0
	for v := range c {
		n += v
	}
	return n
}

type shape interface{ Area() float64 }

type (
	square struct{ side float64 }
	circle struct{ radius float64 }
)

func (s *square) Area() float64 { return s.side * s.side }
func (c *circle) Area() float64 { return 3 * c.radius * c.radius }

// Interface calls methods through an interface.
func Interface() int {
	shapes := []shape{&square{2}, &circle{1}, &square{3}}
	sum := 0.0
	for i := range 20000 {
		sum += shapes[i%len(shapes)].Area()
	}
	return int(sum)
}

// Float32 is the inner loop of a layer: a saxpy.
func Float32() int {
	x, y := make([]float32, 1000), make([]float32, 1000)
	for i := range x {
		x[i] = float32(i % 5)
	}
	for range 20 {
		for i := range x {
			y[i] += 0.5 * x[i]
		}
	}
	return int(y[3])
}
