package servertest

// Keeps says how an answer breaks openapi.yaml.
var Keeps = keeps
