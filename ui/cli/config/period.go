package config

import (
	"errors"
	"fmt"
	"time"
)

// period is a length of time, at least a minute, or 0.
func period(key, env, help string, set func(*Settings, time.Duration), get func(*Settings) time.Duration) setting {
	return setting{key, env, help, func(s *Settings) string { return get(s).String() },
		func(s *Settings, v any) error {
			d, err := time.ParseDuration(fmt.Sprint(v))
			if err != nil || d != 0 && d < time.Minute || d > 24*time.Hour {
				return errors.New("a time from 1m to 24h is needed, or 0")
			}
			set(s, d)
			return nil
		}}
}
