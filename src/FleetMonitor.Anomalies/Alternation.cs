using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>Whether every other value belongs to another device: far from the last one, near the one before it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Alternation
{
    private const float Weight = 1f / 16;
    private const float Factor = 4;
    private const float LeastShare = 0.02f;

    public float Last;
    private float _beforeLast;
    private float _toLast;
    private float _toBeforeLast;

    public void Take(float value)
    {
        _toLast += Weight * (Math.Abs(value - Last) - _toLast);
        _toBeforeLast += Weight * (Math.Abs(value - _beforeLast) - _toBeforeLast);
        (_beforeLast, Last) = (Last, value);
    }

    public readonly bool IsStrong => _toLast > Factor * _toBeforeLast && _toLast > LeastShare * Math.Max(Last, _beforeLast);

    /// <summary>Usual distance of neighbours.</summary>
    public readonly float Distance => _toLast;
}
