using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

internal enum AlarmStep : byte
{
    None,
    Raise,
    Clear,
}

/// <summary>
/// One kind of alarm of one device with its hysteresis: bad must last before it is raised, well must last before it is cleared, and in
/// between it stays as it is. There are many, nearly all at rest: no byte of one is spare.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Alarm
{
    /// <summary>Since when it has been bad (not raised) or well (raised) without a break.</summary>
    public Seconds Since;

    public Seconds Raised;

    /// <summary>How often it was seen while raised; only events count.</summary>
    public ushort Count;

    public AnomalySeverity Severity;

    public readonly bool IsRaised => Raised.IsSet;

    public AlarmStep Judge(bool bad, bool well, Seconds at, TimeSpan raiseAfter, TimeSpan clearAfter)
    {
        // Nothing ends before it began: who tells of the past again takes nothing back.
        if (IsRaised && at < Raised)
        {
            return AlarmStep.None;
        }

        if (!(IsRaised ? well : bad))
        {
            Since = Seconds.Never;
            return AlarmStep.None;
        }

        if (!Since.IsSet || Since > at)
        {
            Since = at;
        }

        Seconds due = IsRaised ? Since.Plus(clearAfter) : Since.Plus(raiseAfter);
        if (due > at)
        {
            return AlarmStep.None;
        }

        return IsRaised ? Lower(AlarmStep.Clear) : Raise(due);
    }

    /// <summary>Raises it at a time that the caller worked out.</summary>
    public AlarmStep Raise(Seconds raised)
    {
        Raised = raised;
        Since = Seconds.Never;
        Count = 1;
        return AlarmStep.Raise;
    }

    private AlarmStep Lower(AlarmStep step)
    {
        Since = Seconds.Never;
        return step;
    }

    /// <summary>Forgets it, once its end has been told.</summary>
    public void Reset() => this = default;
}

/// <summary>The alarms of one device, by kind.</summary>
[InlineArray(Kinds)]
internal struct AlarmSet
{
    public const int Kinds = 18;

    private Alarm _first;

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref Alarm this[AnomalyKind kind] => ref Unsafe.Add(ref _first, (int)kind);
}
