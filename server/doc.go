// Package server puts the features together behind one HTTP handler: New builds
// them and introduces them to each other, routes.go says what answers where,
// middleware.go what every request goes through, errors.go how refusals are
// written. Listening, and stopping, is the command's.
package server
