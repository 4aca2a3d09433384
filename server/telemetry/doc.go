// Package telemetry is what the server says about itself: a logger that knows
// which request it speaks of, metrics for Prometheus, and traces for an
// OpenTelemetry collector. It decides names, labels and their bounds; when
// something is counted is decided where it happens.
package telemetry
