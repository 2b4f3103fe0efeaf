//go:build campaign

package oauth_test

import "testing"

// The counts that the security catalogue names; go test has smaller ones of the same.

// ST-1: 10,000 flows.
func TestCampaignStates(t *testing.T) { uniqueStates(t, 10_000) }

// LB-4: 1,000 flows leave nothing open.
func TestCampaignFlows(t *testing.T) { manyFlows(t, 1000) }

// LB-9: 10,000 connections at the listener.
func TestCampaignCrowd(t *testing.T) { crowd(t, 10_000) }
