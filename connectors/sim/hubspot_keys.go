package sim

import (
	"encoding/json"
	"net/http"
)

// keyInfo tells what a private app token may do. The token itself is the
// authentication; service keys are not looked up here.
func (h *hubspot) keyInfo(c *call) {
	var in struct {
		TokenKey string `json:"tokenKey"`
	}
	if json.Unmarshal(c.body, &in) != nil || in.TokenKey == "" {
		h.categoryError(c, http.StatusBadRequest, "VALIDATION_ERROR", "tokenKey is missing", nil)
		return
	}
	k := h.lookup(in.TokenKey)
	if k == nil || k.kind != KeyPrivateApp || !k.alive(h.sim.now()) {
		h.plainError(c, http.StatusNotFound, "private app token not found")
		return
	}
	c.json(http.StatusOK, obj{
		"userId": number(k.user.ID), "hubId": number(k.account.ID), "appId": k.number, "scopes": k.scopes,
	})
}
