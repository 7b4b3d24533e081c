using FleetMonitor.Fleet;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Anomalies;

/// <summary>The rules over what a device measures.</summary>
public sealed partial class DeviceWatch
{
    private const double NoHashShare = 0.02;
    private const double HashBackShare = 0.10;
    private const double ClearBand = 0.6;
    private const double DropDeviations = 6;
    private const double PartAfter = 5;
    private const long StartsApart = 3600;

    private double Nameplate(WatchedDevice device, AnomalyOptions options)
    {
        if (device.NameplatePower is { Milliwatts: > 0 } stated)
        {
            return stated.Milliwatts / 1000.0;
        }

        return _state.PeakPower > 0 ? _state.PeakPower : options.AssumedNameplate;
    }

    private double UsualHash(WatchedDevice device, AnomalyOptions options)
    {
        if (_state.HashBaseline.Knows(options.BaselineNeeds))
        {
            return _state.HashBaseline.Level;
        }

        return device.NameplateHashRate is { } stated ? stated.MegahashesPerSecond / 1e6 : _state.Hash.Mean;
    }

    private bool IsMining(WatchedDevice device, AnomalyOptions options)
    {
        if (_state.Hash.IsSet)
        {
            // A hash rate that stopped coming while power still comes is not a hash rate now.
            return _state.Hash.Last > 0
                && _state.Life.Newest - _state.Hash.At <= _state.Life.StaleAfter(options).TotalSeconds;
        }

        return _state.Power.IsSet
            && _state.Power.Last > options.IdleShare * Nameplate(device, options);
    }

    private double Wasted(in Scope scope) => scope.Options.WastedShare * Nameplate(scope.Device, scope.Options);

    /// <summary>False where the reading is no newer than what is known.</summary>
    private bool Take(in Reading reading, bool afterGap, in Scope scope)
    {
        Seconds at = Seconds.From(reading.At);
        TimeSpan gap = _state.Life.OfflineAfter(scope.Options);
        TimeSpan memory = scope.Options.Smoothing;
        bool starts = afterGap || !_state.RunStarted.IsSet;
        bool taken = false;
        if (reading.HasPower)
        {
            Smooth before = _state.Power;
            bool wasIdle = !before.IsSet || before.Last < Wasted(scope);
            if (_state.Power.Take(reading.Power.Milliwatts / 1000.0, at, memory, gap))
            {
                taken = true;
                _state.Stuck.Take(_state.Power.Last != before.Last, at);
                Draw(before, gap);
                _state.Alternation.Take(_state.Power.Last);
                _state.PeakPower = Math.Max(_state.PeakPower, _state.Power.Mean);
                starts |= wasIdle && _state.Power.Last >= Wasted(scope);
            }
        }

        if (reading.HasHashRate)
        {
            bool wasIdle = _state.Hash.Last <= 0;
            if (_state.Hash.Take(reading.HashRate.MegahashesPerSecond / 1e6, at, memory, gap))
            {
                taken = true;
                starts |= wasIdle && _state.Hash.Last > 0;
            }
        }

        if (reading.HasTemperature)
        {
            taken |= _state.Temperature.Take(reading.Temperature.Millicelsius / 1000.0, at, memory, gap);
        }

        // A rig that starts again and again is given one warm-up an hour, or it would never be judged.
        if (starts && (!_state.RunStarted.IsSet || at - _state.RunStarted > StartsApart))
        {
            _state.RunStarted = at;
            _state.Hash.Mean = _state.Hash.Last;
            _state.Power.Mean = _state.Power.Last;
        }

        return taken;
    }

    /// <summary>What was drawn since the power before: the mean of both. Over a gap nobody knows.</summary>
    private void Draw(in Smooth before, TimeSpan gap)
    {
        long elapsed = before.SecondsTo(_state.Power.At);
        if (elapsed > gap.TotalSeconds)
        {
            _state.Pace.StartAnew();
        }
        else
        {
            _state.Pace.Draw((before.Last + _state.Power.Last) / 2, elapsed);
        }
    }

    /// <summary>It has been working for a while, and nobody planned that it should not.</summary>
    private bool IsSteady(Seconds at, in Scope scope) =>
        at - _state.RunStarted >= scope.Options.WarmUp.TotalSeconds && !scope.Context.IsCurtailed(at.ToInstant()) && !scope.Quiet;

    private void JudgeValues(Seconds at, in Scope scope)
    {
        bool steady = IsSteady(at, scope);
        JudgePowerWithoutHash(at, steady, scope);
        JudgePower(at, steady, scope);
        JudgeHash(at, steady, scope);
    }

    private bool HashMissing(Seconds at) =>
        _state.Hash.IsSet && at - _state.Hash.At > PartAfter * Math.Max(60, _state.Life.Interval);

    private bool DrawsForNothing(Seconds at, in Scope scope) =>
        _state.Power.IsSet && _state.Hash.IsSet && scope.Device.Role == DeviceRole.Rig
        && _state.Power.Last > Wasted(scope)
        && (HashMissing(at) || _state.Hash.Last <= NoHashShare * UsualHash(scope.Device, scope.Options));

    private void JudgePowerWithoutHash(Seconds at, bool steady, in Scope scope)
    {
        bool bad = DrawsForNothing(at, scope);
        bool well = !bad
            && (_state.Hash.Last > HashBackShare * UsualHash(scope.Device, scope.Options)
                || _state.Power.Last < ClearBand * Wasted(scope));
        Judge(AnomalyKind.PowerWithoutHash, bad && steady, well, at, scope.Options.MismatchAfter, scope.Options.ClearAfter, scope);
    }

    /// <summary>Six mean deviations of the smoothed hash rate are no noise; the bounds keep the rule sane on any device.</summary>
    private double HashDrop(AnomalyOptions options) => Math.Clamp(
        DropDeviations * _state.HashBaseline.RelativeDeviation, options.HashDropLeast, options.HashDropMost);

    private void JudgeHash(Seconds at, bool steady, in Scope scope)
    {
        if (!_state.Hash.IsSet || _state.Hash.At != at)
        {
            return;
        }

        bool known = _state.HashBaseline.Knows(scope.Options.BaselineNeeds);
        double ratio = known ? _state.Hash.Mean / _state.HashBaseline.Level : 1;
        double drop = HashDrop(scope.Options);
        bool wasted = DrawsForNothing(at, scope);
        bool low = known && ratio < 1 - drop && !wasted;
        bool well = known && ratio > 1 - (drop * ClearBand);
        bool hot = JudgeHeat(at, steady, known && ratio < 1 - (drop / 2), scope);
        bool board = low && !hot && LooksLikeLostBoards(ratio);
        TimeSpan raiseAfter = scope.Options.Sustained;
        TimeSpan clearAfter = scope.Options.Sustained / 3;
        Judge(AnomalyKind.DeadHashBoard, board && steady, well, at, raiseAfter, clearAfter, scope);

        // One cause, one alert: the more telling kind speaks.
        bool explained = hot || board || AnyRaised(AnomalyKind.DeadHashBoard, AnomalyKind.ThermalThrottling);
        Judge(AnomalyKind.HashBelowBaseline, low && steady && !explained, well, at, raiseAfter, clearAfter, scope);
        JudgeEfficiency(at, steady && !low && !hot && !wasted, scope);
        if (steady && !low && !hot && !wasted && !AnyRaised(
            AnomalyKind.HashBelowBaseline, AnomalyKind.DeadHashBoard, AnomalyKind.ThermalThrottling,
            AnomalyKind.PowerWithoutHash, AnomalyKind.OverNameplate))
        {
            LearnUsual(at, ratio, drop, scope);
        }

        AcceptAsUsual(AnomalyKind.HashBelowBaseline, at, scope);
        AcceptAsUsual(AnomalyKind.DeadHashBoard, at, scope);
        _state.LearnedAt = at;
    }

    // What has been so for a week is how the rig now runs: nobody needs telling for a year.
    private void AcceptAsUsual(AnomalyKind kind, Seconds at, in Scope scope)
    {
        Seconds raised = _state.Alarms[kind].Raised;
        if (raised.IsSet && at - raised > scope.Options.AcceptAfter.TotalSeconds)
        {
            _state.HashBaseline.Level = _state.Hash.Mean;
            _state.PowerBaseline.Level = _state.Power.Mean;
        }
    }

    private void LearnUsual(Seconds at, double ratio, double drop, in Scope scope)
    {
        if (ratio <= 1 + drop)
        {
            _state.AboveSince = Seconds.Never;
        }
        else if (!_state.AboveSince.IsSet)
        {
            _state.AboveSince = at;
        }
        else if (at - _state.AboveSince > scope.Options.AcceptMoreAfter.TotalSeconds)
        {
            _state.HashBaseline = default;
            _state.PowerBaseline = default;
            _state.AboveSince = Seconds.Never;
        }

        double elapsed = _state.LearnedAt.IsSet ? Math.Clamp(at - _state.LearnedAt, 0, scope.Options.Sustained.TotalSeconds) : 0;
        _state.HashBaseline.Learn(_state.Hash.Mean, elapsed, scope.Options.BaselineMemory);
        if (_state.Temperature.IsSet)
        {
            _state.TemperatureBaseline.Learn(_state.Temperature.Mean, elapsed, scope.Options.BaselineMemory);
        }

        if (_state.Power.IsSet)
        {
            _state.PowerBaseline.Learn(_state.Power.Mean, elapsed, scope.Options.BaselineMemory);
        }
    }

    private bool AnyRaised(params ReadOnlySpan<AnomalyKind> kinds)
    {
        foreach (AnomalyKind kind in kinds)
        {
            if (_state.Alarms[kind].IsRaised)
            {
                return true;
            }
        }

        return false;
    }
}
