package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"crmdeck/ui/words"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: words.CmdVersion, Args: args(0, 0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if a.global.json {
				return a.json(map[string]string{"version": a.deps.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			_, err := fmt.Fprintln(a.out, words.Program, a.deps.Version)
			return err
		},
	}
}

// The bounds of the demo's clock.
const (
	slowest = 1
	fastest = 3600
)

func (a *app) demoCommand() *cobra.Command {
	var speed float64
	var keep string
	cmd := &cobra.Command{
		Use: "demo", Short: words.CmdDemo, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if speed < slowest || speed > fastest {
				return usage(cmd, "--speed goes from 1 to 3,600")
			}
			_, conf, err := a.settings()
			if err != nil {
				return err
			}
			if !a.deps.IsTerminal() {
				return usage(nil, words.UseTerminal)
			}
			if a.deps.Env("TERM") == "dumb" {
				return usage(nil, words.UseDumb)
			}
			return a.deps.RunDemo(cmd.Context(), DemoOptions{Speed: speed, Keep: keep, Settings: conf.Settings})
		},
	}
	cmd.Flags().Float64Var(&speed, "speed", slowest, words.FlagSpeed)
	cmd.Flags().StringVar(&keep, "keep", "", words.FlagKeep)
	return cmd
}

// mostContacts is how many contacts an account of a simulated CRM can hold.
const mostContacts = 1_000_000

func (a *app) simCommand() *cobra.Command {
	var o SimOptions
	cmd := &cobra.Command{
		Use: "sim", Short: words.CmdSim, Args: args(0, 0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Contacts < 0 || o.AccessTTL < 0 || o.Latency < 0 {
				return usage(cmd, "numbers and durations are not negative")
			}
			if o.Contacts > mostContacts {
				return usage(cmd, "--contacts is at most 1,000,000")
			}
			return a.deps.RunSim(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Addr, "addr", "", words.FlagAddr)
	f.IntVar(&o.Contacts, "contacts", 0, words.FlagContacts)
	f.DurationVar(&o.AccessTTL, "access-ttl", 0, words.FlagAccessTTL)
	f.DurationVar(&o.Latency, "latency", 0, words.FlagLatency)
	f.StringArrayVar(&o.Faults, "fault", nil, words.FlagFault)
	f.StringVar(&o.Quota, "quota", "real", words.FlagQuota)
	f.StringVar(&o.WriteProviders, "write-providers", "", words.FlagWriteDir)
	return cmd
}
