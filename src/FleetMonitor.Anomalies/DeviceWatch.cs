using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Anomalies;

/// <summary>
/// Watches one device: pure, in constant memory, with time passed in. Values are judged by the time of the reading, silence by receive
/// time. A change carries times that follow from the readings alone, so that whoever feeds the same readings again gets the same ids.
/// Not safe for two threads: a device has one writer.
/// </summary>
public sealed partial class DeviceWatch
{
    private WatchState _state;

    /// <summary>Bytes that <see cref="WriteTo"/> writes.</summary>
    public static int SerializedSize => 1 + Unsafe.SizeOf<WatchState>();

    /// <summary>Newest time that any reading stated; null before the first.</summary>
    public Instant? NewestReading => _state.Life.Newest.IsSet ? _state.Life.Newest.ToInstant() : null;

    /// <summary>It has reported now and again for a while: it is a device, and not a name that somebody sent once.</summary>
    public bool ReportsSteadily => _state.Life.IsSteady;

    /// <summary>What the device is doing now. A state is shown at once; alerts wait longer.</summary>
    public DeviceState StateAt(Instant now, WatchedDevice device, WatchContext context)
    {
        Seconds at = Seconds.From(now);
        if (_state.Life.Will.IsSet)
        {
            return DeviceState.Offline;
        }

        if (!_state.Life.Heard.IsSet)
        {
            return DeviceState.Unknown;
        }

        if (_state.Life.IsSilent(at, context.Options))
        {
            return DeviceState.Offline;
        }

        if (_state.Life.IsOld(at, context.Options))
        {
            return DeviceState.Stale;
        }

        return IsMining(device, context.Options) ? DeviceState.Mining : DeviceState.Idle;
    }

    /// <summary>Takes an admitted reading, in any order. Values older than what is known are heard, but not judged.</summary>
    /// <param name="changes">Gets what this reading raised or cleared, at the end.</param>
    public void Observe(
        in Reading reading, Instant receivedAt, WatchedDevice device, WatchContext context, List<AnomalyChange> changes) =>
        Observe(reading, default, receivedAt, device, context, changes);

    /// <summary>The same with what came of each phase.</summary>
    public void Observe(
        in Reading reading, in PhaseValues phases, Instant receivedAt, WatchedDevice device, WatchContext context, List<AnomalyChange> changes)
    {
        Scope scope = new(device, context, changes, receivedAt, context.IsServiceWarmingUp(receivedAt));
        bool afterGap = _state.Life.Newest.IsSet
            && Seconds.From(reading.At) - _state.Life.Newest > _state.Life.OfflineAfter(context.Options).TotalSeconds;
        bool newest = Seconds.From(reading.At) >= _state.Life.Newest;
        _state.SetBack.Take(
            Seconds.From(reading.At), _state.Life, ClockOffset.Between(reading.At, receivedAt), _state.Clock.Last);
        _state.Life.Hear(reading.At, receivedAt);
        JudgeClock(reading.At, receivedAt, scope);
        if (Take(reading, afterGap, scope))
        {
            JudgeValues(Seconds.From(reading.At), scope);
        }

        if (newest)
        {
            if (reading.HasRegister && _state.Power.IsSet)
            {
                _state.Pace.Take(reading.Register, Seconds.From(reading.At), UsualPower(scope));
            }

            JudgeStuck(reading.HasRegister, Seconds.From(reading.At), scope);
        }

        JudgePhases(phases, Seconds.From(reading.At), scope);

        // After the values: what a device draws that nobody listed is at stake.
        JudgeFacts(Seconds.From(receivedAt), scope);
        JudgeLiveness(Seconds.From(receivedAt), scope);
    }

    /// <summary>
    /// Takes what metering noticed about the device's register, as often as it is told: what was metered again is told again, and counts once.
    /// </summary>
    public void Observe(in MeterEvent noticed, WatchedDevice device, WatchContext context, List<AnomalyChange> changes)
    {
        Scope scope = new(device, context, changes, _state.Life.Heard.IsSet ? _state.Life.Heard.ToInstant() : noticed.At, quiet: false);
        if (!IsNews(noticed, scope))
        {
            return;
        }

        if (IsSignOfTwo(noticed, scope))
        {
            CountDouble(Seconds.From(noticed.At), scope);
        }

        if (CounterKind(noticed.Kind) is { } counted)
        {
            Count(counted, noticed, scope);
        }
    }

    /// <summary>Takes a reading that was refused for its time, too far in the future or before 2010: no value, but a clock that is off.</summary>
    public void ObserveRefusedClock(
        Instant claimed, Instant receivedAt, WatchedDevice device, WatchContext context, List<AnomalyChange> changes)
    {
        _state.Life.HearRefused(receivedAt);
        JudgeClock(claimed, receivedAt, new Scope(device, context, changes, receivedAt, context.IsServiceWarmingUp(receivedAt)));
    }

    /// <summary>Takes what the broker says: connected, or the last will.</summary>
    public void Presence(bool online, Instant at, WatchedDevice device, WatchContext context, List<AnomalyChange> changes)
    {
        _state.Life.Presence(online, at);
        JudgeLiveness(Seconds.From(at), new Scope(device, context, changes, at, context.IsServiceWarmingUp(at)));
    }

    /// <summary>Lets time pass: silence becomes an alert here, and events that did not come again clear. Every 10 s or so is enough.</summary>
    public void Tick(Instant now, WatchedDevice device, WatchContext context, List<AnomalyChange> changes)
    {
        Scope scope = new(device, context, changes, now, context.IsServiceWarmingUp(now));
        Seconds at = Seconds.From(now);
        JudgeFacts(at, scope);
        JudgeLiveness(at, scope);
        ClearEvents(at, scope);
    }

    /// <summary>Tells again of everything that is raised, as it stands now: for a book that may have missed it.</summary>
    public void Recall(Instant now, WatchedDevice device, WatchContext context, List<AnomalyChange> changes)
    {
        Scope scope = new(device, context, changes, now, quiet: false);
        for (int kind = 0; kind < AlarmSet.Kinds; kind++)
        {
            if (_state.Alarms[(AnomalyKind)kind].IsRaised)
            {
                Tell(AnomalyChangeType.Raised, (AnomalyKind)kind, Seconds.From(now), scope);
            }
        }
    }

    /// <summary>Sets it up with what was put away: from here on it is that device's watch, and no longer another's.</summary>
    public void TakeOut(in PackedWatch remembered) => remembered.Take(ref _state);

    /// <summary>Puts away what it remembers, in memory: of many devices, those that are not being watched at the moment need no more.</summary>
    public void PutAway(ref PackedWatch remembered) => remembered.Put(_state);

    /// <summary>Writes everything it remembers, <see cref="SerializedSize"/> bytes, a version byte first. Little-endian machines only.</summary>
    public int WriteTo(Span<byte> destination)
    {
        destination[0] = WatchState.Version;
        MemoryMarshal.Write(destination[1..], in _state);
        return SerializedSize;
    }

    /// <summary>Sets it up with what <see cref="WriteTo"/> wrote.</summary>
    /// <returns>False where the bytes are of another version: it then knows nothing, and learns anew.</returns>
    public bool TryRead(ReadOnlySpan<byte> source)
    {
        _state = default;
        if (source.Length < 2 || source.Length > SerializedSize || source[0] != WatchState.Version)
        {
            return false;
        }

        source[1..].CopyTo(MemoryMarshal.AsBytes(new Span<WatchState>(ref _state)));
        return true;
    }

    /// <summary>What every rule needs of the call it runs in.</summary>
    private readonly ref struct Scope(WatchedDevice device, WatchContext context, List<AnomalyChange> changes, Instant now, bool quiet)
    {
        /// <summary>By our clock.</summary>
        public Instant Now { get; } = now;

        public WatchedDevice Device { get; } = device;

        public WatchContext Context { get; } = context;

        public AnomalyOptions Options => Context.Options;

        public List<AnomalyChange> Changes { get; } = changes;

        /// <summary>The service has just started: alerts may clear, none is raised.</summary>
        public bool Quiet { get; } = quiet;
    }
}
