using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>
/// Whether a value still moves. A meter that shows whole watts repeats itself often, one that shows milliwatts never does: a run of equal
/// values is judged by how often this one usually changes.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Stuck
{
    private const double Memory = 500;
    private const int LearnsUpTo = 20;
    private const double NaturalLogOfOneInAMillion = -13.8;

    public Seconds Since;
    public ushort Run;
    private ushort _seen;
    private float _changes;

    /// <param name="changed">It is not the value before.</param>
    public void Take(bool changed, Seconds at)
    {
        if (!Since.IsSet)
        {
            Since = at;
            return;
        }

        Run = changed ? (ushort)0 : (ushort)Math.Min(Run + 1, ushort.MaxValue);
        if (Run <= LearnsUpTo)
        {
            _seen = (ushort)Math.Min(_seen + 1, Memory);
            _changes += ((changed ? 1 : 0) - _changes) / _seen;
        }

        if (changed)
        {
            Since = at;
        }
    }

    /// <summary>True where a run this long is a one-in-a-million chance for this value.</summary>
    public readonly bool IsUnlikely => _seen > LearnsUpTo && Run * Math.Log(1 - Math.Min(_changes, 0.999)) < NaturalLogOfOneInAMillion;
}
