using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Anomalies;

/// <summary>The rules that tell one fault from another: boards, heat, meters, clocks, names.</summary>
public sealed partial class DeviceWatch
{
    private const double BoardTolerance = 0.035;
    private const double BoardPowerSlack = 0.25;
    private const double HotBand = 3;
    private const double LeastHot = 60;
    private const double HotDeviations = 2.5;
    private const double ModeChange = 1.02;
    private const double ClockIntervals = 2;
    private const double ClockSlack = 5;
    private const double MissedReadings = 3;

    /// <summary>One or two of three boards gone: the hash rate is at thirds of its baseline, and the draw fell with it.</summary>
    private bool LooksLikeLostBoards(double ratio)
    {
        double lost = Math.Round((1 - ratio) * 3);
        if (lost is not (1 or 2) || Math.Abs(ratio - (1 - (lost / 3))) > BoardTolerance)
        {
            return false;
        }

        double draw = _state.Power.IsSet && _state.PowerBaseline.Level > 0 ? _state.Power.Mean / _state.PowerBaseline.Level : ratio;
        return draw >= ratio - BoardTolerance && draw <= ratio + (BoardPowerSlack * (1 - ratio)) + BoardTolerance;
    }

    /// <summary>True where it is too hot now, whether or not that has lasted.</summary>
    private bool JudgeHeat(Seconds at, bool steady, bool slower, in Scope scope)
    {
        if (!_state.Temperature.IsSet || at - _state.Temperature.At > scope.Options.Sustained.TotalSeconds)
        {
            return false;
        }

        bool known = _state.TemperatureBaseline.Knows(scope.Options.BaselineNeeds);
        double usual = _state.TemperatureBaseline.Level;
        double limit = known ? Math.Max(scope.Options.HotFrom, usual + HotBand) : scope.Options.HotFrom;
        double above = Math.Max(scope.Options.HotAboveUsual, HotDeviations * _state.TemperatureBaseline.Deviation);
        double warm = Math.Max(LeastHot, usual + above);
        bool hot = _state.Temperature.Mean > limit || (known && slower && _state.Temperature.Mean > warm);
        bool cool = _state.Temperature.Mean < limit - HotBand && !(slower && _state.Temperature.Mean > warm - HotBand);
        Judge(AnomalyKind.ThermalThrottling, hot && steady, cool, at, scope.Options.MismatchAfter, scope.Options.Sustained / 3, scope);
        return hot;
    }

    private void JudgeEfficiency(Seconds at, bool normal, in Scope scope)
    {
        bool together = _state.Power.IsSet && _state.Hash.Mean > 0
            && at - _state.Power.At <= Math.Max(60, 2 * _state.Life.Interval) && _state.Power.Mean > Wasted(scope);
        if (!together || !normal)
        {
            _state.Alarms[AnomalyKind.EfficiencyDrift].Since = Seconds.Never;
            return;
        }

        long elapsed = Math.Clamp(_state.Efficiency.SecondsTo(at), 0, (long)scope.Options.Sustained.TotalSeconds);
        _state.Efficiency.Take(_state.Power.Mean / _state.Hash.Mean, at, scope.Options.EfficiencyAfter, scope.Options.EfficiencyMemory);
        bool known = _state.EfficiencyBaseline.Knows(scope.Options.BaselineNeeds);
        double loss = EfficiencyLoss();
        double most = EfficiencyLossAllowed(scope.Options);
        bool moreHashes = _state.Hash.Mean > ModeChange * _state.HashBaseline.Level;
        bool bad = known && loss > most && !moreHashes;
        Judge(
            AnomalyKind.EfficiencyDrift, bad, known && loss < most * ClearBand, at,
            scope.Options.EfficiencyAfter, scope.Options.EfficiencyAfter, scope);
        if (!bad && !_state.Alarms[AnomalyKind.EfficiencyDrift].IsRaised)
        {
            _state.EfficiencyBaseline.Learn(_state.Efficiency.Mean, elapsed, scope.Options.EfficiencyMemory);
        }
    }

    private double EfficiencyLoss() =>
        _state.EfficiencyBaseline.Level > 0 ? (_state.Efficiency.Mean / _state.EfficiencyBaseline.Level) - 1 : 0;

    private double EfficiencyLossAllowed(AnomalyOptions options) => Math.Clamp(
        DropDeviations * _state.EfficiencyBaseline.RelativeDeviation, options.EfficiencyLossLeast, options.EfficiencyLossMost);

    private void JudgePower(Seconds at, bool steady, in Scope scope)
    {
        if (_state.Power.At != at)
        {
            return;
        }

        double idle = scope.Options.IdleShare * Nameplate(scope.Device, scope.Options);
        bool hashes = _state.Hash.IsSet && !HashMissing(at)
            && _state.Hash.Last > HashBackShare * UsualHash(scope.Device, scope.Options);
        Judge(
            AnomalyKind.HashWithoutPower, steady && hashes && _state.Power.Last < idle, !hashes || _state.Power.Last > 2 * idle, at,
            scope.Options.MismatchAfter, scope.Options.MismatchAfter, scope);

        if (scope.Device.NameplatePower is { Milliwatts: > 0 } stated && scope.Device.Role == DeviceRole.Rig)
        {
            double share = _state.Power.Mean * 1000 / stated.Milliwatts;
            double over = scope.Options.OverNameplateShare;
            Judge(
                AnomalyKind.OverNameplate, steady && share > over, share < over - ((over - 1) / 3), at,
                scope.Options.Sustained, scope.Options.Sustained / 3, scope);
        }

        bool alternates = _state.Alternation.IsStrong && steady;
        ref Alarm doubled = ref _state.Alarms[AnomalyKind.DuplicateIdentity];
        if (doubled.IsRaised)
        {
            doubled.Since = alternates ? at : doubled.Since;
        }
        else
        {
            Judge(AnomalyKind.DuplicateIdentity, alternates, well: false, at, scope.Options.MismatchAfter, default, scope);
            doubled.Since = doubled.IsRaised ? at : doubled.Since;
        }
    }

    /// <summary>The power says the same again and again, or the register does not count what the power says.</summary>
    private void JudgeStuck(bool hasRegister, Seconds at, in Scope scope)
    {
        double usual = UsualPower(scope);
        bool still = _state.Power.At == at && _state.Stuck.IsUnlikely
            && at - _state.Stuck.Since >= scope.Options.StuckAfter.TotalSeconds
            && _state.Power.Last > scope.Options.IdleShare * Nameplate(scope.Device, scope.Options);

        // A register that is not reported does not stand still.
        bool off = hasRegister && (_state.Pace.IsFrozen(usual, at, scope.Options.StuckAfter) || _state.Pace.IsOff(usual));
        Judge(
            AnomalyKind.StuckValue, (still || off) && !scope.Quiet, _state.Stuck.Run == 0 && _state.Pace.IsWell(usual), at,
            TimeSpan.Zero, TimeSpan.Zero, scope);
    }

    private double ClockOffFrom(AnomalyOptions options) =>
        Math.Max(options.ClockOffFrom.TotalSeconds, ClockIntervals * _state.Life.Interval);

    private bool IsClockOff(AnomalyOptions options) => _state.Clock.IsSteady && Math.Abs(_state.Clock.Mean) > ClockOffFrom(options);

    private void JudgeClock(Instant claimed, Instant receivedAt, in Scope scope)
    {
        Seconds at = Seconds.From(receivedAt);
        _state.Clock.Take(ClockOffset.Between(claimed, receivedAt));
        double from = ClockOffFrom(scope.Options);
        Judge(
            AnomalyKind.ClockOff, IsClockOff(scope.Options) && !scope.Quiet, Math.Abs(_state.Clock.Mean) < from / 2, at,
            scope.Options.MismatchAfter, scope.Options.ClearAfter, scope);
        if (_state.Alarms[AnomalyKind.ClockOff].IsRaised && _state.Alarms[AnomalyKind.Stale].IsRaised && IsOldByItsClock(at, scope.Options))
        {
            Clear(AnomalyKind.Stale, at, scope, "its clock is off, which is told instead");
        }
    }

    /// <summary>
    /// What it says looks old because its clock is slow, or was set back: but it goes on. What claims to be of a time ahead is not old either,
    /// though it is refused.
    /// </summary>
    private bool IsOldByItsClock(Seconds now, AnomalyOptions options) =>
        _state.Clock.Last < -ClockOffFrom(options)
        || _state.SetBack.IsUnderWay(_state.Life)
        || (_state.Clock.IsSteady && now - _state.Life.Live - _state.Clock.Mean <= ClockSlack + (MissedReadings * _state.Life.Interval));

    /// <summary>A fuse that blew, a loose clamp, a rail of a PDU that went: the load is shared in another way than it usually is.</summary>
    private void JudgePhases(in PhaseValues values, Seconds at, in Scope scope)
    {
        if (!values.IsPresent)
        {
            return;
        }

        double elapsed = _state.Phases.Take(values, at, scope.Options.Smoothing, _state.Life.OfflineAfter(scope.Options));
        if (elapsed < 0)
        {
            return;
        }

        bool known = _state.Phases.Knows(scope.Options.BaselineNeeds) && _state.Phases.IsLoaded;
        double change = _state.Phases.Change;
        double allowed = PhasesAllowed(scope.Options);
        bool steady = IsSteady(at, scope);
        bool bad = known && change > allowed;
        Judge(
            AnomalyKind.PhaseImbalance, bad && steady, known && change < allowed * ClearBand, at,
            scope.Options.Sustained, scope.Options.Sustained / 3, scope);
        ref Alarm alarm = ref _state.Alarms[AnomalyKind.PhaseImbalance];
        if (alarm.IsRaised && at - alarm.Raised > scope.Options.AcceptAfter.TotalSeconds)
        {
            _state.Phases.TakeForUsual();
        }
        else if (steady && !bad && !alarm.IsRaised && _state.Phases.IsLoaded)
        {
            _state.Phases.Learn(Math.Min(elapsed, scope.Options.Sustained.TotalSeconds), scope.Options.BaselineMemory);
        }
    }

    private double PhasesAllowed(AnomalyOptions options) =>
        Math.Clamp(DropDeviations * _state.Phases.Deviation, options.PhaseImbalanceLeast, options.PhaseImbalanceMost);

    /// <summary>False for what was told before, for what is too old to be an alert, and for what a clock that was set back makes of the past.</summary>
    private bool IsNews(in MeterEvent noticed, in Scope scope)
    {
        Seconds at = Seconds.From(noticed.At);
        ref Seconds through = ref noticed.Kind == MeterEventKind.Conflict ? ref _state.ConflictAt : ref _state.RegisterThrough;
        if (at <= through)
        {
            return false;
        }

        through = at;
        return _state.Life.Newest - at <= scope.Options.EventClearAfter.TotalSeconds && !_state.SetBack.Explains(at, _state.Life);
    }

    /// <summary>
    /// Two devices under one name contradict each other again and again, about now. One device does so once: with a register that went back and
    /// climbs again, or with a clock that is wrong, whose readings meet those of an hour ago.
    /// </summary>
    private bool IsSignOfTwo(in MeterEvent noticed, in Scope scope)
    {
        if (_state.Life.Heard - Seconds.From(noticed.At) > _state.Life.OfflineAfter(scope.Options).TotalSeconds)
        {
            return false;
        }

        return noticed.Kind switch
        {
            // Somebody else has raised the highest since.
            MeterEventKind.RegisterNoise => KilowattHours(noticed.Before) != _state.RegisterBefore,
            MeterEventKind.Conflict or MeterEventKind.RegisterReset or MeterEventKind.RegisterReplaced => true,
            _ => false,
        };
    }

    private static double KilowattHours(Energy energy) => energy.MicrowattHours / 1e9;

    private void CountDouble(Seconds at, in Scope scope)
    {
        if (!_state.DoublesSince.IsSet || at - _state.DoublesSince > scope.Options.DoublesWithin.TotalSeconds)
        {
            _state.DoublesSince = at;
            _state.Doubles = 0;
        }

        _state.Doubles++;
        ref Alarm alarm = ref _state.Alarms[AnomalyKind.DuplicateIdentity];
        if (alarm.IsRaised)
        {
            alarm.Since = Later(at, alarm.Since);
        }
        else if (_state.Doubles >= scope.Options.DoublesNeeded)
        {
            alarm.Raise(at);
            alarm.Since = at;
            foreach (AnomalyKind hidden in (ReadOnlySpan<AnomalyKind>)[AnomalyKind.CounterReset, AnomalyKind.CounterRollback, AnomalyKind.CounterJump])
            {
                if (_state.Alarms[hidden].IsRaised)
                {
                    Clear(hidden, at, scope, "it is a sign of two devices under one name, which is told instead");
                }
            }

            Tell(AnomalyChangeType.Raised, AnomalyKind.DuplicateIdentity, at, scope);
        }
    }
}
