using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Anomalies;

/// <summary>The rules over silence, over facts and over single events.</summary>
public sealed partial class DeviceWatch
{
    /// <summary>Values that nobody reports any more cannot be said to be off: the silence is the alert.</summary>
    private static ReadOnlySpan<AnomalyKind> HiddenBySilence =>
        [
            AnomalyKind.Stale, AnomalyKind.PowerWithoutHash, AnomalyKind.HashBelowBaseline, AnomalyKind.StuckValue,
            AnomalyKind.HashWithoutPower, AnomalyKind.DeadHashBoard, AnomalyKind.ThermalThrottling, AnomalyKind.OverNameplate,
            AnomalyKind.PhaseImbalance,
        ];

    private static ReadOnlySpan<AnomalyKind> Events =>
        [AnomalyKind.CounterReset, AnomalyKind.CounterRollback, AnomalyKind.CounterJump, AnomalyKind.DuplicateIdentity];

    private void JudgeFacts(Seconds at, in Scope scope)
    {
        JudgeFact(AnomalyKind.UnregisteredDevice, _state.Life.Heard.IsSet && !scope.Device.Registered, at, scope);
        JudgeFact(AnomalyKind.MissingPermit, _state.Life.Heard.IsSet && scope.Device.PermitMissing, at, scope);
    }

    private void JudgeFact(AnomalyKind kind, bool bad, Seconds at, in Scope scope)
    {
        ref Alarm alarm = ref _state.Alarms[kind];
        if (bad && !alarm.IsRaised)
        {
            alarm.Raise(at);
            Tell(AnomalyChangeType.Raised, kind, at, scope);
        }
        else if (!bad && alarm.IsRaised)
        {
            Clear(kind, at, scope);
        }
    }

    /// <summary>
    /// The time before which <see cref="Tick"/> does nothing, unless something comes of the device or the facts change: whoever has many devices
    /// need not look at those that speak and stand well. The beginning of time where that cannot be told.
    /// </summary>
    public Instant QuietUntil(WatchedDevice device, WatchContext context)
    {
        Liveness life = _state.Life;
        bool facts = !device.Registered == _state.Alarms[AnomalyKind.UnregisteredDevice].IsRaised
            && device.PermitMissing == _state.Alarms[AnomalyKind.MissingPermit].IsRaised;
        if (!life.Heard.IsSet || life.Will.IsSet || !facts || !IsAtRest(AnomalyKind.Offline) || !IsAtRest(AnomalyKind.Stale))
        {
            return Unquiet;
        }

        foreach (AnomalyKind kind in Events)
        {
            if (_state.Alarms[kind].IsRaised)
            {
                return Unquiet;
            }
        }

        // One that falls silent before its values are old enough to be stale will be offline, and nothing before.
        TimeSpan old = life.StaleAfter(context.Options);
        Seconds silent = life.Heard.Plus(life.OfflineAfter(context.Options));
        Seconds stale = life.Live.Plus(2 * old);
        return (stale - life.Heard <= old.TotalSeconds && stale < silent ? stale : silent).ToInstant();
    }

    private static readonly Instant Unquiet = new(long.MinValue);

    private bool IsAtRest(AnomalyKind kind) => !_state.Alarms[kind].IsRaised && !_state.Alarms[kind].Since.IsSet;

    private void JudgeLiveness(Seconds now, in Scope scope)
    {
        Liveness life = _state.Life;
        bool planned = scope.Context.IsCurtailed(now.ToInstant());

        // A name that nobody listed and that was heard once is told as that; that it is not heard again is no news.
        bool expected = scope.Device.Registered || life.IsSteady;
        bool warm = !scope.Quiet && expected && life.First.IsSet && now - life.First >= scope.Options.WarmUp.TotalSeconds && !planned;

        // Silence may be a service or a device that has only just started. A last will is no guess: a broker said it.
        bool told = life.Will.IsSet && now >= life.Will.Plus(scope.Options.WillAfter) && !planned;
        bool silent = life.IsSilent(now, scope.Options);
        bool offline = silent || life.Will.IsSet;
        Seconds offlineSince = OfflineSince(scope.Options);
        if (offline && (told || (warm && now >= offlineSince)) && !_state.Alarms[AnomalyKind.Offline].IsRaised)
        {
            foreach (AnomalyKind hidden in HiddenBySilence)
            {
                if (_state.Alarms[hidden].IsRaised)
                {
                    Clear(hidden, offlineSince, scope, "the device is offline, which is told instead");
                }

                _state.Alarms[hidden].Reset();
            }

            _state.Alarms[AnomalyKind.Offline].Raise(offlineSince);
            Tell(AnomalyChangeType.Raised, AnomalyKind.Offline, now, scope);
        }

        bool fresh = !offline && (!life.IsOld(now, scope.Options) || IsOldByItsClock(now, scope.Options));
        Judge(AnomalyKind.Offline, bad: false, well: fresh, now, default, scope.Options.ClearAfter, scope);
        JudgeStale(now, warm && !offline, fresh, scope);
    }

    /// <summary>When the rule was met: by the will or by the silence, whichever came first.</summary>
    private Seconds OfflineSince(AnomalyOptions options)
    {
        Seconds silence = _state.Life.Heard.Plus(_state.Life.OfflineAfter(options));
        if (!_state.Life.Will.IsSet)
        {
            return silence;
        }

        Seconds will = _state.Life.Will.Plus(options.WillAfter);
        return _state.Life.Heard.IsSet && silence < will ? silence : will;
    }

    // Twice what makes it stale: an old value or two is not worth an alert.
    private void JudgeStale(Seconds now, bool judged, bool fresh, in Scope scope)
    {
        ref Alarm alarm = ref _state.Alarms[AnomalyKind.Stale];
        if (alarm.IsRaised)
        {
            Judge(AnomalyKind.Stale, bad: false, well: fresh, now, default, scope.Options.ClearAfter, scope);
            return;
        }

        // One that says nothing at all will soon be offline, and one cause is one alert: a clock that is off explains old values.
        bool talks = now - _state.Life.Heard <= _state.Life.StaleAfter(scope.Options).TotalSeconds;
        if (!judged || fresh || !talks || AnyRaised(AnomalyKind.Offline, AnomalyKind.ClockOff))
        {
            return;
        }

        Seconds due = _state.Life.Live.Plus(2 * _state.Life.StaleAfter(scope.Options));
        if (now >= due)
        {
            alarm.Raise(due);
            Tell(AnomalyChangeType.Raised, AnomalyKind.Stale, now, scope);
        }
    }

    private static AnomalyKind? CounterKind(MeterEventKind kind) => kind switch
    {
        MeterEventKind.RegisterReset or MeterEventKind.RegisterReplaced => AnomalyKind.CounterReset,
        MeterEventKind.RegisterNoise => AnomalyKind.CounterRollback,
        MeterEventKind.RegisterImplausible => AnomalyKind.CounterJump,
        _ => null,
    };

    private void Count(AnomalyKind kind, in MeterEvent noticed, in Scope scope)
    {
        Seconds at = Seconds.From(noticed.At);
        bool again = IsStillBack(kind, noticed);
        if (!again)
        {
            _state.RegisterKind = (ushort)(kind + 1);
            _state.RegisterBefore = KilowattHours(noticed.Before);
            _state.RegisterAfter = KilowattHours(noticed.After);
        }

        if (_state.Alarms[AnomalyKind.DuplicateIdentity].IsRaised)
        {
            return;
        }

        ref Alarm alarm = ref _state.Alarms[kind];
        if (!alarm.IsRaised)
        {
            alarm.Raise(at);
            alarm.Since = at;
            Tell(AnomalyChangeType.Raised, kind, at, scope);
            return;
        }

        bool tell = !again && at - alarm.Since >= scope.Options.Sustained.TotalSeconds;
        alarm.Count = (ushort)Math.Min(alarm.Count + (again ? 0 : 1), ushort.MaxValue);
        alarm.Since = at;

        // A counter that jumps with every message is one alert that says so now and then, not one a message.
        if (tell)
        {
            Tell(AnomalyChangeType.Updated, kind, at, scope);
        }
    }

    /// <summary>A register that went back is below its highest with every reading until it has climbed back: that happened once.</summary>
    private bool IsStillBack(AnomalyKind kind, in MeterEvent noticed) =>
        kind == AnomalyKind.CounterRollback && _state.Alarms[kind].IsRaised && _state.RegisterKind == (ushort)(kind + 1)
        && KilowattHours(noticed.Before) == _state.RegisterBefore && KilowattHours(noticed.After) >= _state.RegisterAfter;

    private void ClearEvents(Seconds now, in Scope scope)
    {
        foreach (AnomalyKind kind in Events)
        {
            ref Alarm alarm = ref _state.Alarms[kind];
            TimeSpan clearAfter = kind == AnomalyKind.DuplicateIdentity ? scope.Options.DoublesClearAfter : scope.Options.EventClearAfter;
            if (alarm.IsRaised && now - alarm.Since >= clearAfter.TotalSeconds)
            {
                Clear(kind, alarm.Since.Plus(clearAfter), scope);
            }
        }
    }

    private void Judge(
        AnomalyKind kind, bool bad, bool well, Seconds at, TimeSpan raiseAfter, TimeSpan clearAfter, in Scope scope)
    {
        ref Alarm alarm = ref _state.Alarms[kind];
        switch (alarm.Judge(bad, well, at, raiseAfter, clearAfter))
        {
            case AlarmStep.Raise:
                Tell(AnomalyChangeType.Raised, kind, at, scope);
                break;
            case AlarmStep.Clear:
                Clear(kind, at, scope);
                break;
            case AlarmStep.None:
            default:
                break;
        }
    }

    /// <param name="because">Why it ends, where it is not because things are well.</param>
    private void Clear(AnomalyKind kind, Seconds at, in Scope scope, string? because = null)
    {
        Tell(AnomalyChangeType.Cleared, kind, at, scope, because);
        _state.Alarms[kind].Reset();
    }
}
