// Package peer holds tests only: they prove crmdeck's OAuth client against ory/fosite.
package peer
