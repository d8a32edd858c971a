package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// What a chain computes on the way and a later one wants as well, as a
// derivative wants the parts of an activation, need not go through memory: the
// later chain can compute it anew from what is in memory anyway. For a GELU that
// is one array to read instead of three, and none to write instead of three.

// recompute returns instrs with copies of the instructions whose results later
// chains had better compute for themselves.
func (b *builder) recompute(instrs []backend.Instr) []backend.Instr {
	r := recomputer{b: b, chains: b.clusters(instrs), maker: map[int]int{}, by: map[int]backend.Instr{}, readers: map[int][]int{}, outside: map[int]bool{}, dropped: map[int]bool{}}
	r.survey(instrs)
	copies := map[int]map[int][]backend.Instr{} // by chain, by value that it wants
	for n := range r.chains {
		for v, tree := range r.choose(n) {
			r.dropped[v] = true
			for _, reader := range r.readers[v] {
				if copies[reader] == nil {
					copies[reader] = map[int][]backend.Instr{}
				}
				copies[reader][v] = tree
			}
		}
	}
	if len(copies) == 0 {
		return instrs
	}
	return r.insert(instrs, copies)
}

type recomputer struct {
	b       *builder
	chains  [][]backend.Instr
	maker   map[int]int           // by value: the chain that computes it
	by      map[int]backend.Instr // by value: the instruction of a chain that computes it
	readers map[int][]int         // by value: the other chains that read it
	outside map[int]bool          // by value: something other than a chain reads it
	dropped map[int]bool          // values that will not be in memory
}

const (
	recomputeSize  = 1 << 14 // elements from which on it is worth it
	recomputeDepth = 8       // instructions for a value
)

// survey finds out who makes and who reads what.
func (r *recomputer) survey(instrs []backend.Instr) {
	for n, c := range r.chains {
		for _, i := range c {
			r.maker[i.Out[0]], r.by[i.Out[0]] = n, i
		}
	}
	for _, i := range instrs {
		n, chained := r.maker[i.Out[0]]
		for _, v := range i.In {
			if m, ok := r.maker[v]; !ok || chained && m == n {
				continue
			}
			if !chained {
				r.outside[v] = true
			} else if k := r.readers[v]; len(k) == 0 || k[len(k)-1] != n {
				r.readers[v] = append(k, n)
			}
		}
	}
	for _, v := range r.b.p.Outputs {
		r.outside[v] = true
	}
	for _, u := range r.b.p.Updates {
		r.outside[u.New] = true
	}
}

// choose returns the values of chain n that its readers should compute, each
// with the instructions that this takes. It is all of them that can be or none:
// nothing is won where the chains then read more than is not written.
func (r *recomputer) choose(n int) map[int][]backend.Instr {
	chosen := map[int][]backend.Instr{}
	fresh := map[int]map[int]bool{} // by reader: arrays that it must read then
	won := 0
	for _, i := range r.chains[n] {
		v := i.Out[0]
		if r.outside[v] || len(r.readers[v]) == 0 || r.b.size(v) < recomputeSize {
			continue
		}
		var tree []backend.Instr
		source := -1
		if !r.grow(v, n, &tree, &source) || source < 0 {
			continue
		}
		fits := true
		for _, reader := range r.readers[v] {
			c := r.chains[reader]
			fits = fits && equalShapes(r.b.shape(c[0].Out[0]), r.b.shape(v)) && len(c)+2*len(tree) <= maxChain
		}
		if !fits {
			continue
		}
		chosen[v] = tree
		won++
		for _, reader := range r.readers[v] {
			won++
			if fresh[reader] == nil {
				fresh[reader] = map[int]bool{}
			}
			if !r.reads(reader, source) {
				fresh[reader][source] = true
			}
		}
	}
	for _, sources := range fresh {
		won -= len(sources)
	}
	if won < 2 {
		return nil
	}
	return chosen
}

func (r *recomputer) reads(chain, v int) bool {
	for _, i := range r.chains[chain] {
		for _, in := range i.In {
			if in == v {
				return true
			}
		}
	}
	return false
}

// grow appends to tree the instructions of chain n that compute v from one array
// of v's size, source, that is in memory anyway, and from rows and numbers.
func (r *recomputer) grow(v, n int, tree *[]backend.Instr, source *int) bool {
	i := r.by[v]
	for _, t := range *tree {
		if t.Out[0] == v {
			return true
		}
	}
	if !r.b.quick(i) || len(*tree) >= recomputeDepth {
		return false
	}
	for _, in := range i.In {
		m, chained := r.maker[in]
		switch {
		case chained && m == n && !r.outside[in]:
			if !r.grow(in, n, tree, source) {
				return false
			}
		case r.b.size(in) == r.b.size(v):
			if *source >= 0 && *source != in || r.dropped[in] || r.b.values[in].DType != backend.Float32 {
				return false
			}
			*source = in
		case newWalk(r.b.shape(in), r.b.shape(v)).period() == 0:
			return false // not a row, but a column
		}
	}
	*tree = append(*tree, i)
	return len(*tree) <= recomputeDepth
}

// quick reports whether there is a fast kernel for an instruction of a chain.
func (b *builder) quick(i backend.Instr) bool {
	switch i.Op {
	case backend.Where, backend.Not, backend.BroadcastTo, backend.Greater, backend.GreaterEqual, backend.And, backend.Or:
		return true
	}
	return b.ks.unary[i.Op] != nil || b.ks.binary[i.Op] != nil
}

// insert puts copies before the instructions that want their results.
func (r *recomputer) insert(instrs []backend.Instr, copies map[int]map[int][]backend.Instr) []backend.Instr {
	var all []backend.Instr
	made := map[[2]int]int{} // by chain and value: its copy
	for _, i := range instrs {
		n, chained := r.maker[i.Out[0]]
		if !chained || copies[n] == nil {
			all = append(all, i)
			continue
		}
		i.In = append([]int{}, i.In...)
		for k, v := range i.In {
			tree, ok := copies[n][v]
			if !ok {
				continue
			}
			for _, t := range tree {
				key := [2]int{n, t.Out[0]}
				if _, ok := made[key]; ok {
					continue
				}
				t.In = append([]int{}, t.In...)
				for q, in := range t.In {
					if c, ok := made[[2]int{n, in}]; ok {
						t.In[q] = c
					}
				}
				made[key] = r.b.like(t.Out[0])
				t.Out = []int{made[key]}
				all = append(all, t)
			}
			i.In[k] = made[[2]int{n, v}]
		}
		all = append(all, i)
	}
	return all
}
