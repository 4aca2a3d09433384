package main

import "gatehouse/server"

// What the tests reach of this package beside the commands.
var (
	Run               = run
	ConfigurationPage = configurationPage
)

// Exit statuses.
const (
	ExitOK     = exitOK
	ExitFailed = exitFailed
	ExitUsage  = exitUsage
	ExitDiffer = exitDiffer
)

// Defaults is what the server is configured with when nobody sets anything.
func Defaults() (server.Config, error) {
	cfg, err := load(input{})
	return cfg.Config, err
}
