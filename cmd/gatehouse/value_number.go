package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gatehouse/errors"
)

type integer interface {
	~int | ~int64
}

// number is a whole number from low to high.
func number[T integer](to *T, low, high T) value {
	kind := fmt.Sprintf("number, %d to %d", low, high)
	return value{
		kind: kind,
		set: func(s string) error {
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return errors.New("is not a whole number")
			}
			if n < int64(low) || n > int64(high) {
				return fmt.Errorf("is not between %d and %d", low, high)
			}
			*to = T(n)
			return nil
		},
		get: func() string { return fmt.Sprint(*to) },
	}
}

// ratio is a share of a whole.
func ratio(to *float64) value {
	return value{
		kind: "number, 0 to 1",
		set: func(s string) error {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil || !(f >= 0 && f <= 1) {
				return errors.New("is not a number between 0 and 1")
			}
			*to = f
			return nil
		},
		get: func() string { return strconv.FormatFloat(*to, 'g', -1, 64) },
	}
}

// duration is a time span from low to high.
func duration(to *time.Duration, low, high time.Duration) value {
	return value{
		kind: fmt.Sprintf("duration, %s to %s", formatDuration(low), formatDuration(high)),
		set: func(s string) error {
			d, err := time.ParseDuration(s)
			if err != nil {
				return errors.New("is not a duration, which is a number with a unit: ms, s, m or h")
			}
			if d < low || d > high {
				return fmt.Errorf("is not between %s and %s", formatDuration(low), formatDuration(high))
			}
			*to = d
			return nil
		},
		get: func() string { return formatDuration(*to) },
	}
}

// formatDuration leaves out the units that are zero: "720h", not "720h0m0s".
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// orNever keeps a zero as -1, for a field whose zero stands for its default.
func orNever[T integer](to *T, v value) value {
	return value{
		kind: v.kind,
		set: func(s string) error {
			err := v.set(s)
			if *to == 0 {
				*to = -1
			}
			return err
		},
		get: func() string {
			if *to < 0 {
				return "0"
			}
			return v.get()
		},
	}
}

// units of a size, the largest first.
var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}

// size is a number of bytes from low to high.
func size[T integer](to *T, low, high T) value {
	return value{
		kind: fmt.Sprintf("size, %s to %s", formatSize(int64(low)), formatSize(int64(high))),
		set: func(s string) error {
			n, err := parseSize(s)
			if err != nil {
				return err
			}
			if n < int64(low) || n > int64(high) {
				return fmt.Errorf("is not between %s and %s", formatSize(int64(low)), formatSize(int64(high)))
			}
			*to = T(n)
			return nil
		},
		get: func() string { return formatSize(int64(*to)) },
	}
}

func parseSize(s string) (int64, error) {
	for _, unit := range units {
		digits, found := strings.CutSuffix(s, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 32)
		if err != nil {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, errors.New("is not a size, which is a number of bytes, KiB, MiB or GiB")
}

func formatSize(n int64) string {
	for _, unit := range units {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return strconv.FormatInt(n/unit.bytes, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}
