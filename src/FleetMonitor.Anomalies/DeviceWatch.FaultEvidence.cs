using FleetMonitor.Telemetry;

namespace FleetMonitor.Anomalies;

/// <summary>What the alerts of <c>DeviceWatch.Faults</c> say.</summary>
public sealed partial class DeviceWatch
{
    /// <summary>By how many seconds a device's clock is slow.</summary>
    internal const string ClockEvidence = "receive_time_less_reading_time_s";

    private Finding DescribeFault(AnomalyKind kind, Seconds now, in Scope scope) => kind switch
    {
        AnomalyKind.DeadHashBoard => DescribeDeadBoard(scope),
        AnomalyKind.ThermalThrottling => DescribeHeat(scope),
        AnomalyKind.EfficiencyDrift => DescribeEfficiency(scope),
        AnomalyKind.HashWithoutPower => new Finding(
            0.95,
            scope.Device.NameplatePower is { } stated ? stated.Milliwatts / 1000.0 : _state.PeakPower,
            Text($"Hashes {_state.Hash.Mean:0.0} TH/s on a reported {_state.Power.Last:0} W: its draw is not metered."),
            [
                EvidenceItem.Of("rule", Text($"hash rate with power below {scope.Options.IdleShare:P0} of nameplate for {Duration((long)scope.Options.MismatchAfter.TotalSeconds)}")),
                EvidenceItem.Of("hashrate_ths", _state.Hash.Mean),
                EvidenceItem.Of("power_w", _state.Power.Last),
            ]),
        AnomalyKind.StuckValue => DescribeStuck(now, scope),
        AnomalyKind.OverNameplate => DescribeOverNameplate(scope),
        AnomalyKind.PhaseImbalance => DescribePhases(scope),
        AnomalyKind.ClockOff => new Finding(
            0.9,
            0,
            Text($"Its clock is {(_state.Clock.IsBeyondMeasure ? "more than " : "")}{Duration((long)Math.Abs(_state.Clock.Mean))} {(_state.Clock.Mean > 0 ? "slow: its readings land at the wrong time, near midnight on the wrong day." : "fast: its readings land at the wrong time, near midnight on the wrong day, or are refused as of the future.")}"),
            [
                EvidenceItem.Of("rule", Text($"a steady difference above {Duration((long)scope.Options.ClockOffFrom.TotalSeconds)} for {Duration((long)scope.Options.MismatchAfter.TotalSeconds)}")),
                EvidenceItem.Of(ClockEvidence, _state.Clock.Mean),
            ]),
        AnomalyKind.DuplicateIdentity => new Finding(
            0.9,
            UsualPower(scope),
            Text($"Two devices seem to report as {scope.Device.Key.Device}: {(_state.Doubles >= scope.Options.DoublesNeeded ? Text($"{_state.Doubles} times since {_state.DoublesSince.ToInstant()} its register fell or two readings of one time disagreed") : Text($"its power jumps by {_state.Alternation.Distance:0} W and back with every reading"))}."),
            [
                EvidenceItem.Of("rule", Text($"{scope.Options.DoublesNeeded} contradictions within {Duration((long)scope.Options.DoublesWithin.TotalSeconds)}, or every other reading from another level")),
                EvidenceItem.Of("contradictions", _state.Doubles),
                EvidenceItem.Of("jump_w", _state.Alternation.Distance),
            ]),
        AnomalyKind.MissingPermit => new Finding(
            1,
            UsualPower(scope),
            Text($"The fleet file lists {scope.Device.Key.Device} without an import permit, while other rigs of the site have one."),
            [EvidenceItem.Of("rule", "where permits are kept, every rig has one")]),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, Text($"not described at {now.ToInstant()}")),
    };

    private Finding DescribeStuck(Seconds now, in Scope scope)
    {
        double usual = UsualPower(scope);
        RegisterPace pace = _state.Pace;
        if (pace.IsFrozen(usual, now, scope.Options.StuckAfter))
        {
            return new Finding(
                0.95,
                _state.Power.Mean,
                Text($"The energy register has stood at {pace.Stands:0.###} kWh for {Duration(now - pace.Moved)}, while the power says that {pace.DrawnSince:0.0} kWh were drawn: at {_state.Power.Mean:0} W, {PerDay(_state.Power.Mean, scope)} are not counted."),
                [
                    EvidenceItem.Of("rule", "the register does not move while the power says that several kWh, and several of its usual steps, are drawn"),
                    EvidenceItem.Of("register_kwh", pace.Stands),
                    EvidenceItem.Of("since", pace.Moved.ToInstant().ToString()),
                    EvidenceItem.Of("drawn_since_kwh", pace.DrawnSince),
                    EvidenceItem.Of("power_w", _state.Power.Mean),
                ]);
        }

        if (pace.IsOff(usual))
        {
            double off = usual * Math.Abs(1 - pace.Ratio);
            return new Finding(
                0.9,
                off,
                Text($"The energy register counts {pace.Ratio:P0} of what the power says is drawn: {PerDay(off, scope)} are counted too {(pace.Ratio < 1 ? "little" : "much")}."),
                [
                    EvidenceItem.Of("rule", "the register counts below 0.6 or above 1.6 of the power summed over time, over 20 kWh and six hours' draw or more"),
                    EvidenceItem.Of("counted_share", pace.Ratio),
                    EvidenceItem.Of("register_kwh", pace.Stands),
                    EvidenceItem.Of("power_w", usual),
                ]);
        }

        return new Finding(
            0.95,
            usual,
            Text($"Power has read exactly {_state.Power.Last:0.###} W in {_state.Stuck.Run + 1} readings since {_state.Stuck.Since.ToInstant()}; it usually changes."),
            [
                EvidenceItem.Of("rule", Text($"the same value for {Duration((long)scope.Options.StuckAfter.TotalSeconds)} and less likely than one in a million")),
                EvidenceItem.Of("power_w", _state.Power.Last),
                EvidenceItem.Of("readings", _state.Stuck.Run + 1),
                EvidenceItem.Of("since", _state.Stuck.Since.ToInstant().ToString()),
            ]);
    }

    /// <summary>Energy a day, and the levy on it where a rate is known.</summary>
    private static string PerDay(double watts, in Scope scope)
    {
        double kwh = watts * (double)HoursPerDay / 1000;
        return scope.Device.LevyPerKwh is { } rate ? Text($"{kwh:0.#} kWh a day with a levy of {(decimal)kwh * rate:0.##}") : Text($"{kwh:0.#} kWh a day");
    }

    private Finding DescribeDeadBoard(in Scope scope)
    {
        double ratio = _state.HashBaseline.Level > 0 ? _state.Hash.Mean / _state.HashBaseline.Level : 1;
        double lost = Math.Clamp(Math.Round((1 - ratio) * 3), 0, 3);
        return new Finding(
            1 - (Math.Abs(ratio - (1 - (lost / 3))) / BoardTolerance * 0.3),
            _state.PowerBaseline.Level * Math.Clamp(1 - ratio, 0, 1),
            Text($"Hashes {_state.Hash.Mean:0.0} TH/s, {ratio:P0} of its own usual {_state.HashBaseline.Level:0.0} TH/s, and draws {_state.Power.Mean:0} W instead of {_state.PowerBaseline.Level:0} W: as with {lost:0} of 3 hash boards gone."),
            [
                EvidenceItem.Of("rule", Text($"hash rate at a third or two thirds of its own baseline, draw down with it, for {Duration((long)scope.Options.Sustained.TotalSeconds)}")),
                EvidenceItem.Of("hashrate_ths", _state.Hash.Mean),
                EvidenceItem.Of("baseline_ths", _state.HashBaseline.Level),
                EvidenceItem.Of("power_w", _state.Power.Mean),
                EvidenceItem.Of("baseline_w", _state.PowerBaseline.Level),
            ]);
    }

    private Finding DescribeHeat(in Scope scope)
    {
        double ratio = _state.HashBaseline.Level > 0 ? _state.Hash.Mean / _state.HashBaseline.Level : 1;
        return new Finding(
            _state.Temperature.Mean > scope.Options.HotFrom ? 0.95 : 0.85,
            UsualPower(scope) * Math.Clamp(1 - ratio, 0, 1),
            Text($"Boards at {_state.Temperature.Mean:0.0} °C, usually {_state.TemperatureBaseline.Level:0.0} °C; hashes {ratio:P0} of its own usual {_state.HashBaseline.Level:0.0} TH/s."),
            [
                EvidenceItem.Of("rule", Text($"above {scope.Options.HotFrom:0} °C, or {scope.Options.HotAboveUsual:0} degrees above its usual with a lower hash rate, for {Duration((long)scope.Options.MismatchAfter.TotalSeconds)}")),
                EvidenceItem.Of("temp_c", _state.Temperature.Mean),
                EvidenceItem.Of("baseline_c", _state.TemperatureBaseline.Level),
                EvidenceItem.Of("hashrate_ths", _state.Hash.Mean),
                EvidenceItem.Of("baseline_ths", _state.HashBaseline.Level),
            ]);
    }

    private Finding DescribeEfficiency(in Scope scope)
    {
        double loss = EfficiencyLoss();
        return new Finding(
            1 - (0.5 * Math.Exp(-4 * Math.Max(0, loss - EfficiencyLossAllowed(scope.Options)) / EfficiencyLossAllowed(scope.Options))),
            UsualPower(scope) * Math.Clamp(loss / (1 + loss), 0, 1),
            Text($"Uses {_state.Efficiency.Mean:0.0} J/TH, {loss:P0} more than its own usual {_state.EfficiencyBaseline.Level:0.0} J/TH."),
            [
                EvidenceItem.Of("rule", Text($"J/TH more than {EfficiencyLossAllowed(scope.Options):P0} above its own baseline for {Duration((long)scope.Options.EfficiencyAfter.TotalSeconds)}")),
                EvidenceItem.Of("efficiency_j_th", _state.Efficiency.Mean),
                EvidenceItem.Of("baseline_j_th", _state.EfficiencyBaseline.Level),
            ]);
    }

    private Finding DescribeOverNameplate(in Scope scope)
    {
        double nameplate = Nameplate(scope.Device, scope.Options);
        return new Finding(
            0.95,
            Math.Max(0, _state.Power.Mean - nameplate),
            Text($"Draws {_state.Power.Mean:0} W, {_state.Power.Mean / nameplate:P0} of its nameplate {nameplate:0} W."),
            [
                EvidenceItem.Of("rule", Text($"power above {scope.Options.OverNameplateShare:P0} of nameplate for {Duration((long)scope.Options.Sustained.TotalSeconds)}")),
                EvidenceItem.Of("power_w", _state.Power.Mean),
                EvidenceItem.Of("nameplate_w", nameplate),
            ]);
    }

    private Finding DescribePhases(in Scope scope)
    {
        PhaseBalance phases = _state.Phases;
        (string unit, string ending) = phases.Quantity == PhaseQuantity.Power ? ("W", "w") : ("A", "a");
        (char worst, double load, double part, double usual) = phases.Worst;
        double allowed = PhasesAllowed(scope.Options);
        return new Finding(
            1 - (0.5 * Math.Exp(-2 * Math.Max(0, phases.Change - allowed) / allowed)),
            0,
            Text($"Phase {worst} carries {load:0.#} {unit}, {part:P0} of the load; {usual:P0} is usual here. A, B and C carry {phases.A:0.#}, {phases.B:0.#} and {phases.C:0.#} {unit}."),
            [
                EvidenceItem.Of("rule", Text($"a phase's part of the load off its usual by more than {allowed:P0} of a third, for {Duration((long)scope.Options.Sustained.TotalSeconds)}")),
                EvidenceItem.Of("phase", worst.ToString()),
                EvidenceItem.Of("share", part),
                EvidenceItem.Of("usual_share", usual),
                EvidenceItem.Of($"phase_a_{ending}", phases.A),
                EvidenceItem.Of($"phase_b_{ending}", phases.B),
                EvidenceItem.Of($"phase_c_{ending}", phases.C),
            ]);
    }
}
