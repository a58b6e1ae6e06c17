package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

func speed(c cost) float64   { return float64(c.pages) / c.wall.Seconds() }
func work(c cost) float64    { return c.cpu.Seconds() / float64(c.pages) }
func ownWork(c cost) float64 { return c.own.Seconds() / float64(c.pages) }
func memory(c cost) float64  { return float64(c.peak) / (1 << 20) }

// sideBySide is the table of `make bench`. The first contender is what the
// others are held against.
func sideBySide(all []contender) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tpages/s\tof naked\tCPU-s/page\tof naked\tnot Chrome\tpeak MB\tof naked\t")
	for _, c := range all {
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.3f\t%.2f\t%.3f\t%.0f\t%.2f\t\n", c.name, c.median(speed), c.beside(all[0], speed),
			c.median(work), c.beside(all[0], work), c.median(ownWork), c.median(memory), c.beside(all[0], memory))
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

func (c contender) median(of func(cost) float64) float64 {
	var values []float64
	for _, spent := range c.costs {
		values = append(values, of(spent))
	}
	return median(values)
}

// beside is the median of the ratios of neighbouring runs: a machine that is
// slow for a while is slow for both of them.
func (c contender) beside(other contender, of func(cost) float64) float64 {
	var ratios []float64
	for i := range min(len(c.costs), len(other.costs)) {
		ratios = append(ratios, of(c.costs[i])/of(other.costs[i]))
	}
	return median(ratios)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
