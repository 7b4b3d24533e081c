using System.Runtime.CompilerServices;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// Randomness by address: the same seed and index always give the same 64 bits, so the past of a device can be asked for again without
/// keeping it. The finaliser is SplitMix64's (Steele, Lea and Flood, 2014).
/// </summary>
internal static class Mix
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong At(ulong seed, long index)
    {
        ulong z = seed + (((ulong)index + 1) * GoldenGamma);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
